"""Every action of the operator's and the node's policies is needed, and any other would be said to be unneeded.

The judge is the guard with the real calls of each identity; that these are the calls of the real programs is seen in
the audit trail of a running stack (`tests/cluster/test_least_privilege.py`).
"""

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import parliament
import pytest

from components.aws.names import NODE_ROLE, OPERATOR_ROLE
from components.aws.statements import Document, Statement, to_json
from tests.fast.localcloud_aws.world import VALUE, World, refused_by_policy


def _operator(world: World) -> None:
    """Syncs of three containers, and a PushSecret into the canary."""
    manager, secret = world.operator(world.prod), world.prod.secret
    for name in ("database", "tenants/acme", "canary"):
        manager.get_secret_value(SecretId=secret(name))
    manager.describe_secret(SecretId=secret("canary"))
    manager.put_secret_value(SecretId=secret("canary"), SecretString=VALUE)
    manager.delete_resource_policy(SecretId=secret("canary"))


def _node(world: World) -> None:
    """What the KMS plugin of etcd does."""
    kms, key = world.node(world.prod), world.prod.keys["etcd"]
    context = {"environment": "prod"}
    kms.describe_key(KeyId=key)
    sealed = kms.encrypt(KeyId=key, Plaintext=b"key of etcd", EncryptionContext=context)["CiphertextBlob"]
    kms.decrypt(KeyId=key, CiphertextBlob=sealed, EncryptionContext=context)


@dataclass(frozen=True)
class Role:
    """A role with the policy that the library made for it, and what it does in its work."""

    world: World
    name: str
    work: Callable[[World], None]
    generated: Document

    def put(self, document: Document) -> None:
        self.world.client("iam").put_role_policy(
            RoleName=self.name, PolicyName="policy", PolicyDocument=to_json(document)
        )

    def works(self) -> bool:
        return not refused_by_policy(self.work, self.world)

    def unneeded(self, document: Document, statements: Iterable[int]) -> set[tuple[str, str]]:
        """The actions, with their statement's name, without which the work is done all the same."""
        found: set[tuple[str, str]] = set()
        for index in statements:
            statement = document["Statement"][index]
            for action in statement["Action"]:
                self.put(_without(document, index, action))
                if self.works():
                    found.add((statement["Sid"], action))
        return found


@pytest.fixture(params=[(OPERATOR_ROLE, _operator), (NODE_ROLE, _node)], ids=[OPERATOR_ROLE, NODE_ROLE])
def role(request: pytest.FixtureRequest, world: World) -> Iterator[Role]:
    kind, work = request.param
    name = world.prod.names.role_name(kind)
    found = world.client("iam").get_role_policy(RoleName=name, PolicyName="policy")["PolicyDocument"]
    one = Role(world, name, work, json.loads(found) if isinstance(found, str) else found)
    yield one
    one.put(one.generated)


def _without(document: Document, index: int, action: str) -> Document:
    changed = copy.deepcopy(document)
    statement: Statement = changed["Statement"][index]
    statement["Action"] = [one for one in statement["Action"] if one != action]
    if not statement["Action"]:
        del changed["Statement"][index]
    return changed


def _all_actions(service: str) -> Sequence[str]:
    (known,) = [one for one in parliament.iam_definition if one["prefix"] == service]
    return sorted(f"{service}:{one['privilege']}" for one in known["privileges"])


def test_the_work_is_done_with_the_generated_policy(role: Role) -> None:
    assert role.works()


def test_no_action_can_be_left_out(role: Role) -> None:
    assert role.unneeded(role.generated, range(len(role.generated["Statement"]))) == set()


def test_any_other_action_of_the_service_is_unneeded(role: Role) -> None:
    for index, statement in enumerate(role.generated["Statement"]):
        others = sorted(set(_all_actions(statement["Action"][0].split(":")[0])) - set(statement["Action"]))
        assert len(others) >= 15
        some = set(others[::5])  # that none is needed is known already: here, that it is said
        widened = copy.deepcopy(role.generated)
        widened["Statement"][index]["Action"] += sorted(some)
        assert role.unneeded(widened, [index]) == {(statement["Sid"], action) for action in some}
