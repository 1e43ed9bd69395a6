"""An SSH key for Git. It does not register the public half at the Git host: a person does that once."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_tls as tls
import pulumi_vault as vault

from ..arguments import Arguments
from ..forms import SECRET_NAME
from .forms import MOUNT
from .secret_store import PROPERTY


@dataclass(frozen=True, kw_only=True)
class VaultDeployKeyArgs(Arguments):
    """Arguments of VaultDeployKey.

    mount: the path of the environment's kv engine.
    container: the name of the empty container that keeps the private half.
    after: what must be there before the value, such as the container; default none.
    """

    mount: str
    container: str
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require_form("mount", self.mount, MOUNT)
        self.require_form("container", self.container, SECRET_NAME)


class VaultDeployKey(pulumi.ComponentResource):
    """A deploy key: an Ed25519 key pair whose private half goes to Vault, under the key `value`.

    Creates:
    - the key pair (`tls.PrivateKey`);
    - the container's value (`kv.SecretV2`).

    The private half stays in Pulumi's state, encrypted. It is the library's one exception: a Git host must know the
    public half before anything can be read from it.

    Outputs:
    - `public_key`: the public half in OpenSSH's form.
    - `gates`: the container's value.

    Raises ConfigError for a mount or a name of the wrong form.
    Source: pulumi-tls, `PrivateKey` (private outputs are secrets).
    """

    public_key: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: VaultDeployKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:VaultDeployKey", name, None, opts)
        key = tls.PrivateKey(f"{name}-key", algorithm="ED25519", opts=pulumi.ResourceOptions(parent=self))
        value = vault.kv.SecretV2(
            f"{name}-value",
            mount=args.mount,
            name=args.container,
            data_json=pulumi.Output.json_dumps({PROPERTY: key.private_key_openssh}),
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.after),
        )
        self.public_key = key.public_key_openssh
        self.gates = [value]
        self.register_outputs({"publicKey": self.public_key})
