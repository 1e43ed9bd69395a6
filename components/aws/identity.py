"""The operator's identity on AWS, of the kind that the environment chose."""

import pulumi

from ..contracts import ClusterRef, IdentityKind, IdentityRef
from .config import AwsEnvironmentConfig
from .irsa import AwsIrsaIdentity, AwsIrsaIdentityArgs
from .names import AwsNames
from .operator_role import OperatorGrant
from .pod_identity import AwsPodIdentity, AwsPodIdentityArgs


def create_identity(
    name: str,
    *,
    names: AwsNames,
    environment: AwsEnvironmentConfig,
    grant: OperatorGrant,
    cluster: ClusterRef,
    opts: pulumi.ResourceOptions,
) -> IdentityRef:
    """Create AwsPodIdentity or AwsIrsaIdentity for a cluster."""
    chosen, account = environment.identity, environment.store_account
    if chosen.kind is IdentityKind.POD_IDENTITY:
        pod_args = AwsPodIdentityArgs(names=names, cluster=cluster, service_account=account, grant=grant)
        return AwsPodIdentity(name, pod_args, opts).identity
    irsa_args = AwsIrsaIdentityArgs(
        names=names,
        cluster=cluster,
        service_account=account,
        grant=grant,
        oidc_provider_arn=chosen.oidc_provider_arn,
    )
    return AwsIrsaIdentity(name, irsa_args, opts).identity
