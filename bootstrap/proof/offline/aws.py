"""AWS: role, key, container and trust policies together, put to iam-simulate, the evaluator of the local cloud.

What is not in the stack is taken at its worst: people, and roles with policies of AWS's own, are given an IAM policy
that allows everything, so that only key and container policies stand between them and a value.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from bootstrap.localcloud.aws.engine import PolicyEngine
from bootstrap.proof.offline.aws_logins import Asked, Need, logins, role_of
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.teams import readers, scopes
from bootstrap.toolchain import policy_engine

_JUDGE = "iam-simulate"
_KEY, _SECRET = "aws:kms/key:Key", "aws:secretsmanager/secret:Secret"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_TEAMS = "TeamsRead"
# The statements of a key by which it says what somebody is, without the number that some have.
_ROLES = {
    "Administration": "administrator",
    "DeployersAssignKey": "deployer",
    "WritersFillSecrets": "writer",
    "ReadersDecrypt": "reader",
    _TEAMS: "team",
    "EditorsEncryptAndOpen": "editor of SOPS files",
    "AppliersOpen": "applier of SOPS files",
}


@dataclass(frozen=True, kw_only=True)
class Target:
    """A key or a container with its own policy. purpose: the last part of its name, such as `etcd` or `canary`.

    pushed: whether the operator fills it. readers: who is named in the container's policy beside the operator. teams:
    whose it is by the design.
    """

    arn: str
    owner: str
    purpose: str
    policy: Mapping[str, Any] | None
    key: str = ""
    pushed: bool = False
    readers: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]


@dataclass(kw_only=True)
class Identity:
    """Who asks: an ARN, his environment and what he is there; policies by name."""

    arn: str
    environment: str
    roles: set[str] = field(default_factory=set)
    policies: list[Mapping[str, Any]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{' and '.join(sorted(self.roles))} of {self.environment}"


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
            for verb, action, uses in (
                ("read", "GetSecretValue", ["Decrypt"]),
                ("write", "PutSecretValue", ["GenerateDataKey"]),
            ):
                question = Question(
                    identity=str(identity),
                    action=f"{verb} the secret {secret.purpose}",
                    owner=secret.owner,
                    expected=_may_hold(identity, secret, verb),
                )
                needs = [need(identity, f"secretsmanager:{action}", secret)]
                needs += [need(identity, f"kms:{use}", key, through(secret)) for use in uses if key]
                yield question, needs
        yield from _of_stores(documents, identity, [one for one in secrets if one.owner not in elsewhere])
        for key in (one for one in keys if one.owner not in elsewhere):
            context = {"kms:EncryptionContext:environment": key.owner, "kms:EncryptionContextKeys": ["environment"]}
            for verb, action in (("encrypt", "Encrypt"), ("decrypt", "Decrypt"), ("manage", "PutKeyPolicy")):
                own = identity.environment == key.owner
                may = _administrator(key) in identity.roles if verb == "manage" else _may_use(identity, key, verb)
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


def _administrator(key: Target) -> str:
    return "administrator of SOPS files" if key.purpose == "sops" else "administrator"


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


def through(secret: Target) -> dict[str, Any]:
    """The context in which Secrets Manager asks KMS in the caller's name."""
    return {
        "kms:ViaService": f"secretsmanager.{secret.arn.split(':')[3]}.amazonaws.com",
        "kms:EncryptionContext:SecretARN": secret.arn,
        "kms:EncryptionContext:SecretVersionId": "v",
        "kms:EncryptionContextKeys": ["SecretARN", "SecretVersionId"],
    }


def keys_of(documents: Documents) -> Iterator[Target]:
    for owner, one in documents.owned(_KEY):
        policy = json.loads(one.at("policy"))
        purpose = one.at("tags", "secrets-bootstrap/key") or one.name.rpartition("-")[2]
        yield Target(arn=one.at("arn"), owner=owner, purpose=purpose, policy=policy)


