"""AWS: the keys and containers of a stack, and everybody whom its documents name.

What is not in the stack is taken at its worst: people, and roles with policies of AWS's own, are given an IAM policy
that allows everything, so that only key and container policies stand between them and a value.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bootstrap.proof.offline.aws_logins import role_of
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.teams import readers, scopes

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


def administrator_of(key: Target) -> str:
    """What the administrator of a key is called."""
    return "administrator of SOPS files" if key.purpose == "sops" else "administrator"


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
            role = administrator_of(key) if role == "administrator" else role
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
