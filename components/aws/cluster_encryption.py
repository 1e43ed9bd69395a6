"""How an etcd gets at the environment's key: EKS by a grant, a self-managed control plane by its node's role."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import ClusterEncryption, KeyRef
from ..forms import DNS_LABEL, IMAGE
from ..kubernetes.encryption.aws import aws_kms_plugin
from ..kubernetes.encryption.configuration import KmsProvider, encryption_configuration
from .forms import KEY_ARN
from .names import NODE_ROLE, AwsNames
from .policies import ENCRYPTION_CONTEXT_KEY, node_policy
from .statements import to_json
from .trust import service_trust


def eks_encryption_config(key: KeyRef) -> aws.eks.ClusterEncryptionConfigArgs:
    """What `aws.eks.Cluster` takes as `encryption_config`.

    key: the environment's key for etcd; it must outlive the cluster, and this cannot be taken back.

    The cluster's role has to be called `<prefix>-<environment>-eks-cluster`: the key's policy lets that name describe
    the key, without which EKS upgrades no cluster.
    Source: EKS API Reference, `EncryptionConfig` (`secrets` is the only resource).
    """
    return aws.eks.ClusterEncryptionConfigArgs(
        provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=key.id), resources=["secrets"]
    )


@dataclass(frozen=True, kw_only=True)
class AwsNodeEncryptionArgs(Arguments):
    """Arguments of AwsNodeEncryption.

    names: the environment's names.
    etcd_key: the key to encrypt with, by its ARN (an alias moves).
    plugin_image: the image of aws-encryption-provider, with a tag or digest.
    provider_name: the KMS provider's name, written into every value, so it cannot change once used; default aws-kms-1.
    """

    names: AwsNames
    etcd_key: KeyRef
    plugin_image: str
    provider_name: str = "aws-kms-1"

    def __post_init__(self) -> None:
        self.require_form("etcd_key.id", self.etcd_key.id, KEY_ARN)
        self.require_form("plugin_image", self.plugin_image, IMAGE)
        self.require_form("provider_name", self.provider_name, DNS_LABEL)


class AwsNodeEncryption(pulumi.ComponentResource):
    """Encryption at rest for a self-managed control plane.

    Creates:
    - the nodes' role `<prefix>-<environment>-node`, which EC2 may take, since static pods have no service account;
    - the role's policy for this one key.

    Outputs:
    - `encryption`: the EncryptionConfiguration, the plugin's static pod and the role (ClusterEncryption).
    - `gates`: the role and its policy.

    Raises ConfigError for a key that is no ARN, or an image or provider's name of the wrong form.
    Sources: kubernetes-sigs/aws-encryption-provider, README; Kubernetes, "Using a KMS provider for data encryption".
    """

    encryption: ClusterEncryption
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsNodeEncryptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsNodeEncryption", name, None, opts)
        names, children = args.names, pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-node",
            name=names.role_name(NODE_ROLE),
            description=f"Control-plane nodes of {names.prefix} {names.environment}: encrypt etcd",
            assume_role_policy=to_json(service_trust("ec2.amazonaws.com")),
            tags=names.tags(),
            opts=children,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-node-policy",
            name="encrypt-etcd",
            role=role.name,
            policy=pulumi.Output.from_input(args.etcd_key.id).apply(
                lambda arn: to_json(node_policy(names, etcd_key_arn=arn))
            ),
            opts=children,
        )
        self.gates = [role, policy]
        self.encryption = node_encryption(args, role.arn, self.gates)
        self.register_outputs({"nodeRoleArn": role.arn})


def node_encryption(
    args: AwsNodeEncryptionArgs, role_arn: pulumi.Input[str], gates: Sequence[pulumi.Resource] = ()
) -> ClusterEncryption:
    """What the creation of a self-managed control plane has to be given, once its nodes' role is there.

    args: the key, the plugin and its name.
    role_arn: the nodes' role.
    gates: what must exist before the cluster; default none.
    """
    return ClusterEncryption(
        key=args.etcd_key,
        node_role_arn=role_arn,
        encryption_configuration=encryption_configuration(KmsProvider(name=args.provider_name)),
        kms_plugin=pulumi.Output.from_input(args.etcd_key.id).apply(
            lambda arn: aws_kms_plugin(
                image=args.plugin_image,
                key_id=arn,
                region=args.names.region,
                encryption_context={ENCRYPTION_CONTEXT_KEY: args.names.environment},
            )
        ),
        gates=gates,
    )
