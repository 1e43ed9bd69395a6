"""AWS: role, key, container and trust policies together, put to iam-simulate, the evaluator of the local cloud."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from bootstrap.localcloud.aws.engine import PolicyEngine
from bootstrap.proof.offline.aws_documents import (
    EVERYTHING,
    Identity,
    Target,
    administrator_of,
    identities,
    keys_of,
    secrets_of,
)
from bootstrap.proof.offline.aws_logins import Asked, Need, logins
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.teams import scopes
from bootstrap.toolchain import policy_engine

_JUDGE = "iam-simulate"


def rows(documents: Documents) -> list[Row]:
    """Every question about the environments' keys, containers and roles in AWS."""
    return judged([*_access(documents), *logins(documents)])


def judged(asked: Sequence[Asked]) -> list[Row]:
    """The rows of questions, each put to the evaluator with what it needs."""
    if not asked:
        return []
    engine = PolicyEngine(policy_engine.install())
    try:
        verdicts = iter(engine.evaluate([need for _, needs in asked for need in needs or ()]))
    finally:
        engine.close()
    return [
        Row(question=one, allowed=needs is not None and all(list(islice(verdicts, len(needs)))), judge=_JUDGE)
        for one, needs in asked
    ]


def _access(documents: Documents) -> Iterator[Asked]:
    keys, secrets = list(keys_of(documents)), list(secrets_of(documents))
    everybody = identities(documents)
    for identity in everybody:
        # Who is something in two environments is judged in each by what he is there.
        elsewhere = {one.environment for one in everybody if one.arn == identity.arn} - {identity.environment}
        for secret in (one for one in secrets if one.owner not in elsewhere):
            key = next((one for one in keys if one.arn == secret.key), None)
            for verb, action, use in (
                ("read", "GetSecretValue", "Decrypt"),
                ("write", "PutSecretValue", "GenerateDataKey"),
            ):
                question = Question(
                    identity=str(identity),
                    action=f"{verb} the secret {secret.purpose}",
                    owner=secret.owner,
                    expected=_may_hold(identity, secret, verb),
                )
                yield question, on_secret(identity, secret, key, action, use)
        yield from _of_stores(documents, identity, [one for one in secrets if one.owner not in elsewhere])
        for key in (one for one in keys if one.owner not in elsewhere):
            context = {"kms:EncryptionContext:environment": key.owner, "kms:EncryptionContextKeys": ["environment"]}
            for verb, action in (("encrypt", "Encrypt"), ("decrypt", "Decrypt"), ("manage", "PutKeyPolicy")):
                own = identity.environment == key.owner
                may = administrator_of(key) in identity.roles if verb == "manage" else _may_use(identity, key, verb)
                question = Question(
                    identity=str(identity),
                    action=f"{verb} with the {key.purpose} key"
                    if verb != "manage"
                    else f"manage the {key.purpose} key",
                    owner=key.owner,
                    expected=own and may,
                )
                yield question, [need(identity, f"kms:{action}", key, {} if verb == "manage" else context)]
        yield from _tenants_keys(documents, identity, [one for one in keys if one.owner not in elsewhere])


def _of_stores(documents: Documents, identity: Identity, secrets: Sequence[Target]) -> Iterator[Asked]:
    """What operators and teams may do to no container. Of others no document shows the IAM policy that decides it."""
    of_teams = {one.role for one in scopes(documents) if one.environment == identity.environment}
    if not identity.roles & {"operator", *of_teams} or EVERYTHING in identity.policies:
        return
    for secret in secrets:
        question = Question(
            identity=str(identity), action=f"delete the secret {secret.purpose}", owner=secret.owner, expected=False
        )
        yield question, [need(identity, "secretsmanager:DeleteSecret", secret)]
    for owner, one in {one.owner: one for one in secrets}.items():
        everything = Target(arn=f"{one.arn.rpartition(':')[0]}:*", owner=owner, purpose="", policy=None)
        question = Question(identity=str(identity), action="list the secrets", owner=owner, expected=False)
        yield question, [need(identity, "secretsmanager:ListSecrets", everything)]


