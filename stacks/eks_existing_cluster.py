"""An EKS cluster that is there already: it is read and checked, and nothing of it is created, changed or destroyed."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components import ClusterRef, ConfigError
from stacks.eks_cluster import EksClusterArgs, eks_provider, issuer_of


def existing_eks_cluster(name: str, args: EksClusterArgs, opts: pulumi.ResourceOptions) -> ClusterRef:
    """The cluster of the name `args.cluster_name`. Nothing is created in it before its encryption is checked.

    name: in front of the names of what is read.
    args: the cluster's name, the key that must encrypt its Secrets, and the role that the program takes to reach it.
    opts: options of what is read.

    Raises ConfigError, once the cluster is read, if another key or none encrypts its Secrets and the configuration does
    not say that any encryption will do.
    Source: EKS API Reference, `EncryptionConfig` and `AssociateEncryptionConfig`.
    """
    cluster = aws.eks.Cluster.get(f"{name}-eks", args.cluster_name, opts=opts)

    def check(values: list[Any]) -> tuple[str, str]:
        has, wanted, endpoint, issuer = values
        if args.settings.encryption == "environmentKey" and has != wanted:
            raise _other_encryption(args.names.environment)
        return endpoint, issuer

    checked = pulumi.Output.all(
        cluster.encryption_config.apply(lambda encryption: encryption.provider.key_arn if encryption else None),
        args.encryption_key.id,
        cluster.endpoint,
        cluster.identities.apply(issuer_of),
    ).apply(check)
    provider = eks_provider(name, args, cluster, checked.apply(lambda values: values[0]), opts)
    return ClusterRef(
        name=args.cluster_name,
        issuer_url=checked.apply(lambda values: values[1]),
        provider=provider,
        gates=[provider],
    )


def _other_encryption(environment: str) -> ConfigError:
    return ConfigError(
        f"environments.{environment}.cluster.encryption",
        "the cluster's Secrets are encrypted by another key than the environment's key for etcd, or by EKS's own",
        "name the cluster's key in keys.existing.etcd; if it has none, give it the environment's key by `aws eks "
        "associate-encryption-config` (it cannot be taken back); or accept what it has with encryption: any",
    )
