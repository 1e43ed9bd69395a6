"""Sealed Secrets in the configuration, and what they may not share with the rest of the environment."""

from collections.abc import Collection, Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..deletion import DeletionProfile
from ..faults import Distinct, fault
from ..teams import IN_EVERY_CLUSTER, Found
from .models import ConfigModel
from .rules import HttpsUrl, KubernetesName, require_creatable, require_pinned


class SealedSecretsConfig(ConfigModel, frozen=True):
    """The controller of Sealed Secrets.

    namespaces: where SealedSecrets are opened, of the environment's namespaces; at least one.
    namespace: the controller's own, created here, with its keys and nothing else; default sealed-secrets.
    firstKey: who makes the first key: `cluster` (the controller) or `state` (Pulumi, its private half stays in the
        state, encrypted); default cluster.
    recreate: whether a deleted Secret is made again; the controller may then list all Secrets of the namespaces;
        default false.
    chart: the chart's name in the repository, its oci:// address, or a folder; default sealed-secrets.
    repository: https:// address of the chart's repository, null for oci:// and a folder; default the project's own.
    version: the chart's version, null for a folder; default 2.19.3.
    timeoutSeconds: how long its pod may take to be ready; seconds, 30 to 3600; default 300.
    """

    namespaces: Annotated[tuple[KubernetesName, ...], Field(min_length=1), Distinct]
    namespace: KubernetesName = "sealed-secrets"
    first_key: Literal["cluster", "state"] = "cluster"
    recreate: bool = False
    chart: str = "sealed-secrets"
    repository: HttpsUrl | None = "https://bitnami.github.io/sealed-secrets"
    version: str | None = "2.19.3"
    timeout_seconds: Annotated[int, Field(ge=30, le=3600)] = 300

    @model_validator(mode="after")
    def _pinned(self) -> Self:
        require_pinned(self.chart, self.repository, self.version)
        return self


class SealedEnvironmentConfig(ConfigModel, frozen=True):
    """One environment without a secret manager: a cluster with Sealed Secrets.

    namespaces: your namespaces, created here; at least one.
    sealedSecrets: the controller, and which of the namespaces it serves.
    clusterName: the cluster's name; default `<prefix>-<environment>`.
    deletionProfile: durable or ephemeral; default durable.
    """

    namespaces: Annotated[tuple[KubernetesName, ...], Field(min_length=1), Distinct]
    sealed_secrets: SealedSecretsConfig
    cluster_name: KubernetesName | None = None
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE

    @model_validator(mode="after")
    def _namespaces(self) -> Self:
        for index, namespace in enumerate(self.namespaces):
            require_creatable(namespace, f"namespaces.{index}")
        for field, reason, mend in problems_of_sealed(self.sealed_secrets, self.namespaces):
            raise fault(reason, mend, field)
        return self


def problems_of_sealed(
    sealed: SealedSecretsConfig, namespaces: Collection[str], others: Collection[str] = ()
) -> Iterator[Found]:
    """What is wrong with an environment's Sealed Secrets: the field below the environment, the reason, the mend.

    namespaces: where SealedSecrets may be. others: the environment's other namespaces.
    """
    for index, namespace in enumerate(sealed.namespaces):
        if namespace not in namespaces:
            yield (
                f"sealedSecrets.namespaces.{index}",
                "is none of the environment's namespaces and of no team",
                "add it to the environment's namespaces, or remove it here",
            )
    if sealed.namespace in {*namespaces, *others, *IN_EVERY_CLUSTER}:
        yield (
            "sealedSecrets.namespace",
            "is there for something else, and whoever may write or list Secrets there would have the sealing keys",
            "give the controller a namespace of its own",
        )