def _tenants_keys(documents: Documents, identity: Identity, keys: Sequence[Target]) -> Iterator[Asked]:
    """Who unwraps which tenant's key, with all the words of its context."""
    tables = {owner: one.at("name") for owner, one in documents.owned("aws:dynamodb/table:Table")}
    for owner, role in documents.owned("aws:iam/role:Role"):
        tenant = str(role.at("name")).partition(f"-{owner}-tenant-")[2]
        for key in (one for one in keys if tenant and one.owner == owner and one.purpose == "tenants"):
            words = {"tablename": tables.get(owner, ""), "branch-key-id": tenant}
            context = {f"kms:EncryptionContext:{name}": word for name, word in words.items()}
            question = Question(
                identity=str(identity),
                action=f"unwrap the key of tenant {tenant}",
                owner=owner,
                expected=identity.environment == owner and f"tenant-{tenant}" in identity.roles,
            )
            yield question, [need(identity, "kms:Decrypt", key, {**context, "kms:EncryptionContextKeys": [*words]})]


def _may_hold(identity: Identity, secret: Target, verb: str) -> bool:
    """The design. Deployers fill and read the deploy key that Pulumi makes, and nothing else; writers write. What the
    operator fills has no policy of its own, since a PushSecret removes it: a writer whose IAM allows it reads that, and
    so does a team whose role another stack makes."""
    if identity.environment != secret.owner:
        return False
    roles = identity.roles
    deploy_key = "deployer" in roles and secret.purpose.startswith("argocd/") and not secret.pushed
    if verb == "read":
        named = bool(roles & {"reader", "team"}) and identity.arn in secret.readers
        by_iam = bool(roles & {"writer", "team"}) and secret.pushed
        return "operator" in roles or bool(roles & secret.teams) or named or deploy_key or by_iam
    return ("operator" in roles and secret.pushed) or deploy_key or "writer" in roles


def _may_use(identity: Identity, key: Target, verb: str) -> bool:
    users = {"etcd": {"node"}, "sops": {"editor of SOPS files"}}.get(key.purpose, set[str]())
    if key.purpose == "sops" and verb == "decrypt":
        users |= {"applier of SOPS files"}
    return bool(users & identity.roles)


def need(
    identity: Identity,
    action: str,
    target: Target,
    context: Mapping[str, Any] | None = None,
    *,
    kind: str = "resource",
) -> Need:
    """One permission, as the evaluator wants it. kind: of the target's policy, `resource` or `trust`."""
    account = identity.arn.split(":")[4]
    return {
        "principal": identity.arn,
        "action": action,
        "resource": target.arn,
        "account": target.account,
        "context": {
            "aws:PrincipalArn": identity.arn,
            "aws:PrincipalAccount": account,
            "kms:CallerAccount": account,
            **(context or {}),
        },
        "identityPolicies": [{"name": str(index), "policy": policy} for index, policy in enumerate(identity.policies)],
        "resourcePolicy": target.policy,
        "resourceKind": kind,
    }


def on_secret(identity: Identity, secret: Target, key: Target | None, action: str, use: str) -> list[Need]:
    """A call on a container's value, and what Secrets Manager does with the container's key for it."""
    asked = [need(identity, f"secretsmanager:{action}", secret)]
    return asked + ([need(identity, f"kms:{use}", key, through(secret))] if key else [])


def through(secret: Target) -> dict[str, Any]:
    """The context in which Secrets Manager asks KMS in the caller's name."""
    return {
        "kms:ViaService": f"secretsmanager.{secret.arn.split(':')[3]}.amazonaws.com",
        "kms:EncryptionContext:SecretARN": secret.arn,
        "kms:EncryptionContext:SecretVersionId": "v",
        "kms:EncryptionContextKeys": ["SecretARN", "SecretVersionId"],
    }
