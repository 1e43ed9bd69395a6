"""The key of one environment's SOPS files, in its vault of keys: who may write and who may open them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import authorization, keyvault

from ..arguments import Arguments
from ..contracts import KeyRef
from .forms import OBJECT_ID, PrincipalType
from .names import AzureNames
from .roles import role_assignment

_KEY = "sops"
_ACTIONS = {
    "editor": ("Microsoft.KeyVault/vaults/keys/encrypt/action", "Microsoft.KeyVault/vaults/keys/decrypt/action"),
    "applier": ("Microsoft.KeyVault/vaults/keys/decrypt/action",),
}


@dataclass(frozen=True, kw_only=True)
class AzureSopsKeyArgs(Arguments):
    """Arguments of AzureSopsKey.

    names: the environment's names; the key lies in their `keys_vault`.
    editors: who encrypts and opens files, by object id, each with what it is (Group, ServicePrincipal or User): who
        writes them, and who runs `sops updatekeys`; at least one.
    appliers: who only opens them, in the same way, such as the pipeline that runs `sops apply`; default none.
    after: what has to be there before, such as the gates of AzureEnvironmentKeys, which makes the vault; default none.
    """

    names: AzureNames
    editors: Mapping[str, PrincipalType]
    appliers: Mapping[str, PrincipalType] = field(default_factory=dict[str, PrincipalType])
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require(bool(self.editors), "editors", "is empty", "name at least one")
        for name in ("editors", "appliers"):
            for who in getattr(self, name):
                self.require_form(f"{name}.{who}", who, OBJECT_ID)


class AzureSopsKey(pulumi.ComponentResource):
    """The RSA key for the SOPS files of one environment, in the environment's vault of keys.

    Creates:
    - the key `sops`, which encrypts and decrypts and cannot be exported. It is never rotated by itself: SOPS names one
      version, and a new one has to be written into `sops-recipients.yaml`;
    - for the editors a custom role that encrypts and decrypts, for the appliers one that decrypts: the built-in ones
      wrap, sign or back up keys too;
    - a grant for each of them on this key alone.

    The environment's administrators (AzureEnvironmentKeys) can use the key as well: Azure has no built-in role that
    manages keys and cannot use them. And whoever has the public half encrypts by himself: only opening is guarded.

    Pulumi deletes no key: Azure Resource Manager cannot. It stays until an administrator deletes it, or goes with its
    vault.

    Outputs:
    - `key`: the key with its version (KeyRef); its id goes into `sops-recipients.yaml`.
    - `gates`: everything that was created.

    Raises ConfigError for ids that cannot work, and if there is no editor.
    Sources: getsops/sops v3.13.3, `azkv/keysource.go` (`Encrypt` and `Decrypt` with RSA-OAEP-256, no other call);
    Azure, "Azure built-in roles for Security", "Azure permissions for Security" and "Azure custom roles".
    """

    key: KeyRef
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AzureSopsKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureSopsKey", name, None, opts)
        self._name, self._names = name, args.names
        key = keyvault.Key(
            f"{name}-key",
            key_name=_KEY,
            vault_name=args.names.keys_vault,
            resource_group_name=args.names.resource_group,
            properties=keyvault.KeyPropertiesArgs(
                kty="RSA",
                key_size=3072,
                key_ops=["encrypt", "decrypt"],
                attributes=keyvault.KeyAttributesArgs(enabled=True, exportable=False),
            ),
            tags=args.names.tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after), retain_on_delete=True),
        )
        self.key = KeyRef(id=key.key_uri_with_version)
        self.gates = [key, *self._grants("editor", args.editors, key), *self._grants("applier", args.appliers, key)]
        self.register_outputs({"keyUrl": self.key.id})

    def _grants(self, what: str, who: Mapping[str, PrincipalType], key: keyvault.Key) -> list[pulumi.Resource]:
        """A role of these actions, and its grant to each; none if there is nobody."""
        if not who:
            return []
        names = self._names
        vault = names.vault_id(names.keys_vault)
        group = vault.partition("/providers/")[0]
        role_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{vault.lower()}|{_KEY}|{what}"))
        role = authorization.RoleDefinition(
            f"{self._name}-{what}-role",
            role_definition_id=role_id,
            role_name=names.name(f"{_KEY}-{what}"),
            description="Encrypt and decrypt by a key" if what == "editor" else "Decrypt by a key",
            role_type="CustomRole",
            scope=group,
            assignable_scopes=[group],
            permissions=[authorization.PermissionArgs(data_actions=list(_ACTIONS[what]))],
            opts=pulumi.ResourceOptions(parent=self),
        )
        grants = [
            role_assignment(
                f"{self._name}-{what}-{one}",
                role=role_id,
                scope=f"{vault}/keys/{_KEY}",
                principal_id=one,
                principal_type=kind,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[role, key]),
            )
            for one, kind in who.items()
        ]
        return [role, *grants]
