"""An SSH key for Git. It does not register the public half at the Git host: a person does that once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_tls as tls
from pulumi_azure_native import keyvault

from ..arguments import Arguments
from .forms import VAULT_ID, VAULT_SECRET_NAME, ResourceId


@dataclass(frozen=True, kw_only=True)
class AzureDeployKeyArgs(Arguments):
    """Arguments of AzureDeployKey.

    vault_id: the resource id of the vault that keeps the private half.
    secret_name: the name of the secret in the vault, with `--` for `/`.
    tags: the secret's tags; default none.
    vault: the vault, if this program made it: the secret goes when it goes; default none.
    after: what must be there before the value, such as the vault's audit log; default none.
    """

    vault_id: str
    secret_name: str
    tags: dict[str, str] = field(default_factory=dict[str, str])
    vault: pulumi.Resource | None = None
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require_form("vault_id", self.vault_id, VAULT_ID)
        self.require_form("secret_name", self.secret_name, VAULT_SECRET_NAME)


class AzureDeployKey(pulumi.ComponentResource):
    """A deploy key: an Ed25519 key pair whose private half goes to Key Vault, through Azure Resource Manager.

    Creates:
    - the key pair (`tls.PrivateKey`);
    - the secret with its value (`keyvault.Secret`).

    The private half stays in Pulumi's state, encrypted. It is the library's one exception: a Git host must know the
    public half before anything can be read from it.

    Outputs:
    - `public_key`: the public half in OpenSSH's form.
    - `gates`: the secret.

    Raises ConfigError for a vault or a name that cannot be.
    Sources: pulumi-tls, `PrivateKey` (private outputs are secrets); Microsoft.KeyVault/vaults/secrets.
    """

    public_key: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AzureDeployKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureDeployKey", name, None, opts)
        vault_id = ResourceId.of(args.vault_id)
        key = tls.PrivateKey(f"{name}-key", algorithm="ED25519", opts=pulumi.ResourceOptions(parent=self))
        secret = keyvault.Secret(
            f"{name}-value",
            secret_name=args.secret_name,
            vault_name=vault_id.path[-1],
            resource_group_name=vault_id.resource_group,
            properties=keyvault.SecretPropertiesArgs(value=key.private_key_openssh),
            tags=args.tags,
            # Azure Resource Manager deletes no single secret.
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.after, deleted_with=args.vault),
        )
        self.public_key = key.public_key_openssh
        self.gates = [secret]
        self.register_outputs({"publicKey": self.public_key})
