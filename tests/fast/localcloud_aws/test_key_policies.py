"""Every action of every statement in the keys' policies is needed by somebody's work, and any other is unneeded.

The judge is the guard. Nobody has a permission on keys by IAM but where his statement asks for one, so it is the
statement that lets him in.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import parliament
import pytest

from components.aws import policies, statements
from components.aws.names import EKS_CLUSTER_ROLE, NODE_ROLE, OPERATOR_ROLE
from components.aws.statements import Document, allow, document, to_json
from components.aws.trust import service_trust
from tests.fast.localcloud_aws.key_work import READER, WORK, Key, documents
from tests.fast.localcloud_aws.world import DEPLOY_KEY, REGION, World, refused_by_policy

# What IAM allows to those who work, beside the operator and the node.
_ROLES = {
    "least-administrator": allow("Aliases", ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"), "alias", None),
    "least-writer": allow("Fill", ("secretsmanager:PutSecretValue",), "*", None),
    "least-reader": allow("Read", ("secretsmanager:GetSecretValue",), "*", None),
    "least-creator": None,
    f"platform-prod-{EKS_CLUSTER_ROLE}": allow("Describe", ("kms:DescribeKey",), "*", None),
}
_CONTAINERS = ("canary", "database", DEPLOY_KEY, "tenants/acme")


@pytest.fixture(scope="module")
def workers(world: World) -> Iterator[World]:
    """The roles of those who work, and containers that the reader may read."""
    iam, names = world.client("iam"), world.prod.names
    for role, statement in _ROLES.items():
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=to_json(service_trust("ec2.amazonaws.com")))
        if statement is not None:
            alias = f"arn:aws:kms:{REGION}:{names.account_id}:alias/*"
            resource = alias if statement["Resource"] == "alias" else "*"
            _put(iam, role, document([{**statement, "Resource": resource}]))
    _let_read(world, READER)
    yield world
    _let_read(world)
    _allow_keys(world, world.prod.keys["secrets"], world.prod.keys["tenants"], world.prod.keys["etcd"])
    for role, statement in _ROLES.items():
        if statement is not None:
            iam.delete_role_policy(RoleName=role, PolicyName="policy")
        iam.delete_role(RoleName=role)


def _put(iam: Any, role: str, document: Document) -> None:
    iam.put_role_policy(RoleName=role, PolicyName="policy", PolicyDocument=to_json(document))


def _let_read(world: World, *readers: str) -> None:
    for name in ("database", "tenants/acme"):
        text = to_json(policies.secret_policy(world.prod.names, readers=readers))
        world.client("secretsmanager").put_resource_policy(SecretId=world.prod.secret(name), ResourcePolicy=text)


def _allow_keys(world: World, secrets: str, tenants: str, etcd: str) -> None:
    """The operator's and the node's own policies name their keys."""
    iam, names = world.client("iam"), world.prod.names
    operator = policies.operator_policy(names, secrets_key_arn=secrets, tenants_key_arn=tenants, canary="canary")
    _put(iam, names.role_name(OPERATOR_ROLE), operator)
    _put(iam, names.role_name(NODE_ROLE), policies.node_policy(names, etcd_key_arn=etcd))


@contextmanager
def _fresh_key(world: World, policy: Document) -> Iterator[Key]:
    """A key with a policy, for one try: the containers lie under it, and the roles may use it."""
    kms = world.guard.cloud.kms(REGION)
    key = kms.create_key(to_json(policy), "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", [])
    found = [world.guard.cloud.secret(REGION, world.prod.secret(name)) for name in _CONTAINERS]
    secrets = {one: one.kms_key_id for one in found if one is not None}
    _allow_keys(world, key.arn, key.arn, key.arn)
    for secret in secrets:
        secret.kms_key_id = key.arn
    yield Key(world, key.arn)
    for secret, before in secrets.items():
        secret.kms_key_id = before


@dataclass(frozen=True)
class Statement:
    """One statement of a key's policy, and the work that it is for."""

    world: World
    document: Document
    index: int
    work: Callable[[Key], None]

    @property
    def actions(self) -> set[str]:
        return set(self.document["Statement"][self.index]["Action"])

    def works_with(self, actions: set[str]) -> bool:
        changed = copy.deepcopy(self.document)
        changed["Statement"][self.index]["Action"] = sorted(actions)
        if not actions:
            del changed["Statement"][self.index]
        with _fresh_key(self.world, changed) as key:
            return not refused_by_policy(self.work, key)

    def unneeded(self, actions: set[str], of: set[str]) -> set[str]:
        """Those of some actions without which the others do the work all the same."""
        return {one for one in of if self.works_with(actions - {one})}


@pytest.fixture(params=[(key, sid) for key, work in WORK.items() for sid in work], ids=" - ".join)
def statement(request: pytest.FixtureRequest, workers: World) -> Statement:
    key, sid = request.param
    made = documents(workers)[key]
    (index,) = [index for index, one in enumerate(made["Statement"]) if one["Sid"] == sid]
    return Statement(workers, made, index, WORK[key][sid])


def test_every_statement_has_its_work(world: World) -> None:
    seen: list[statements.Statement] = []
    for key, made in documents(world).items():
        new = [one for one in made["Statement"] if one not in seen]
        assert {one["Sid"] for one in new} <= set(WORK[key]) <= {one["Sid"] for one in made["Statement"]}
        seen += new


def test_no_action_can_be_left_out(statement: Statement) -> None:
    assert statement.works_with(statement.actions)
    assert statement.unneeded(statement.actions, statement.actions) == set()


def test_any_other_action_is_unneeded(statement: Statement) -> None:
    (kms,) = [one for one in parliament.iam_definition if one["prefix"] == "kms"]
    others = {f"kms:{one['privilege']}" for one in kms["privileges"]} - statement.actions
    assert len(others) >= 15
    some = set(sorted(others)[::10])  # that none is needed is known already: here, that it is said
    assert statement.unneeded(statement.actions | some, some) == some
