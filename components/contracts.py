"""What crosses from one cloud's folder to another part: small frozen references, and nothing of a cloud's SDK.

A new cloud or manager fills in these references; the Kubernetes components take them as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pulumi

from .errors import ConfigError


class IdentityKind(StrEnum):
    """How the operator proves who it is to the secret manager."""

    IRSA = "irsa"
    POD_IDENTITY = "podIdentity"


@dataclass(frozen=True, kw_only=True)
class KeyRef:
    """A key of one environment. `id` is what the provider calls it in full (AWS: the key's ARN)."""

    id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class StoreRef:
    """The secret manager of one environment, as the operator has to address it.

    `backend` is the key under `spec.provider` of a SecretStore, `settings` is what stands there without any
    authentication.
    """

    backend: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CanaryRef:
    """The container that the first sync fills and reads back.

    Its name in the manager and what a PushSecret must say there.
    """

    remote_key: pulumi.Input[str]
    push_metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class ServiceAccountRef:
    """A Kubernetes service account."""

    namespace: str
    name: str


OPERATOR_ACCOUNT = ServiceAccountRef(namespace="external-secrets", name="external-secrets")
"""The operator's own service account, unless told otherwise."""


@dataclass(frozen=True, kw_only=True)
class IdentityRef:
    """Who the operator is in the cloud.

    `store_settings` is merged into the store's settings (IRSA: `auth`; Pod Identity: nothing). `backends` are the
    managers that the
    identity can open. `presents_token` says that the operator mints a token of the service account, so it needs leave
    to do so.
    `gates` are what must exist before the operator's pod starts.
    """

    kind: IdentityKind
    principal: pulumi.Input[str]
    service_account: ServiceAccountRef
    backends: frozenset[str]
    annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    store_settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    presents_token: bool = False
    gates: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        # The SDK then takes the token of the reference and not the pod's credentials (external-secrets #2951).
        if self.kind is IdentityKind.POD_IDENTITY and (self.store_settings or self.presents_token):
            raise ConfigError(
                "IdentityRef.store_settings",
                "EKS Pod Identity cannot be combined with a serviceAccountRef: the store must have no `auth`",
                "leave store_settings empty and presents_token false, or use IRSA",
            )


@dataclass(frozen=True, kw_only=True)
class ClusterRef:
    """A running cluster: its name, where its tokens are issued, and the provider that reaches it."""

    name: str
    issuer_url: pulumi.Input[str]
    provider: pulumi.ProviderResource
    issuer_thumbprints: Sequence[pulumi.Input[str]] = ()
    gates: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True, kw_only=True)
class ClusterEncryption:
    """What the creation of a cluster has to be given, so that no Secret is ever written in plain text.

    EKS takes `key`; a self-managed control plane takes the other three. `gates` must exist first.
    """

    key: KeyRef
    node_role_arn: pulumi.Input[str] | None = None
    encryption_configuration: str | None = None
    kms_plugin: pulumi.Input[str] | None = None
    gates: Sequence[pulumi.Resource] = ()
