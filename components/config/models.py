"""The parts of an environment's configuration. In YAML, fields are written in camelCase."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from .rules import (
    Duration,
    GitSshUrl,
    HttpsUrl,
    KubernetesName,
    LabelKey,
    LabelValue,
    NamespacePattern,
    SecretName,
    fault,
    require_pinned,
)


class ConfigModel(BaseModel, frozen=True):
    """Base of every part: frozen, unknown fields refused, values never repeated in errors."""

    model_config = ConfigDict(
        extra="forbid", alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


class ServiceAccountConfig(ConfigModel, frozen=True):
    """A Kubernetes service account.

    namespace: its namespace.
    name: its name.
    """

    namespace: KubernetesName
    name: KubernetesName


class ConditionConfig(ConfigModel, frozen=True):
    """Who may use the store. Exactly one of the three is given.

    namespaces: names; default none.
    namespaceSelector: labels that a namespace must have, all of them; default none.
    namespaceRegexes: RE2 expressions from ^ to $, of which one must match the name; default none.
    """

    namespaces: Annotated[tuple[KubernetesName, ...], Field(min_length=1)] | None = None
    namespace_selector: Annotated[dict[LabelKey, LabelValue], Field(min_length=1)] | None = None
    namespace_regexes: Annotated[tuple[NamespacePattern, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(value is not None for _, value in self) != 1:
            raise fault(
                "must have exactly one of namespaces, namespaceSelector and namespaceRegexes",
                "keep one of them; write several conditions for several rules",
            )
        return self


class StoreConfig(ConfigModel, frozen=True):
    """The ClusterSecretStore.

    conditions: who may use it; at least one, since a store without any is open to all (external-secrets #2240).
    name: its name in the cluster; default the environment's name.
    existing: whether the store of this name is there already and is used as it is; default false.
    """

    conditions: Annotated[tuple[ConditionConfig, ...], Field(min_length=1)]
    name: KubernetesName | None = None
    existing: bool = False


_OF_THE_RELEASE = frozenset({"webhook", "chart", "repository", "version", "timeout_seconds"})


class OperatorConfig(ConfigModel, frozen=True):
    """The operator and its chart.

    namespace: where it runs; default external-secrets.
    serviceAccount: its own service account; default external-secrets.
    existing: whether the operator is there already and is used as it is; default false.
    grantPermissions: whether an existing operator's service account gets the roles that one installed here has; default
        false: it keeps what it has and gets nothing.
    webhook: whether its validating webhook runs; default true.
    chart: the chart's name in the repository, its oci:// address, or a folder; default external-secrets.
    repository: https:// address of the chart's repository, null for oci:// and a folder; default the project's own.
    version: the chart's version, null for a folder; default 0.20.4.
    timeoutSeconds: how long its pods may take to be ready; seconds, 30 to 3600; default 300.
    """

    namespace: KubernetesName = "external-secrets"
    service_account: KubernetesName = "external-secrets"
    existing: bool = False
    grant_permissions: bool = False
    webhook: bool = True
    chart: str = "external-secrets"
    repository: HttpsUrl | None = "https://charts.external-secrets.io"
    version: str | None = "0.20.4"
    timeout_seconds: Annotated[int, Field(ge=30, le=3600)] = 300

    @model_validator(mode="after")
    def _installed_or_adopted(self) -> Self:
        if not self.existing and "grant_permissions" in self.model_fields_set:
            raise fault(
                "has no meaning for an operator that is installed here: it always gets its roles",
                "remove it, or set existing to true",
                "grantPermissions",
            )
        for field in sorted(self.model_fields_set & _OF_THE_RELEASE):
            if self.existing:
                raise fault(
                    "has no meaning for an operator that is there already: it stays as it is",
                    "remove it, or set existing to false",
                    to_camel(field),
                )
        return self

    @model_validator(mode="after")
    def _pinned(self) -> Self:
        require_pinned(self.chart, self.repository, self.version)
        return self


class FirstSyncConfig(ConfigModel, frozen=True):
    """The canary.

    namespace: where its objects live; default secrets-bootstrap.
    secret: the name of its container; default canary.
    refreshInterval: how often it is read again; a number and s, m or h; default 1h.
    timeoutSeconds: how long each step of the first sync may take; seconds, 10 to 3600; default 300.
    """

    namespace: KubernetesName = "secrets-bootstrap"
    secret: SecretName = "canary"  # noqa: S105 - a container's name
    refresh_interval: Duration = "1h"
    timeout_seconds: Annotated[int, Field(ge=10, le=3600)] = 300


class RepositoryConfig(ConfigModel, frozen=True):
    """A Git repository that Argo CD reads by SSH with a deploy key made here.

    name: what it is called in Argo CD; the key's container is `argocd/<name>`.
    url: its address, git@HOST:PATH or ssh://git@HOST/PATH.
    deployKey: who makes the key: `state` (Pulumi, its private half stays in the state, encrypted) or `generated` (the
        operator in the cluster, its private half is in the manager alone); default state.
    """

    name: KubernetesName
    url: GitSshUrl
    deploy_key: Literal["state", "generated"] = "state"


class ArgoCdConfig(ConfigModel, frozen=True):
    """Argo CD's secrets.

    repository: the repository that it reads first.
    namespace: Argo CD's namespace; default argocd.
    createNamespace: whether it is created here; false if Argo CD is installed already; default true.
    """

    repository: RepositoryConfig
    namespace: KubernetesName = "argocd"
    create_namespace: bool = True


class ClusterConfig(ConfigModel, frozen=True):
    """The cluster; each kind has fields of its own.

    kind: the kind.
    name: the cluster's name; default `<prefix>-<environment>`.
    """

    kind: str
    name: KubernetesName | None = None