def secrets_of(documents: Documents) -> Iterator[Target]:
    policies = {
        one.at("secretArn"): json.loads(one.at("policy"))
        for one in documents.of("aws:secretsmanager/secretPolicy:SecretPolicy")
    }
    of_teams = scopes(documents)
    for owner, one in documents.owned(_SECRET):
        arn = one.at("arn")
        name = one.at("name")
        purpose = name.partition(f"/{owner}/")[2]
        yield Target(
            arn=arn,
            owner=owner,
            purpose=purpose,
            policy=policies.get(arn),
            key=one.at("kmsKeyId"),
            # In the foundation's stack no PushSecret says so, but external-secrets writes only what has this tag.
            pushed=(owner, name) in documents.pushed or one.at("tags", "managed-by") == "external-secrets",
            readers=_named(policies.get(arn)),
            teams=frozenset(readers(of_teams, owner, purpose)),
        )


def _named(policy: Mapping[str, Any] | None) -> frozenset[str]:
    """Whom a container's policy excepts from its refusal of everybody."""
    excepted = [
        one["Condition"].get("ArnNotEquals", {}).get("aws:PrincipalArn", ())
        for one in (policy or {}).get("Statement", ())
        if one["Effect"] == "Deny" and "Condition" in one
    ]
    return frozenset(arn for arns in excepted for arn in ([arns] if isinstance(arns, str) else arns))


def _who_is(statement: Mapping[str, Any]) -> Sequence[str]:
    """Whom a statement of a key speaks of. Teams' roles may not exist yet, so a condition names them."""
    named = statement["Principal"].get("AWS", [])
    return statement["Condition"]["ArnEquals"]["aws:PrincipalArn"] if statement["Sid"] == _TEAMS else named


def identities(documents: Documents) -> list[Identity]:
    """Every role of the stack, everybody whom a key's policy names, and another principal of each account."""
    found: dict[tuple[str, str], Identity] = {}
    policies: dict[str, list[Mapping[str, Any]]] = {}
    for one in documents.of("aws:iam/rolePolicy:RolePolicy"):
        policies.setdefault(one.at("role"), []).append(json.loads(one.at("policy")))
    attached = {one.at("role") for one in documents.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment")}
    own_roles: set[str] = set()
    for owner, one in documents.owned("aws:iam/role:Role"):
        name, arn = one.at("name"), one.at("arn")
        if name not in policies and name not in attached:
            continue  # it can do nothing: a service's role without policies
        own_roles.add(arn)
        held = [*policies.get(name, []), *([EVERYTHING] if name in attached else [])]
        found[arn, owner] = Identity(arn=arn, environment=owner, roles={role_of(owner, name)}, policies=held)
    for key in keys_of(documents):
        for statement in (key.policy or {}).get("Statement", []):
            role = _ROLES.get(statement.get("Sid", "").rstrip("0123456789"))
            role = _administrator(key) if role == "administrator" else role
            for arn in _who_is(statement) if role else []:
                # A role of the environment's own, such as CI's, may apply its SOPS files; it is nothing else by a key.
                if arn not in own_roles or ("SOPS" in str(role) and (arn, key.owner) in found):
                    person = Identity(arn=arn, environment=key.owner, policies=[EVERYTHING])
                    found.setdefault((arn, key.owner), person).roles.add(str(role))
    for secret in secrets_of(documents):
        for arn in secret.readers - own_roles:
            # Somebody whom no key knows is meant to read; who is something else is not, because a container names him.
            # The operator's own role may be in the stack of its cluster.
            role = "operator" if arn.endswith(f"-{secret.owner}-external-secrets") else "reader"
            person = Identity(arn=arn, environment=secret.owner, roles={role}, policies=[EVERYTHING])
            found.setdefault((arn, secret.owner), person)
    for key in keys_of(documents):
        stranger = f"arn:aws:iam::{key.account}:role/stranger"
        person = Identity(arn=stranger, environment=key.owner, roles={"another principal"}, policies=[EVERYTHING])
        found.setdefault((stranger, key.owner), person)
    return list(found.values())
