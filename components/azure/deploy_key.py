"""An SSH key for Git. It does not register the public half at the Git host: a person does that once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_tls as tls
from pulumi_azure_native import keyvault

from ..arguments import Arguments
from .forms import SECRET_ID, ResourceId


@dataclass(frozen=True, kw_only=True)
class AzureDeployKeyArgs(Arguments):
    """Arguments of AzureDeployKey.

    secret_id: the resource id of the secret that keeps the private half, such as AzureSecretStore.secret_ids has it.
    tags: the secret's tags; default none.
    vault: the vault, if this program made it: the secret goes when it goes; default none.
    after: what must be there before the value, such as the vault's audit log; default none.
    """

    secret_id: str
    tags: dict[str, str] = field(default_factory=dict[str, str])
    vault: pulumi.Resource | None = None
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require_form("secret_id", self.secret_id, SECRET_ID)


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

    Raises ConfigError for an id that is no secret's.
    Sources: pulumi-tls, `PrivateKey` (private outputs are secrets); Microsoft.KeyVault/vaults/secrets.
    """

    public_key: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AzureDeployKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureDeployKey", name, None, opts)
        secret_id = ResourceId.of(args.secret_id)
        _, vault, _, secret_name = secret_id.path
        key = tls.PrivateKey(f"{name}-key", algorithm="ED25519", opts=pulumi.ResourceOptions(parent=self))
        secret = keyvault.Secret(
            f"{name}-value",
            secret_name=secret_name,
            vault_name=vault,
            resource_group_name=secret_id.resource_group,
            # The SDK does not mark it by itself.
            properties=keyvault.SecretPropertiesArgs(value=pulumi.Output.secret(key.private_key_openssh)),
            tags=args.tags,
            # Azure Resource Manager deletes no single secret.
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.after, deleted_with=args.vault),
        )
        self.public_key = key.public_key_openssh
        self.gates = [secret]
        self.register_outputs({"publicKey": self.public_key})
