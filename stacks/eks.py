"""AWS: every environment gets an EKS cluster that is created with the environment's key wired in, or adopted."""

from collections.abc import Sequence
from typing import Any

import pulumi

from components import ClusterEncryption, ClusterRef, ConfigError, Foundation, SecretsBootstrap, SecretsBootstrapArgs
from components.aws.config import AwsEnvironmentConfig, EksClusterConfig
from components.config.parse import BootstrapConfig
from components.contracts import IdentityKind
from stacks.aws_audit import audit_trails
from stacks.eks_cluster import EksCluster, EksClusterArgs, principal_name
from stacks.eks_existing_cluster import existing_eks_cluster
from stacks.environments import aws_providers, read_config, read_foundations


def run() -> None:
    """Bootstrap every environment and export references to what was made; never a value.

    Foundations are created, or are those of the stack that `foundationStack` names.
    """
    config = read_config()
    for name, environment in config.environments.items():
        if not isinstance(environment, AwsEnvironmentConfig) or not isinstance(environment.cluster, EksClusterConfig):
            raise ConfigError(f"environments.{name}.cluster.kind", "the eks topology creates EKS", "set it to eks")
        _require_names_of_their_own(f"environments.{name}.deployers", environment.deployers)
    foundations, providers = read_foundations(config), aws_providers(config)
    made = {name: eks_environment(name, config, providers[name], foundations.get(name)) for name in config.environments}
    pulumi.export("environments", made)
    if not foundations:
        pulumi.export("auditTrails", audit_trails(config, providers))


def _require_names_of_their_own(field: str, arns: Sequence[str]) -> None:
    """Each deployer's access entry is called by the last part of the ARN, so no two may have the same."""
    seen: set[str] = set()
    for index, arn in enumerate(arns):
        who = principal_name(arn)
        if who in seen:
            raise ConfigError(f"{field}.{index}", "ends like another one's ARN", "give the roles different names")
        seen.add(who)


def eks_environment(
    environment: str, config: BootstrapConfig, provider: pulumi.ProviderResource, foundation: Foundation | None
) -> dict[str, Any]:
    """One environment on AWS, on a foundation that is there or a new one: its references."""
    chosen = config.environments[environment]
    assert isinstance(chosen, AwsEnvironmentConfig)
    names = chosen.names(config.prefix, environment)

    def create_cluster(name: str, encryption: ClusterEncryption, options: pulumi.ResourceOptions) -> ClusterRef:
        assert isinstance(chosen.cluster, EksClusterConfig)
        cluster_args = EksClusterArgs(
            names=names,
            cluster_name=config.cluster_name(environment),
            settings=chosen.cluster,
            encryption_key=encryption.key,
            administrators=chosen.deployers,
            pod_identity=chosen.identity.kind is IdentityKind.POD_IDENTITY,
            protect=chosen.deletion_profile.protect,
            role_arn=chosen.deployer_role_arn,
        )
        if chosen.cluster.existing:
            return existing_eks_cluster(name, cluster_args, pulumi.ResourceOptions(parent=options.parent))
        return EksCluster(name, cluster_args, options).cluster

    bootstrap = SecretsBootstrap(
        environment,
        SecretsBootstrapArgs(names=names, environment=chosen, create_cluster=create_cluster, foundation=foundation),
        pulumi.ResourceOptions(providers=[provider]),
    )
    return dict(bootstrap.references)
