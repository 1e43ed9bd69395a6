"""Rotation by Secrets Manager in the offline matrix: the function's role touches one secret, and runs for no other."""

from functools import cache
from typing import Any

import pytest

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from components import AwsSecretRotation, AwsSecretRotationArgs, KeyRef
from tests.fast.proof.beside import names_of, wrong
from tests.fast.proof.mutations import ROLE_POLICY, Change, in_statement, policy, put
from tests.fast.proof.topologies import documents

PERMISSION = "aws:lambda/permission:Permission"
FUNCTION = "function rotate of prod"


def _role(one: dict[str, Any]) -> str:
    return f"arn:aws:iam::{one['accountId']}:role/functions/rotate"


@cache
def made() -> Documents:
    def admit(environments: dict[str, Any]) -> None:
        for one in environments.values():
            one["secrets"]["database"]["readers"] = [_role(one)]
            one["writers"] = [*one.get("writers", ()), _role(one)]

    def make(name: str, prefix: str, environments: dict[str, Any]) -> None:
        names = names_of(name, prefix, environments)
        place = f"{names.region}:{names.account_id}"
        arguments = AwsSecretRotationArgs(
            names=names,
            secret="database",
            secret_arn=f"arn:aws:secretsmanager:{place}:secret:{names.secret_name('database')}-AbCdEf",
            key=KeyRef(id=f"arn:aws:kms:{place}:key/key-of-{name}-foundation-keys-secrets"),
            function_arn=f"arn:aws:lambda:{place}:function:rotate",
            function_role_arn=_role(environments[name]),
        )
        AwsSecretRotation(f"{name}-database", arguments)

    return documents("eks", admit, beside=make)


def test_the_function_rotates_its_secret_and_nothing_else() -> None:
    rows = matrix(made())
    assert [row for row in rows if not row.right] == []
    assert {
        (one.question.action, one.question.owner) for one in rows if one.allowed and one.question.identity == FUNCTION
    } == {
        (f"{verb} the secret database by the rotation's policy", "prod")
        for verb in ("read", "write", "promote a version of")
    }
    calls = [one for one in rows if one.question.action == "call the function rotate"]
    assert {one.question.identity for one in calls if one.allowed} == {
        f"secretsmanager.amazonaws.com for its secret of {name}" for name in ("prod", "nonprod")
    }


def every_secret(document: Any) -> None:
    rotate, use = document["Statement"]
    rotate["Resource"] = "*"
    use["Condition"]["StringLike"]["kms:EncryptionContext:SecretARN"] = "*"


# What is widened, and what is then done.
WIDENED: dict[str, tuple[str, Change, str]] = {
    "every secret": (ROLE_POLICY, policy("policy", every_secret), "write the secret canary by the rotation's policy"),
    "it deletes": (
        ROLE_POLICY,
        in_statement("RotateSecret", lambda one: one["Action"].append("secretsmanager:DeleteSecret")),
        "delete the secret database by the rotation's policy",
    ),
    "called for every secret": (PERMISSION, put(sourceArn=None), "call the function rotate"),
    "called for every account": (PERMISSION, put(sourceAccount=None, sourceArn=None), "call the function rotate"),
    "called by another service": (PERMISSION, put(principal="events.amazonaws.com"), "call the function rotate"),
}


@pytest.mark.parametrize("name", WIDENED)
def test_what_is_widened_is_seen(name: str) -> None:
    token, change, action = WIDENED[name]
    resource = f"prod-database-{'permission' if token == PERMISSION else 'policy'}"
    assert action in {one.action for one in wrong(made(), token, resource, change)}
