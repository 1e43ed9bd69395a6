"""An SSH key for Git. It does not register the public half at the Git host: a person does that once."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_tls as tls

from ..arguments import Arguments


@dataclass(frozen=True, kw_only=True)
class AwsDeployKeyArgs(Arguments):
    """Arguments of AwsDeployKey.

    secret_id: the name or ARN of the empty container that keeps the private half.
    after: what must be there before the value, such as the container's policy; default none.
    """

    secret_id: pulumi.Input[str]
    after: Sequence[pulumi.Resource] = ()


class AwsDeployKey(pulumi.ComponentResource):
    """A deploy key: an Ed25519 key pair whose private half goes to Secrets Manager.

    Creates:
    - the key pair (`tls.PrivateKey`);
    - the container's value (`SecretVersion`).

    The private half stays in Pulumi's state, encrypted. It is the library's one exception: a Git host must know the
    public half before anything can be read from it.

    Outputs:
    - `public_key`: the public half in OpenSSH's form.
    - `gates`: the container's value.

    Source: pulumi-tls, `PrivateKey` (private outputs are secrets).
    """

    public_key: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsDeployKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsDeployKey", name, None, opts)
        key = tls.PrivateKey(f"{name}-key", algorithm="ED25519", opts=pulumi.ResourceOptions(parent=self))
        version = aws.secretsmanager.SecretVersion(
            f"{name}-value",
            secret_id=args.secret_id,
            secret_string=key.private_key_openssh,
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.after),
        )
        self.public_key = key.public_key_openssh
        self.gates = [version]
        self.register_outputs({"publicKey": self.public_key})
