"""Least privilege: every action of a grant is needed by a declared call, and every declared call is allowed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

import parliament
import pytest

from bootstrap.localcloud.aws.engine import PolicyEngine
from bootstrap.proof.offline import aws, catalogue, grants, vault
from bootstrap.proof.offline.aws import Identity, Need, Target
from bootstrap.proof.offline.vault_policy import capabilities
from bootstrap.toolchain import policy_engine
from tests.fast.proof.declared_calls import AWS_OPERATOR_EVENTS, VAULT, VAULT_CAPABILITIES
from tests.fast.proof.topologies import documents

shipped = cache(documents)


@pytest.fixture(scope="module")
def engine() -> Iterator[PolicyEngine]:
    made = PolicyEngine(policy_engine.install())
    yield made
    made.close()


def aws_identity(role: str) -> Identity:
    return next(one for one in aws.identities(shipped("local")) if role in one.roles and one.environment == "prod")


def aws_calls(role: str) -> list[Need]:
    """Every permission that the declared calls of an identity need. The key's policy stays as it is."""
    found, who = shipped("local"), aws_identity(role)
    keys = {one.purpose: one for one in aws._keys(found) if one.owner == "prod"}
    secrets = {one.purpose: one for one in aws._secrets(found) if one.owner == "prod"}
    if role == "node":
        context = {"kms:EncryptionContext:environment": "prod", "kms:EncryptionContextKeys": ["environment"]}
        calls = [aws.need(who, f"kms:{action}", keys["etcd"], context) for action in ("Encrypt", "Decrypt")]
        return [*calls, aws.need(who, "kms:DescribeKey", keys["etcd"])]
    canary, database = secrets["canary"], secrets["database"]
    arn = database.arn.replace("/database-", "/tenants/acme-")
    tenant = Target(arn=arn, owner="prod", purpose="tenants/acme", policy=None, key=keys["tenants"].arn)
    calls = [aws.need(who, event, canary) for event in sorted(AWS_OPERATOR_EVENTS)]
    calls.append(aws.need(who, "secretsmanager:GetSecretValue", database))
    for secret, action in ((database, "Decrypt"), (canary, "Decrypt"), (canary, "GenerateDataKey")):
        calls.append(aws.need(who, f"kms:{action}", keys["secrets"], aws._through(secret)))
    return [*calls, aws.need(who, "kms:Decrypt", keys["tenants"], aws._through(tenant))]


def with_policy(calls: Sequence[Need], document: Mapping[str, Any]) -> list[Need]:
    return [{**one, "identityPolicies": [{"name": "role", "policy": document}]} for one in calls]


def unneeded(engine: PolicyEngine, document: Mapping[str, Any], calls: Sequence[Need]) -> set[tuple[str, str]]:
    """Statement and action of everything whose loss no declared call would notice."""
    smaller: list[tuple[tuple[str, str], list[Need]]] = []
    for index, statement in enumerate(document["Statement"]):
        for action in statement["Action"]:
            left = [one for one in statement["Action"] if one != action]
            changed = [{**statement, "Action": left}] if left else []
            rest = [*document["Statement"][:index], *changed, *document["Statement"][index + 1 :]]
            smaller.append(((statement["Sid"], action), with_policy(calls, {**document, "Statement": rest})))
    verdicts = iter(engine.evaluate([call for _, asked in smaller for call in asked]))
    return {name for name, asked in smaller if all(list(islice(verdicts, len(asked))))}


@pytest.mark.parametrize("role", ["operator", "node"])
def test_every_action_of_an_aws_role_is_needed_and_enough(engine: PolicyEngine, role: str) -> None:
    [document] = aws_identity(role).policies
    calls = aws_calls(role)
    assert engine.evaluate(calls) == [True] * len(calls)
    assert unneeded(engine, document, calls) == set()


