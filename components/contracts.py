"""What crosses from one cloud's folder to another part: small frozen references, and nothing of a cloud's SDK.

A new cloud or manager fills in these references; the Kubernetes components take them as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol, runtime_checkable

import pulumi

from .arguments import Arguments
from .errors import ConfigError
from .forms import DNS_LABEL, DNS_SUBDOMAIN, DNS_ZONE, HTTPS_URL, SECRET_PREFIX


class IdentityKind(StrEnum):
    """How the operator proves who it is to the secret manager."""

    IRSA = "irsa"
    POD_IDENTITY = "podIdentity"
    GKE_PRINCIPAL = "gkePrincipal"
    GKE_SERVICE_ACCOUNT = "gkeServiceAccount"
    AZURE_WORKLOAD_IDENTITY = "azureWorkloadIdentity"
    VAULT_KUBERNETES = "vaultKubernetes"
    VAULT_JWT = "vaultJwt"

    @property
    def manager(self) -> str:
        """The one manager that it opens, by the key under `spec.provider` of a store."""
        return _MANAGERS[self]


_MANAGERS = {
    IdentityKind.IRSA: "aws",
    IdentityKind.POD_IDENTITY: "aws",
    IdentityKind.GKE_PRINCIPAL: "gcpsm",
    IdentityKind.GKE_SERVICE_ACCOUNT: "gcpsm",
    IdentityKind.AZURE_WORKLOAD_IDENTITY: "azurekv",
    IdentityKind.VAULT_KUBERNETES: "vault",
    IdentityKind.VAULT_JWT: "vault",
}

ANNOTATED_KINDS = frozenset({IdentityKind.IRSA, IdentityKind.GKE_SERVICE_ACCOUNT, IdentityKind.AZURE_WORKLOAD_IDENTITY})
"""Kinds that the operator recognises by an annotation of the service account."""


@runtime_checkable
class Names(Protocol):
    """Names of one environment, all known before anything exists."""

    @property
    def prefix(self) -> str: ...

    @property
    def environment(self) -> str: ...

    def secret_name(self, name: str) -> str:
        """What a declared container is called in the manager."""
        ...


@dataclass(frozen=True, kw_only=True)
class KeyRef(Arguments):
    """A key of one environment.

    id: what the provider calls it in full (AWS: the key's ARN; Google Cloud: the crypto key's resource name; Azure: the
        key's URL, for etcd with its version; Vault: `<mount>/keys/<name>`).
    """

    id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class StoreRef(Arguments):
    """The secret manager of one environment, as the operator has to address it.

    backend: the key under `spec.provider` of a store, such as `aws`.
    settings: what stands below that key, without any authentication.
    property: under which key of a secret the library keeps a value, for managers that keep mappings; default none.
    """

    backend: str
    settings: Mapping[str, Any]
    property: str | None = None


@dataclass(frozen=True, kw_only=True)
class CanaryRef(Arguments):
    """A container that the operator fills and reads back: the first sync's, or that of a key made in the cluster.

    remote_key: its name in the manager.
    push_metadata: what a PushSecret must say there, such as the container's tags; default none.
    property: the key of the secret under which one value stands, for managers that keep mappings; default none.
    update_policy: `IfNotExists`, or `Replace` where the operator takes an empty container for a filled one: it then
        writes a single time (external-secrets v0.20.4, Google's `SecretExists`); default IfNotExists.
    """

    remote_key: pulumi.Input[str]
    push_metadata: Mapping[str, Any] | None = None
    property: str | None = None
    update_policy: Literal["IfNotExists", "Replace"] = "IfNotExists"


@dataclass(frozen=True, kw_only=True)
class ServiceAccountRef(Arguments):
    """A Kubernetes service account. Raises ConfigError for names that Kubernetes does not take.

    namespace: its namespace.
    name: its name.
    """

    namespace: str
    name: str

    def __post_init__(self) -> None:
        DNS_LABEL.require("ServiceAccountRef.namespace", self.namespace)
        DNS_SUBDOMAIN.require("ServiceAccountRef.name", self.name)

    @property
    def subject(self) -> str:
        """The `sub` of its tokens."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"


@dataclass(frozen=True, kw_only=True)
class SecretScope(Arguments):
    """Some of an environment's containers, and the service accounts whose tokens open them and no others.

    name: what it is called in the manager: `team-<team>`, or `shared`.
    prefixes: how the containers' names begin; each ends in `/`; at least one.
    service_accounts: one for each store; at least one.

    Raises ConfigError for an empty list, and for a prefix by which a policy would open what belongs to others.
    """

    name: str
    prefixes: Sequence[str]
    service_accounts: Sequence[ServiceAccountRef]

    def __post_init__(self) -> None:
        for name in ("prefixes", "service_accounts"):
            self.require(bool(getattr(self, name)), name, "is empty", "name at least one")
        for index, prefix in enumerate(self.prefixes):
            self.require_form(f"prefixes.{index}", prefix, SECRET_PREFIX)

    def holds(self, container: str) -> bool:
        """Whether a container belongs to it, by its declared name."""
        return container.startswith(tuple(self.prefixes))


@dataclass(frozen=True, kw_only=True)
class ArgoCdAccounts(Arguments):
    """The service accounts of an Argo CD that talk to clusters. Raises ConfigError for names of the wrong form.

    namespace: Argo CD's; default argocd.
    names: what they are called; default as Argo CD's own manifests have it.

    Not `argocd-repo-server`, which runs what repositories bring.
    Source: Argo CD, "Declarative setup", Clusters, EKS.
    """

    namespace: str = "argocd"
    names: Sequence[str] = ("argocd-application-controller", "argocd-applicationset-controller", "argocd-server")

    def __post_init__(self) -> None:
        self.require(bool(self.names), "names", "is empty", "name at least one")
        _ = self.refs

    @property
    def refs(self) -> Sequence[ServiceAccountRef]:
        """Each of them."""
        return [ServiceAccountRef(namespace=self.namespace, name=name) for name in self.names]


OPERATOR_ACCOUNT = ServiceAccountRef(namespace="external-secrets", name="external-secrets")
"""The operator's own service account, unless told otherwise."""


ARGO_CD_ACCOUNTS = ArgoCdAccounts()
"""The service accounts of Argo CD, unless told otherwise."""


ONE_TENANT_EACH = (
    "works for another tenant already, whose data it could then decrypt",
    "give each tenant a service account of its own",
)
"""Why no two tenants have one service account, and how to mend it."""


CERT_MANAGER_ACCOUNT = ServiceAccountRef(namespace="cert-manager", name="cert-manager")
"""The service account of cert-manager's controller, unless told otherwise."""


@dataclass(frozen=True, kw_only=True)
class IdentityRef(Arguments):
    """Who the operator is in the cloud. Raises ConfigError for a kind that the store cannot name, or has to.

    kind: how it proves who it is.
    principal: whom it becomes (AWS: the role's ARN; Google Cloud: the IAM member; Azure: the identity's client id;
        Vault: the role of the auth mount, `<mount>/role/<name>`).
    service_account: whose pods or tokens the role trusts.
    backends: the managers that it can open, such as `aws`.
    annotations: what the service account must carry; default none.
    store_settings: merged into the store's settings (IRSA: `auth`; Pod Identity: nothing); default none.
    presents_token: whether the operator mints a token of the service account, and so needs leave to; default false.
    reviews_token: whether the manager asks the API server about the token with that very token, so that the service
        account needs leave to review tokens; default false.
    gates: what must exist before the operator's pod starts; default none.
    """

    kind: IdentityKind
    principal: pulumi.Input[str]
    service_account: ServiceAccountRef
    backends: frozenset[str]
    annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    store_settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    presents_token: bool = False
    reviews_token: bool = False
    gates: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        # The SDK then takes the token of the reference and not the pod's credentials (external-secrets #2951).
        if self.kind is IdentityKind.POD_IDENTITY and (self.store_settings or self.presents_token):
            raise ConfigError(
                "IdentityRef.store_settings",
                "EKS Pod Identity cannot be combined with a serviceAccountRef: the store must have no `auth`",
                "leave store_settings empty and presents_token false, or use IRSA",
            )
        if self.kind.manager == "vault" and not self.store_settings:
            raise ConfigError(
                "IdentityRef.store_settings",
                "is empty, and Vault lets nobody in whom the store does not name",
                "give `auth` with the mount, the role and the service account",
            )


@dataclass(frozen=True, kw_only=True)
class ClusterRef(Arguments):
    """A running cluster. Raises ConfigError for an issuer that is no https:// address.

    name: the cluster's name.
    issuer_url: where its service accounts' tokens are issued; https://.
    provider: the Pulumi provider that reaches it.
    issuer_thumbprints: SHA-1 of the issuer's top certificate, if no public authority signed it; default none.
    endpoint: its API, https://, where the manager has to reach it (Vault's Kubernetes auth); default none.
    ca_certificate: the authority of the API and of the issuer, PEM, if no public authority signed them; default none.
    gates: what must exist before anything in the cluster; default none.
    """

    name: str
    issuer_url: pulumi.Input[str]
    provider: pulumi.ProviderResource
    issuer_thumbprints: Sequence[pulumi.Input[str]] = ()
    endpoint: pulumi.Input[str] | None = None
    ca_certificate: pulumi.Input[str] | None = None
    gates: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        for field_name, url in (("issuer_url", self.issuer_url), ("endpoint", self.endpoint)):
            if isinstance(url, str):
                HTTPS_URL.require(f"ClusterRef.{field_name}", url)


@dataclass(frozen=True, kw_only=True)
class ClusterEncryption(Arguments):
    """What the creation of a cluster has to be given, so that no Secret is ever written in plain text.

    key: the key that encrypts Secrets; all that EKS and GKE take.
    identity_id: the identity that the cluster must run as, to use the key (AKS: the user-assigned identity's resource
        id); default none.
    node_role_arn: the role of a self-managed control plane's nodes; default none.
    encryption_configuration: what its API server starts with, as YAML; default none.
    kms_plugin: the static pod of its KMS plugin, as YAML; default none.
    gates: what must exist before the cluster; default none.
    """

    key: KeyRef
    identity_id: pulumi.Input[str] | None = None
    node_role_arn: pulumi.Input[str] | None = None
    encryption_configuration: str | None = None
    kms_plugin: pulumi.Input[str] | None = None
    gates: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True, kw_only=True)
class Dns01Ref(Arguments):
    """How cert-manager answers DNS-01 challenges in one hosted zone. Raises ConfigError for a name that is no zone's.

    provider: the key under `dns01` of a solver, such as `route53`.
    settings: what stands below that key.
    zone: the DNS name of the hosted zone, such as `example.com`.
    service_account: whose tokens cert-manager presents, in the namespace of its controller; default none: it uses what
        its controller's pod is.
    pod_labels: what the pod of cert-manager's controller must carry; default none.
    gates: what must exist before cert-manager can answer; default none.
    """

    provider: str
    settings: Mapping[str, Any]
    zone: str
    service_account: ServiceAccountRef | None = None
    pod_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    gates: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        DNS_ZONE.require("Dns01Ref.zone", self.zone)
