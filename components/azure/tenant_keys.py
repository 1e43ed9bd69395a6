"""The tenants' keys of one environment in its vault of keys, and who may use them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import keyvault

from ..arguments import Arguments
from ..forms import TENANT_NAME
from ..tenants.names import tenant_key_name
from .forms import OBJECT_ID, PrincipalType
from .keys import rotation_policy
from .names import AzureNames, vault_url
from .roles import AzureRole, role_assignment


@dataclass(frozen=True, kw_only=True)
class AzureTenantKeysArgs(Arguments):
    """Arguments of AzureTenantKeys.

    names: the environment's names; the tenants' keys lie in their `keys_vault`.
    tenants: who works for each tenant, by the tenant's name: object ids, each with what it is (Group, ServicePrincipal
        or User). Names are lower case, up to 48 characters.
    rotation_days: time between new versions of a key; days, 7 to 2560; default 365.
    after: what has to be there before, such as the gates of AzureEnvironmentKeys, which makes the vault; default none.
    """

    names: AzureNames
    tenants: Mapping[str, Mapping[str, PrincipalType]]
    rotation_days: int = 365
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        for tenant, principals in self.tenants.items():
            self.require_form(f"tenants.{tenant}", tenant, TENANT_NAME)
            self.require(
                bool(principals), f"tenants.{tenant}", "names nobody", "give the object id of who works for it"
            )
            for who in principals:
                self.require_form(f"tenants.{tenant}.{who}", who, OBJECT_ID)
        self.require(7 <= self.rotation_days <= 2560, "rotation_days", "is not from 7 to 2560 days", "365 is usual")


class AzureTenantKeys(pulumi.ComponentResource):
    """Keys of an environment's tenants in Key Vault: a tenant's key → a working key → a key for each message.

    Creates for each tenant:
    - the RSA key `tenant-<tenant>`, which wraps and unwraps, cannot be exported, and gets a new version every
      `rotation_days`; old versions stay valid, since what they wrapped names them;
    - for each of its principals the role Key Vault Crypto Service Encryption User on this one key: it reads the public
      half, wraps and unwraps, and nothing else.

    The environment's administrators (AzureEnvironmentKeys) rotate and shred the keys. Azure has no built-in role that
    manages keys and cannot use them, so they can unwrap as well.

    Pulumi deletes no tenant's key: Azure Resource Manager cannot. A tenant that is taken out loses its grants, and its
    key stays until an administrator shreds it, or goes with its vault.

    Outputs:
    - `vault_url`: where the vault answers, for the application's AzureKeyStore.
    - `gates`: everything that was created.

    Raises ConfigError for tenants, ids or days that cannot work.
    Sources: Azure, "Azure built-in roles for Security"; Azure Key Vault, "About keys" (RSA-OAEP-256) and "Configure
    cryptographic key auto-rotation".
    """

    vault_url: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AzureTenantKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureTenantKeys", name, None, opts)
        self._args = args
        self.vault_url = vault_url(args.names.keys_vault)
        self.gates = [
            one
            for tenant, principals in args.tenants.items()
            for one in self._tenant(f"{name}-tenant-{tenant}", tenant, principals)
        ]
        self.register_outputs({"vaultUrl": self.vault_url})

    def _tenant(self, name: str, tenant: str, principals: Mapping[str, PrincipalType]) -> list[pulumi.Resource]:
        args, names = self._args, self._args.names
        key = keyvault.Key(
            name,
            key_name=tenant_key_name(tenant),
            vault_name=names.keys_vault,
            resource_group_name=names.resource_group,
            properties=keyvault.KeyPropertiesArgs(
                kty="RSA",
                key_size=3072,
                key_ops=["wrapKey", "unwrapKey"],
                attributes=keyvault.KeyAttributesArgs(enabled=True, exportable=False),
                rotation_policy=rotation_policy(args.rotation_days),
            ),
            tags=names.tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after), retain_on_delete=True),
        )
        return [
            key,
            *(
                role_assignment(
                    f"{name}-user-{who}",
                    role=AzureRole.KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER,
                    scope=f"{names.vault_id(names.keys_vault)}/keys/{tenant_key_name(tenant)}",
                    principal_id=who,
                    principal_type=kind,
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[key]),
                )
                for who, kind in principals.items()
            ),
        ]
