"""A Key Vault for secrets. It writes no value: Key Vault has no empty secrets, so only their names are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from ..arguments import Arguments
from ..contracts import CanaryRef, StoreRef
from ..deletion import DeletionProfile
from ..forms import SECRET_NAME, TENANTS_FOLDER
from ..operator_filled import require_operator_filled
from .forms import OBJECT_ID, VAULT_ID, VAULT_SECRET_NAME, PrincipalType, ResourceId
from .names import AzureNames, vault_url
from .roles import AzureRole, role_assignment
from .vault import PRIVATE_ENDPOINTS_ONLY, AzureVaultNetwork, key_vault


@dataclass(frozen=True, kw_only=True)
class AzureSecretSpec(Arguments):
    """One name that is kept for a secret.

    readers: who may read it besides the operator, by object id, each with what it is (Group, ServicePrincipal or
        User); default none.
    """

    readers: Mapping[str, PrincipalType] = field(default_factory=dict[str, PrincipalType])


@dataclass(frozen=True, kw_only=True)
class AzureSecretStoreArgs(Arguments):
    """Arguments of AzureSecretStore.

    names: the environment's names; in the vault, `/` in a secret's name is `--`.
    network: which networks reach the vault, the nodes' among them; default none: private endpoints only.
    canary: the name of the secret for the first sync, not under `tenants/`; default canary.
    operator_filled: names of other containers that the operator fills, not under `tenants/`; default none.
    secrets: the other names; default none.
    writers: who puts values under the names of `secrets`, by object id, each with what it is; default none.
    deletion_profile: what a destroy does; DURABLE protects the vault; default DURABLE.
    existing_vault_id: the resource id of a vault to adopt, called `names.secrets_vault`; its networks and its deletion
        stay as they are; default none.
    """

    names: AzureNames
    network: AzureVaultNetwork = PRIVATE_ENDPOINTS_ONLY
    canary: str = "canary"
    operator_filled: Sequence[str] = ()
    secrets: Mapping[str, AzureSecretSpec] = field(default_factory=dict[str, AzureSecretSpec])
    writers: Mapping[str, PrincipalType] = field(default_factory=dict[str, PrincipalType])
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    existing_vault_id: str | None = None

    def __post_init__(self) -> None:
        self.require(self.canary not in self.secrets, f"secrets.{self.canary}", "is the canary's name", "remove it")
        self.require_form("canary", self.canary, SECRET_NAME, VAULT_SECRET_NAME)
        self.require(
            not self.canary.startswith(TENANTS_FOLDER),
            "canary",
            "lies among the tenants' secrets, where the operator may write nothing",
            f"choose a name that does not begin with {TENANTS_FOLDER}",
        )
        require_operator_filled(self, self.operator_filled, {self.canary, *self.secrets}, VAULT_SECRET_NAME)
        for who in self.writers:
            self.require_form(f"writers.{who}", who, OBJECT_ID)
        for name, spec in self.secrets.items():
            self.require_form(f"secrets.{name}", name, SECRET_NAME, VAULT_SECRET_NAME)
            for who in spec.readers:
                self.require_form(f"secrets.{name}.readers.{who}", who, OBJECT_ID)
        if self.existing_vault_id is not None:
            self._require_adoptable(self.existing_vault_id)

    def _require_adoptable(self, vault_id: str) -> None:
        self.require_form("existing_vault_id", vault_id, VAULT_ID)
        vault = ResourceId.of(vault_id)
        self.require(
            vault.subscription_id == self.names.subscription_id,
            "existing_vault_id",
            "lies in another subscription than the environment",
            "name one of this environment's",
        )
        self.require(
            vault.path[-1] == self.names.secrets_vault,
            "existing_vault_id",
            "is not called as the names have it",
            "give names.secrets_vault the name of this vault",
        )
        self.require(
            self.network == PRIVATE_ENDPOINTS_ONLY,
            "network",
            "has no effect on a vault that is adopted: its networks stay as they are",
            "remove network or existing_vault_id",
        )


class AzureSecretStore(pulumi.ComponentResource):
    """The environment's Key Vault for secrets, shared with no other environment.

    Creates:
    - the vault, unless it is adopted: by roles alone, closed to all networks but the named ones;
    - for each name and writer the role Key Vault Secrets Officer on this one secret;
    - for each name and reader the role Key Vault Secrets User on this one secret.

    Key Vault has no empty secrets, so none is made: `secrets` are names that are kept and granted on. A value makes the
    secret. Key Vault encrypts values with keys of its own: a customer's key is not to be had.

    Outputs:
    - `store`: the secret manager (StoreRef).
    - `canary`: the secret for the first sync (CanaryRef).
    - `vault`: the vault that was created; None if it is adopted.
    - `vault_id`: the vault's resource id.
    - `secret_ids`: the resource ids of the secrets by name, whether they exist or not.
    - `gates`: everything that was created.

    Raises ConfigError for names, principals or ids that cannot work.
    Sources: Azure Key Vault, "Provide access with Azure RBAC" (scopes of single secrets); external-secrets v0.20.4,
    `pkg/provider/azure/keyvault`, `PushSecret` (tags; `managed-by` is its own).
    """

    store: StoreRef
    canary: CanaryRef
    vault: pulumi.Resource | None
    vault_id: str
    secret_ids: Mapping[str, str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AzureSecretStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureSecretStore", name, None, opts)
        self._name, names = name, args.names
        self.vault = None
        if args.existing_vault_id is None:
            self.vault = key_vault(
                f"{name}-vault",
                names=names,
                vault=names.secrets_vault,
                profile=args.deletion_profile,
                network=args.network,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.vault_id = args.existing_vault_id or names.vault_id(names.secrets_vault)
        keys = (args.canary, *args.operator_filled, *args.secrets)
        self.secret_ids = {key: secret_id(self.vault_id, names, key) for key in keys}
        grants = [
            grant
            for key, spec in args.secrets.items()
            for role, who in (
                (AzureRole.KEY_VAULT_SECRETS_OFFICER, args.writers),
                (AzureRole.KEY_VAULT_SECRETS_USER, spec.readers),
            )
            for grant in self._grants(key, role, who)
        ]
        self.gates = [*([self.vault] if self.vault else ()), *grants]
        self.store, self.canary = store_ref(names), canary_ref(names, args.canary)
        self.register_outputs({"vaultUrl": vault_url(names.secrets_vault), "secretIds": self.secret_ids})

    def _grants(self, key: str, role: AzureRole, principals: Mapping[str, PrincipalType]) -> list[pulumi.Resource]:
        what = "writer" if role is AzureRole.KEY_VAULT_SECRETS_OFFICER else "reader"
        return [
            role_assignment(
                f"{self._name}-{key}-{what}-{who}",
                role=role,
                scope=self.secret_ids[key],
                principal_id=who,
                principal_type=kind,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[self.vault] if self.vault else []),
            )
            for who, kind in principals.items()
        ]


def store_ref(names: AzureNames) -> StoreRef:
    """The environment's secret manager."""
    return StoreRef(
        backend="azurekv",
        settings={
            "vaultUrl": vault_url(names.secrets_vault),
            "authType": "WorkloadIdentity",
            "tenantId": names.tenant_id,
        },
    )


def canary_ref(names: AzureNames, canary: str) -> CanaryRef:
    """The secret for the first sync."""
    return CanaryRef(
        remote_key=names.secret_name(canary),
        push_metadata={
            "apiVersion": "kubernetes.external-secrets.io/v1alpha1",
            "kind": "PushSecretMetadata",
            "spec": {"tags": names.tags()},
        },
    )


def secret_id(vault_id: str, names: AzureNames, name: str) -> str:
    """The resource id of a secret by its declared name, to grant on it before it exists."""
    return f"{vault_id}/secrets/{names.secret_name(name)}"
