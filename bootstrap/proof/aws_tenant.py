"""A tenant's role in AWS: the operator's own, for another prefix and for a service account of another namespace."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bootstrap.proof import stage
from bootstrap.proof.tenants import PREFIX, TENANT, Grant
from bootstrap.verification.aws import AwsView


@contextmanager
def tenant_role(view: AwsView) -> Iterator[Grant]:
    """The role, as the deployer makes it, for the store of a tenant that presents its own account's token (IRSA)."""
    iam = view.client(view.deployer, "iam")
    operator = view.references["identityRoleArn"].rpartition("/")[2]
    account, prefix = view.references["serviceAccount"], view.references["secretPrefix"]
    tenant = f"{prefix.replace('/', '-')}{TENANT}"
    trust = json.dumps(iam.get_role(RoleName=operator)["Role"]["AssumeRolePolicyDocument"])
    trust = trust.replace(f"serviceaccount:{account['namespace']}:", f"serviceaccount:{stage.OUTSIDE}:")
    _remove(iam, tenant)
    made = iam.create_role(RoleName=tenant, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    try:
        for name in iam.list_role_policies(RoleName=operator)["PolicyNames"]:
            document = json.dumps(iam.get_role_policy(RoleName=operator, PolicyName=name)["PolicyDocument"])
            own = document.replace(f":{prefix}", f":{prefix}{PREFIX}")
            iam.put_role_policy(RoleName=tenant, PolicyName=name, PolicyDocument=own)
        yield Grant(provider=stage.shared_provider(view), annotations={"eks.amazonaws.com/role-arn": made})
    finally:
        _remove(iam, tenant)


def _remove(iam: Any, role: str) -> None:
    try:
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            iam.delete_role_policy(RoleName=role, PolicyName=name)
        iam.delete_role(RoleName=role)
    except iam.exceptions.NoSuchEntityException:
        return
