"""Argo CD's repository and cluster secrets. It installs no Argo CD: they come first, so that it starts from nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
import pulumi_kubernetes as kubernetes

from ..arguments import Arguments
from ..forms import DNS_LABEL, DNS_SUBDOMAIN, DURATION, GIT_SSH_URL, HTTPS_URL, is_credential_variable
from .durations import canonical_duration
from .store_spec import API_VERSION, remote_ref
from .waiting import wait_until_ready

_LABEL = "argocd.argoproj.io/secret-type"
# Argo CD reads these names in any case (Go, `encoding/json`).
_FORBIDDEN_IN_CLUSTER = frozenset({"bearertoken", "password", "username", "keydata", "certdata"})


@dataclass(frozen=True, kw_only=True)
class ArgoRepository:
    """A repository that is read by SSH.

    url: its address, git@HOST:PATH or ssh://git@HOST/PATH.
    remote_key: the private key's name in the manager.
    property: the key of that secret under which the private key stands, for managers that keep mappings; default none.
    """

    url: str
    remote_key: pulumi.Input[str]
    property: str | None = None


@dataclass(frozen=True, kw_only=True)
class ArgoCluster:
    """A cluster that Argo CD deploys to.

    server: its API, https://; default the cluster that Argo CD runs in.
    config: how Argo CD gets in, by its own identity and without a credential; default its service account.
    """

    server: pulumi.Input[str] = "https://kubernetes.default.svc"
    config: Mapping[str, Any] = field(default_factory=lambda: {"tlsClientConfig": {"insecure": False}})


@dataclass(frozen=True, kw_only=True)
class ArgoCdSecretsArgs(Arguments):
    """Arguments of ArgoCdSecrets.

    namespace: Argo CD's; it must exist.
    store_name: the ClusterSecretStore that holds the repositories' keys.
    repositories: what Argo CD reads, by name; default none.
    clusters: what Argo CD deploys to, by name; default none.
    refresh_interval: how often the keys are read again; a number and s, m or h; default 1h.
    timeout_seconds: how long a key may take to be there; seconds, 10 to 3600; default 300.
    after: what must be ready before, such as the first sync; default none.
    """

    namespace: str
    store_name: str
    repositories: Mapping[str, ArgoRepository] = field(default_factory=dict[str, ArgoRepository])
    clusters: Mapping[str, ArgoCluster] = field(default_factory=dict[str, ArgoCluster])
    refresh_interval: str = "1h"
    timeout_seconds: int = 300
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require_form("namespace", self.namespace, DNS_LABEL)
        self.require_form("store_name", self.store_name, DNS_SUBDOMAIN)
        self.require_form("refresh_interval", self.refresh_interval, DURATION)
        self.require_timeout(self.timeout_seconds)
        for name, repository in self.repositories.items():
            self.require_form(f"repositories.{name}", name, DNS_LABEL)
            self.require_form(f"repositories.{name}.url", repository.url, GIT_SSH_URL)
        for name, cluster in self.clusters.items():
            self.require_form(f"clusters.{name}", name, DNS_LABEL)
            self.require_form(f"clusters.{name}.server", cluster.server, HTTPS_URL)
            # `execProviderConfig.env` has keys of its own.
            found = [
                key
                for key in _keys(cluster.config)
                if key.lower() in _FORBIDDEN_IN_CLUSTER or is_credential_variable(key)
            ]
            self.require(
                not found,
                f"clusters.{name}.config",
                f"holds a credential ({', '.join(found)}), which would end up in the state",
                "let Argo CD get in by its own identity: awsAuthConfig or execProviderConfig",
            )


def _keys(value: object) -> Iterator[str]:
    """Every key of nested mappings and lists."""
    if isinstance(value, Mapping):
        for key, inner in cast(Mapping[object, object], value).items():
            yield str(key)
            yield from _keys(inner)
    elif isinstance(value, list | tuple):
        for inner in cast(Sequence[object], value):
            yield from _keys(inner)


class ArgoCdSecrets(pulumi.ComponentResource):
    """Repository secrets as references, cluster secrets without credentials.

    Creates:
    - for each repository an ExternalSecret, whose Secret `repository-<name>` has Argo CD's label and the private key;
    - for each cluster a Secret `cluster-<name>`.

    Outputs:
    - `repository_secrets`: the Secrets' names by repository.
    - `gates`: everything that was created.

    Raises ConfigError for names, addresses or times of the wrong form, and if a cluster's config holds a credential.
    Source: Argo CD, "Declarative setup" (labels and keys).
    """

    repository_secrets: Mapping[str, str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: ArgoCdSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:ArgoCdSecrets", name, None, opts)
        self._args, self._options = args, pulumi.ResourceOptions(parent=self, depends_on=args.after)
        self.repository_secrets = {key: f"repository-{key}" for key in args.repositories}
        self.gates = [
            *(self._repository(f"{name}-repository-{key}", key, one) for key, one in args.repositories.items()),
            *(self._cluster(f"{name}-cluster-{key}", key, one) for key, one in args.clusters.items()),
        ]
        self.register_outputs({"namespace": args.namespace, "repositorySecrets": self.repository_secrets})

    def _repository(self, name: str, key: str, repository: ArgoRepository) -> pulumi.Resource:
        secret = self.repository_secrets[key]
        remote = remote_ref(repository.remote_key, repository.property)
        template = {
            "metadata": {"labels": {_LABEL: "repository"}},
            "data": {"type": "git", "url": repository.url, "sshPrivateKey": "{{ .sshPrivateKey }}"},
        }
        return kubernetes.apiextensions.CustomResource(
            name,
            api_version=API_VERSION,
            kind="ExternalSecret",
            metadata={
                "name": secret,
                "namespace": self._args.namespace,
                "annotations": wait_until_ready(self._args.timeout_seconds),
            },
            spec={
                "refreshInterval": canonical_duration(self._args.refresh_interval),
                "secretStoreRef": {"kind": "ClusterSecretStore", "name": self._args.store_name},
                "target": {"name": secret, "creationPolicy": "Owner", "deletionPolicy": "Retain", "template": template},
                "data": [{"secretKey": "sshPrivateKey", "remoteRef": remote}],
            },
            opts=self._options,
        )

    def _cluster(self, name: str, key: str, cluster: ArgoCluster) -> pulumi.Resource:
        return kubernetes.core.v1.Secret(
            name,
            metadata={"name": f"cluster-{key}", "namespace": self._args.namespace, "labels": {_LABEL: "cluster"}},
            string_data={
                "name": key,
                "server": cluster.server,
                "config": pulumi.Output.json_dumps(cluster.config, sort_keys=True),
            },
            opts=self._options,
        )
