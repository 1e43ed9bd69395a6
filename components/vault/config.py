"""The configuration of an environment on Vault. In YAML, fields are written in camelCase."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..config.environment import Belonging, EnvironmentConfig, IdentityConfig
from ..config.models import ClusterConfig, ConfigModel
from ..config.rules import HttpsUrl, Image, KubernetesName, SecretName, formed
from ..contracts import IdentityKind, Names
from ..faults import Distinct, fault
from ..forms import DNS_SUBDOMAIN
from . import forms
from .names import VaultNames

MountPath = Annotated[str, formed(forms.MOUNT)]
KeyId = Annotated[str, formed(forms.KEY_ID)]
Audience = Annotated[str, formed(forms.AUDIENCE)]
Certificates = Annotated[str, formed(forms.CERTIFICATES)]
NodeName = Annotated[str, formed(DNS_SUBDOMAIN)]


class VaultIdentityConfig(IdentityConfig, frozen=True):
    """How the operator gets into Vault.

    kind: `vaultKubernetes` or `vaultJwt`.
    audience: what the operator's tokens are meant for; a word that only this Vault answers to, such as vault.
    serviceAccountRef: another service account than the operator's own; default none.
    apiAudience: what the API server takes a token as meant for itself by (`vaultKubernetes` only); default the
        cluster's issuer.
    existingMount: the path of an auth method to adopt; its settings stay as they are; default none.
    tokenTtlSeconds: how long a login lasts; seconds, 120 to 3600; default 600.
    """

    kind: Literal[IdentityKind.VAULT_KUBERNETES, IdentityKind.VAULT_JWT]
    audience: Audience
    api_audience: Audience | None = None
    existing_mount: MountPath | None = None
    token_ttl_seconds: Annotated[int, Field(ge=120, le=3600)] = 600

    @model_validator(mode="after")
    def _possible_pair(self) -> Self:
        if self.kind is IdentityKind.VAULT_JWT and self.api_audience is not None:
            raise fault(
                "has no meaning with vaultJwt: Vault asks the API server about no token",
                "remove apiAudience, or set kind to vaultKubernetes",
                "apiAudience",
            )
        return self


class VaultExistingKeys(ConfigModel, frozen=True):
    """Keys to adopt instead of creating them, each as `<mount>/keys/<name>`. Their rotation stays as it is.

    secrets: the key for what lies outside Vault; default none.
    etcd: the key of the cluster's Secrets; default none.
    tenants: the tenants' key; default none.
    """

    secrets: KeyId | None = None
    etcd: KeyId | None = None
    tenants: KeyId | None = None

    def by_role(self) -> dict[str, str]:
        return {role: key for role, key in self if key is not None}


class VaultKeysConfig(ConfigModel, frozen=True):
    """The environment's keys in the transit engine.

    rotationDays: days between new versions of a key; 1 to 3650; default 365.
    existing: keys to adopt; default none.
    """

    rotation_days: Annotated[int, Field(ge=1, le=3650)] = 365
    existing: VaultExistingKeys = VaultExistingKeys()


class VaultEngineConfig(ConfigModel, frozen=True):
    """The environment's kv engine.

    maxVersions: how many versions of a value are kept; 1 to 1000; default 10.
    deleteVersionsAfterDays: when a version is deleted by itself; days, 0 (never) to 3650; default 0.
    existingMount: the path of a kv engine, version 2, to adopt; its settings stay as they are; default none.
    """

    max_versions: Annotated[int, Field(ge=1, le=1000)] = 10
    delete_versions_after_days: Annotated[int, Field(ge=0, le=3650)] = 0
    existing_mount: MountPath | None = None


class VaultSecretConfig(ConfigModel, frozen=True):
    """One container in the kv engine, created empty.

    description: what it is for; up to 512 characters; default none.
    existing: whether it is in the mount already and stays as it is; default false.
    """

    description: Annotated[str, Field(max_length=512)] | None = None
    existing: bool = False


class VaultSelfManagedClusterConfig(ClusterConfig, frozen=True):
    """A control plane that you run yourself, encrypted by a KMS plugin on Vault's transit engine.

    kind: selfManaged.
    kmsPluginImage: the image of vault-kubernetes-kms, v1.4 or later, with a tag or digest.
    machineCaCertificate: the authority of your machines' certificates, PEM.
    nodeNames: the common names of the control-plane nodes in their certificates; at least one.
    name: the cluster's name; default `<prefix>-<environment>`.
    certMount: the path of Vault's TLS certificate auth method, which is there already; default cert.
    encryptionProviderName: written into every encrypted value, so it cannot change once used; default vault-kms-1.
    """

    kind: Literal["selfManaged"]
    kms_plugin_image: Image
    machine_ca_certificate: Certificates
    node_names: Annotated[tuple[NodeName, ...], Field(min_length=1), Distinct]
    cert_mount: MountPath = "cert"
    encryption_provider_name: KubernetesName = "vault-kms-1"


class VaultEnvironmentConfig(EnvironmentConfig, frozen=True):
    """One environment in one Vault: keys, secrets, a cluster, and how the cluster gets at the secrets.

    backend: vault.
    address: where Vault answers; https://.
    cluster: the cluster, of kind selfManaged.
    identity: how the operator gets into Vault.
    store: the ClusterSecretStore and who may use it.
    caCertificate: the authority of Vault's own certificate, PEM; default none: a public one.
    namespaces: your namespaces, created here; the operator writes Secrets in them; default none.
    teams: teams with stores of their own, by name; default none.
    sharedPrefixes: how the names of the containers begin that all teams may read; each ends in `/`; default none.
    secrets: containers by name; default none.
    engine: the kv engine of the containers.
    deletionProfile: durable or ephemeral; default durable.
    keys: the keys' rotation, and keys to adopt; default new ones.
    operator: the operator and its chart.
    firstSync: the canary.
    argocd: Argo CD's first repository; default none.
    sealedSecrets: Sealed Secrets beside the manager; default none.
    """

    backend: Literal["vault"]
    address: HttpsUrl
    cluster: VaultSelfManagedClusterConfig
    identity: VaultIdentityConfig
    ca_certificate: Certificates | None = None
    secrets: dict[SecretName, VaultSecretConfig] = Field(default_factory=dict[str, VaultSecretConfig])
    engine: VaultEngineConfig = VaultEngineConfig()
    keys: VaultKeysConfig = VaultKeysConfig()

    def names(self, prefix: str, environment: str) -> VaultNames:
        return VaultNames(prefix=prefix, environment=environment, address=self.address)

    def secret_names(self) -> frozenset[str]:
        return frozenset(self.secrets)

    def place(self) -> tuple[str, ...]:
        return (self.address.rstrip("/"),)

    def belongings(self) -> Iterator[Belonging]:
        for role, key in self.keys.existing.by_role().items():
            yield Belonging("key", (*self.place(), key), f"keys.existing.{role}")
        if self.engine.existing_mount:
            yield Belonging("kv engine", (*self.place(), self.engine.existing_mount), "engine.existingMount")

    def problems(self, names: Names) -> Iterator[tuple[str, str, str]]:
        assert isinstance(names, VaultNames)
        mount = self.engine.existing_mount or names.mount("secrets")
        own = {"firstSync.secret": self.first_sync.secret, "argocd.repository.name": self.deploy_key_secret}
        for field, name in {**{f"secrets.{one}": one for one in self.secrets}, **own}.items():
            if name is not None and names.is_misread(name, mount):
                yield (
                    field,
                    "begins with the mount's own path, which the operator takes off: it would read another container",
                    "choose another name",
                )
