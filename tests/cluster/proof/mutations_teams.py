"""Controls of teams in AWS, and of what stands beside an environment there, taken away and put back."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any

from bootstrap.proof.aws_teams import identity_of
from bootstrap.proof.teams import container_of, namespace_of
from bootstrap.verification.aws import IRSA_AUDIENCE, AwsView
from tests.cluster.proof import mutations_aws as aws
from tests.cluster.proof.mutations import everybody_uses_the_store

Mutation = Callable[[], AbstractContextManager[None]]


def mutations(view: AwsView, other: AwsView) -> dict[str, Mutation]:
    """How the control of each attack on teams, and on what stands beside them, is taken away."""
    return {**_of_teams(view), **_of_ci(view, other), **_of_tenants(view), **_of_dns01(view), **_of_sops(view, other)}


def _of_teams(view: AwsView) -> dict[str, Mutation]:
    owner, other = view.references["teams"]
    roles = {team: str(identity_of(view, team)["roleArn"]) for team in (owner, other)}
    shared = roles[owner].replace(f"team-{owner}", "shared")
    return {
        f"the store of team {other} reads a secret of team {owner}": lambda: _reads(
            view, roles[other], container_of(view, owner)
        ),
        f"the store of team {owner} reads a secret of team {other}": lambda: _reads(
            view, roles[owner], container_of(view, other)
        ),
        f"the store that all teams share reads a secret of team {owner}": lambda: _reads(
            view, shared, container_of(view, owner)
        ),
        f"team {owner} uses the environment's own store": lambda: everybody_uses_the_store(
            view, namespace_of(view, owner)
        ),
        f"the service account of team {other} takes the role of team {owner}": lambda: aws.trusted(
            view, roles[owner], without=[":sub"]
        ),
        f"the role of team {owner} writes a secret": lambda: aws.allowed(
            view, "secretsmanager:PutSecretValue", role=roles[owner]
        ),
    }


def _of_ci(view: AwsView, other: AwsView) -> dict[str, Mutation]:
    ci = view.references["ci"]["roleArn"]
    return {
        "another service account takes CI's role": lambda: aws.trusted(view, ci, without=[":sub"]),
        "a token for another audience takes CI's role": lambda: aws.audience_known(view, "vault", ci),
        f"CI of {other.name} takes CI's role": lambda: _trusts_too(view, ci, other),
        "CI reads a secret": lambda: _uses(view, ci, "secrets", "secretsmanager:GetSecretValue", "kms:Decrypt"),
        "CI takes the operator's role": lambda: aws.trusted(
            view, Principal={"AWS": ci}, Action=["sts:AssumeRole"], Condition={}
        ),
    }


def _of_tenants(view: AwsView) -> dict[str, Mutation]:
    keys = view.references["tenantKeys"]
    owner, other = keys["tenants"]
    roles = {tenant: keys["tenants"][tenant]["roleArn"] for tenant in (owner, other)}
    return {
        f"tenant {other} unwraps the key of tenant {owner}": lambda: aws.allowed(
            view, "kms:Decrypt", role=roles[other]
        ),
        f"tenant {owner} has the key of all tenants deleted": lambda: _uses(
            view, roles[owner], "tenants", "kms:ScheduleKeyDeletion"
        ),
        "whoever brings tenants in unwraps a tenant's key": lambda: _uses(
            view, keys["administratorRoleArn"], "tenants", "kms:Decrypt"
        ),
    }


def _of_dns01(view: AwsView) -> dict[str, Mutation]:
    role = view.references["dns01"]["roleArn"]
    writes = partial(aws.allowed, view, "route53:ChangeResourceRecordSets", role=role)
    return {
        "another service account takes the role for DNS-01": lambda: aws.trusted(view, role, without=[":sub"]),
        "the role for DNS-01 writes an address": writes,
        "the role for DNS-01 writes a record that is not ACME's": writes,
    }


def _of_sops(view: AwsView, other: AwsView) -> dict[str, Mutation]:
    editor = view.client(view.writer, "sts").get_caller_identity()["Arn"]
    return {
        "the operator opens a SOPS file": lambda: aws.decrypts(view, "sops", "kms:Decrypt"),
        f"CI of {other.name} opens a SOPS file": lambda: _uses(
            view, other.references["ci"]["roleArn"], "sops", "kms:Decrypt"
        ),
        f"somebody makes a SOPS file of {other.name} with this key": lambda: aws.key_opened(
            view, "sops", editor, "kms:Encrypt"
        ),
        "the administrator of the sops key uses it": lambda: aws.key_opened(
            view, "sops", aws.deployer_of(view), "kms:Encrypt"
        ),
    }


@contextmanager
def _uses(view: AwsView, role: str, purpose: str, *actions: str) -> Iterator[None]:
    """A role may do more, and a key's policy lets it: for the key's actions either alone is not enough."""
    keys = [action for action in actions if action.startswith("kms:")]
    with aws.allowed(view, *actions, role=role), aws.key_opened(view, purpose, aws.root(view), *keys):
        yield


@contextmanager
def _reads(view: AwsView, role: str, container: str) -> Iterator[None]:
    """A role reads everything, and a container has no policy: either alone opens nothing."""
    manager, address = view.client(view.deployer, "secretsmanager"), view.address_of(container)
    kept = manager.get_resource_policy(SecretId=address)["ResourcePolicy"]
    with ExitStack() as stack:
        stack.enter_context(aws.allowed(view, "secretsmanager:GetSecretValue", "kms:Decrypt", role=role))
        manager.delete_resource_policy(SecretId=address)
        stack.callback(lambda: manager.put_resource_policy(SecretId=address, ResourcePolicy=kept))
        yield


@contextmanager
def _trusts_too(view: AwsView, role: str, other: AwsView) -> Iterator[None]:
    """A role trusts the same service account of another cluster as well."""
    iam, name = view.client(view.deployer, "iam"), aws.role_name(view, role)
    kept: dict[str, Any] = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    hosts = [one.references["issuerUrl"].removeprefix("https://") for one in (view, other)]
    theirs = json.loads(json.dumps(kept["Statement"][0]).replace(*hosts))
    assert theirs["Condition"]["StringEquals"][f"{hosts[1]}:aud"] == IRSA_AUDIENCE
    wide = {**kept, "Statement": [*kept["Statement"], {**theirs, "Sid": "Theirs"}]}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(wide))
    yield
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(kept))
