"""What the deployer may do: the calls of `up`, `refresh`, `destroy`, `recover` and `verify`, and no others.

It cannot become another role, and what a key's or a secret's own policy refuses, this does not open. Keys have no
statement of their own: a key's policy names its administrators, the deployer among them.
"""

from typing import Any

from bootstrap.localcloud.aws.wire import ACCOUNT

DEPLOYER = "deployer"
POLICY_NAME = "deploy"


def deployer_policy() -> dict[str, Any]:
    """The inline policy of `user/deployer`."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            # A role whose trust names the deployer would let it in without a statement here, so this must be said.
            {
                "Sid": "StayTheDeployer",
                "Effect": "Deny",
                "Action": ["sts:AssumeRole", "sts:TagSession"],
                "Resource": "*",
            },
            # Keys: to create them and to find those that a killed run left. A key's policy grants the rest.
            _allow("CreateAndFindKeys", "kms", ("CreateKey", "ListAliases", "ListKeys"), "*"),
            # Tags come with CreateKey, before the key has a policy that could allow them.
            _allow("TagNewKeys", "kms", ("TagResource",), f"arn:aws:kms:*:{ACCOUNT}:key/*"),
            # The alias's half of the permission; the key's half is in the key's policy.
            _allow("Aliases", "kms", ("CreateAlias", "DeleteAlias", "UpdateAlias"), f"arn:aws:kms:*:{ACCOUNT}:alias/*"),
            # Containers: all that shapes them, and nothing that reads what is in them.
            _allow("ListContainers", "secretsmanager", ("ListSecrets",), "*"),
            _allow(
                "Containers",
                "secretsmanager",
                (
                    "CreateSecret",
                    "DeleteResourcePolicy",
                    "DeleteSecret",
                    "DescribeSecret",
                    "GetResourcePolicy",
                    "PutResourcePolicy",
                    "TagResource",
                    "UntagResource",
                    "UpdateSecret",
                ),
                f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:*",
            ),
            # The one value that the program writes itself, and reads back to see drift: Argo CD's deploy key.
            _allow(
                "DeployKey",
                "secretsmanager",
                ("GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"),
                f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:*/argocd/*",
            ),
            # The table of the tenants' wrapped keys: what shapes it, and nothing that reads or writes an entry.
            _allow(
                "TenantKeys",
                "dynamodb",
                (
                    "CreateTable",
                    "DeleteTable",
                    "DescribeContinuousBackups",
                    "DescribeTable",
                    "ListTagsOfResource",
                    "TagResource",
                    "UntagResource",
                    "UpdateContinuousBackups",
                    "UpdateTable",
                ),
                f"arn:aws:dynamodb:*:{ACCOUNT}:table/*",
            ),
            # Zones, which an issuer of certificates needs: what makes and shows them, and nothing that writes a record.
            _allow("CreateZones", "route53", ("CreateHostedZone",), "*"),
            _allow(
                "Zones",
                "route53",
                ("DeleteHostedZone", "GetHostedZone", "ListResourceRecordSets"),
                "arn:aws:route53:::hostedzone/*",
            ),
            # Roles of the operators and the nodes, with their policies.
            _allow("ListIdentities", "iam", ("ListOpenIDConnectProviders", "ListRoles"), "*"),
            _allow(
                "Roles",
                "iam",
                (
                    "AttachRolePolicy",
                    "CreateRole",
                    "DeleteRole",
                    "DeleteRolePolicy",
                    "DetachRolePolicy",
                    "GetRole",
                    "GetRolePolicy",
                    "ListAttachedRolePolicies",
                    "ListInstanceProfilesForRole",
                    "ListRolePolicies",
                    "PutRolePolicy",
                    "TagRole",
                    "UntagRole",
                    "UpdateAssumeRolePolicy",
                    "UpdateRole",
                ),
                f"arn:aws:iam::{ACCOUNT}:role/*",
            ),
            # Issuers of the clusters, for IRSA.
            _allow(
                "Issuers",
                "iam",
                (
                    "AddClientIDToOpenIDConnectProvider",
                    "CreateOpenIDConnectProvider",
                    "DeleteOpenIDConnectProvider",
                    "GetOpenIDConnectProvider",
                    "ListOpenIDConnectProviderTags",
                    "RemoveClientIDFromOpenIDConnectProvider",
                    "TagOpenIDConnectProvider",
                    "UntagOpenIDConnectProvider",
                    "UpdateOpenIDConnectProviderThumbprint",
                ),
                f"arn:aws:iam::{ACCOUNT}:oidc-provider/*",
            ),
            # Pod Identity: associations, whose roles may be handed to EKS and to nobody else.
            _allow(
                "FindAssociations",
                "eks",
                ("CreatePodIdentityAssociation", "ListPodIdentityAssociations"),
                f"arn:aws:eks:*:{ACCOUNT}:cluster/*",
            ),
            _allow(
                "Associations",
                "eks",
                (
                    "DeletePodIdentityAssociation",
                    "DescribePodIdentityAssociation",
                    "ListTagsForResource",
                    "TagResource",
                    "UntagResource",
                    "UpdatePodIdentityAssociation",
                ),
                f"arn:aws:eks:*:{ACCOUNT}:podidentityassociation/*",
            ),
            {
                **_allow("HandRolesToEks", "iam", ("PassRole",), f"arn:aws:iam::{ACCOUNT}:role/*"),
                "Condition": {"StringEquals": {"iam:PassedToService": "pods.eks.amazonaws.com"}},
            },
        ],
    }


def _allow(sid: str, service: str, actions: tuple[str, ...], resource: str) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": [f"{service}:{action}" for action in actions],
        "Resource": resource,
    }