def other_actions(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each statement with every action of its service that it lacks, by parliament's copy of AWS's reference."""
    services = {one["prefix"]: [each["privilege"] for each in one["privileges"]] for one in parliament.iam_definition}
    return [
        (statement["Sid"], f"{service}:{action}")
        for statement in document["Statement"]
        for service in [statement["Action"][0].partition(":")[0]]
        for action in services[service]
        if f"{service}:{action}" not in statement["Action"]
    ]


@pytest.mark.parametrize("role", ["operator", "node"])
def test_any_other_action_of_the_service_is_unneeded(engine: PolicyEngine, role: str) -> None:
    [document] = aws_identity(role).policies
    calls = aws_calls(role)
    others = other_actions(document)
    assert len(others) > 80
    wider = json.loads(json.dumps(document))
    for statement in wider["Statement"]:
        statement["Action"] += [action for sid, action in others if sid == statement["Sid"]]
    # All at once: each on its own changes nothing either, as policies only add up.
    assert unneeded(engine, wider, calls) >= {
        (sid, action) for sid, action in others if not any(call["action"] == action for call in calls)
    }


@pytest.mark.parametrize("role", VAULT)
def test_every_capability_in_vault_is_needed_and_enough(role: str) -> None:
    policies = next(
        held for owner, who, held in vault.identities(shipped("local-vault")) if (owner, who) == ("prod", role)
    )
    [document] = policies
    calls = [(_path(path), wanted) for path, wanted in VAULT[role]]

    def allowed(policy: Mapping[str, Any]) -> bool:
        return all(wanted in capabilities([policy], path) for path, wanted in calls)

    assert allowed(document)
    for path, rule in document["path"].items():
        for one in rule["capabilities"]:
            if one == "deny":
                continue
            left = [each for each in rule["capabilities"] if each != one]
            assert not allowed({"path": {**document["path"], path: {"capabilities": left}}}), (path, one)
        for one in VAULT_CAPABILITIES - set(rule["capabilities"]):
            given = {wanted for asked, wanted in calls if asked == path or path.endswith("*")}
            assert one not in given or path.endswith("*") or "deny" in rule["capabilities"], (path, one)


def test_the_writers_canary_is_denied_on_purpose() -> None:
    [policy] = next(
        held for owner, who, held in vault.identities(shipped("local-vault")) if (owner, who) == ("prod", "writers")
    )
    assert capabilities([policy], _path("kv/data/canary")) == set()
    without = {"path": {path: rule for path, rule in policy["path"].items() if not path.endswith("/canary")}}
    assert capabilities([without], _path("kv/data/canary"))


def _path(path: str) -> str:
    return path.replace("kv/", "platform/prod/secrets/", 1).replace("transit/", "platform/prod/transit/", 1)


@pytest.mark.parametrize("environment", ["prod", "nonprod"])
def test_every_google_role_of_the_operator_is_needed(environment: str) -> None:
    held = [one for one in grants._google(shipped("gke")) if (one.environment, one.role) == (environment, "operator")]
    calls = {(one.scope, "secretmanager.versions.access") for one in held}
    [canary] = {one.scope for one in held if one.scope.endswith("--canary")}
    calls |= {(canary, "secretmanager.secrets.get"), (canary, "secretmanager.versions.add")}

    def allowed(left: Sequence[grants.Grant]) -> bool:
        return all(any(one.scope == scope and wanted in one.permissions for one in left) for scope, wanted in calls)

    assert allowed(held)
    for lost in held:
        assert not allowed([one for one in held if one is not lost]), lost


@pytest.mark.parametrize("environment", ["prod", "nonprod"])
def test_every_azure_role_of_the_operator_is_needed(environment: str) -> None:
    held = [one for one in grants._azure(shipped("aks")) if (one.environment, one.role) == (environment, "operator")]
    assert len(held) == 2
    [vault_scope] = {one.scope for one in held if "/secrets/" not in one.scope}
    secrets = "Microsoft.KeyVault/vaults/secrets"
    calls = [
        grants.Target(
            owner="",
            path=f"{vault_scope}/secrets/{name}",
            action="",
            permission=f"{secrets}/{verb}/action",
            roles=frozenset(),
        )
        for name, verb in (("database", "getSecret"), ("canary", "getSecret"), ("canary", "setSecret"))
    ]

    def allowed(left: Sequence[grants.Grant]) -> bool:
        return all(any(grants._gives(one, one.member, call) for one in left) for call in calls)

    assert allowed(held)
    for lost in held:
        assert not allowed([one for one in held if one is not lost]), lost


def test_the_catalogue_holds_the_roles_that_are_granted() -> None:
    granted = {
        str(one.at("role")) for one in shipped("gke").resources if "IamMember" in one.token or "IAMMember" in one.token
    }
    assert granted <= catalogue.GOOGLE.keys()


@pytest.mark.parametrize("topology", ["eks", "gke", "aks", "local-vault"])
def test_the_chart_mints_no_tokens_and_the_role_names_one_account(topology: str) -> None:
    found = shipped(topology)
    releases = [one for one in found.of("kubernetes:helm.sh/v3:Release") if one.at("values", "rbac")]
    assert len(releases) == len(list(found.of("kubernetes:helm.sh/v3:Release"))) == 4
    assert not any(one.at("values", "rbac", "create") for one in releases)
    for role in found.of(
        "kubernetes:rbac.authorization.k8s.io/v1:Role", "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
    ):
        for rule in role.at("rules"):
            if "serviceaccounts/token" in rule["resources"]:
                assert len(rule["resourceNames"]) == 1
