"""An SSH key for Git, kept in Secret Manager. It does not register the public half at the Git host."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
import pulumi_tls as tls

from ..arguments import Arguments
from .forms import MEMBER
from .roles import SECRET_ACCESSOR, SECRET_VERSION_MANAGER


@dataclass(frozen=True, kw_only=True)
class GcpDeployKeyArgs(Arguments):
    """Arguments of GcpDeployKey.

    secret_id: the empty container that keeps the private half: `projects/PROJECT/secrets/ID`.
    deployers: IAM members who run the program: they write the value, and read it back to see drift; at least one.
    """

    secret_id: pulumi.Input[str]
    deployers: Sequence[str]

    def __post_init__(self) -> None:
        self.require(bool(self.deployers), "deployers", "is empty", "name the IAM member who runs the program")
        for index, member in enumerate(self.deployers):
            self.require_form(f"deployers.{index}", member, MEMBER)


class GcpDeployKey(pulumi.ComponentResource):
    """A deploy key: an Ed25519 key pair whose private half goes to Secret Manager.

    Creates:
    - the key pair (`tls.PrivateKey`);
    - two grants for each deployer on this one container: manage its versions, and read them;
    - the container's value (`SecretVersion`), after the grants.

    The private half stays in Pulumi's state, encrypted. It is the library's one exception: a Git host must know the
    public half before anything can be read from it.

    Outputs:
    - `public_key`: the public half in OpenSSH's form.
    - `gates`: the container's value.

    Raises ConfigError without a deployer, or for one that is no IAM member.
    Sources: pulumi-tls, `PrivateKey` (private outputs are secrets); Secret Manager, "Access control with IAM".
    """

    public_key: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: GcpDeployKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GcpDeployKey", name, None, opts)
        key = tls.PrivateKey(f"{name}-key", algorithm="ED25519", opts=pulumi.ResourceOptions(parent=self))
        grants = [
            gcp.secretmanager.SecretIamMember(
                f"{name}-{what}-{member}",
                secret_id=args.secret_id,
                role=role,
                member=member,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for member in args.deployers
            for what, role in (("manager", SECRET_VERSION_MANAGER), ("reader", SECRET_ACCESSOR))
        ]
        version = gcp.secretmanager.SecretVersion(
            f"{name}-value",
            secret=args.secret_id,
            secret_data=key.private_key_openssh,
            opts=pulumi.ResourceOptions(parent=self, depends_on=grants),
        )
        self.public_key = key.public_key_openssh
        self.gates = [version]
        self.register_outputs({"publicKey": self.public_key})
