"""An identity that opens some of the environment's containers: a team's, or that of what all teams share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import ClusterRef, IdentityRef, KeyRef, SecretScope
from .config import AwsEnvironmentConfig
from .irsa import identity_by_token
from .names import AwsNames
from .oidc_provider import trust_by_tokens
from .statements import to_json
from .team_policies import role_problems, team_policy


@dataclass(frozen=True, kw_only=True)
class AwsTeamIdentityArgs(Arguments):
    """Arguments of AwsTeamIdentity.

    names: the environment's names.
    cluster: where tokens are issued.
    scope: which containers, and whose tokens (`team_scopes`).
    secrets_key: the key of the environment's containers; its policy has to let the role in (`team_key_statements`).
    oidc_provider_arn: the IAM OIDC provider of the cluster's issuer; default AwsNames.oidc_provider_arn of it, which
        the operator's identity made.
    after: what must be there before, such as that provider; default none.
    """

    names: AwsNames
    cluster: ClusterRef
    scope: SecretScope
    secrets_key: KeyRef
    oidc_provider_arn: pulumi.Input[str] | None = None
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        for field, reason, mend in role_problems(self.names, self.scope):
            self.require(False, f"scope.{field}", reason, mend)


class AwsTeamIdentity(pulumi.ComponentResource):
    """A role that the service accounts of one team can take with their own tokens, and that reads the team's secrets.

    Creates:
    - the role `<prefix>-<environment>-team-<team>` (of what is shared: `-shared`), which trusts exactly these `sub`s;
    - its policy: GetSecretValue and Decrypt for the containers under the team's prefixes.

    Outputs:
    - `identities`: who opens the manager, for each namespace (IdentityRef).
    - `role_arn`: the role's ARN.
    - `gates`: the role and its policy.

    Raises ConfigError for a team's name that is too long for a role's, and too many namespaces for one trust policy.
    Sources: EKS User Guide, "IAM roles for service accounts"; IAM User Guide, "IAM and AWS STS quotas".
    """

    identities: Mapping[str, IdentityRef]
    role_arn: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsTeamIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsTeamIdentity", name, None, opts)
        names, scope = args.names, args.scope
        children = pulumi.ResourceOptions(parent=self, depends_on=args.after)
        role = aws.iam.Role(
            f"{name}-role",
            name=names.role_name(scope.name),
            description=f"External Secrets of {names.prefix} {names.environment}: read {scope.name}",
            assume_role_policy=trust_by_tokens(
                names=names,
                cluster=args.cluster,
                accounts=scope.service_accounts,
                oidc_provider_arn=args.oidc_provider_arn,
            ),
            tags=names.tags(),
            opts=children,
        )
        document = pulumi.Output.from_input(args.secrets_key.id).apply(
            lambda arn: to_json(team_policy(names, secrets_key_arn=arn, prefixes=scope.prefixes))
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy", name="read-secrets", role=role.name, policy=document, opts=children
        )
        self.role_arn, self.gates = role.arn, [role, policy]
        self.identities = {
            one.namespace: identity_by_token(one, role.arn, self.gates) for one in scope.service_accounts
        }
        self.register_outputs({"roleArn": role.arn})


def create_team_identity(
    name: str,
    *,
    names: AwsNames,
    environment: AwsEnvironmentConfig,
    secrets_key: KeyRef,
    scope: SecretScope,
    cluster: ClusterRef,
    operator: IdentityRef,
    opts: pulumi.ResourceOptions,
) -> Mapping[str, IdentityRef]:
    """Create AwsTeamIdentity for a cluster."""
    args = AwsTeamIdentityArgs(
        names=names,
        cluster=cluster,
        scope=scope,
        secrets_key=secrets_key,
        oidc_provider_arn=environment.identity.oidc_provider_arn,
        after=operator.gates,
    )
    return AwsTeamIdentity(name, args, opts).identities
