"""AWS: whose CI jobs take which role, by its trust policy, and which registry and role that role then reaches.

What it reaches of keys and containers is asked with everybody else's in `aws.py`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.aws import judged, need
from bootstrap.proof.offline.aws_documents import Target, identities
from bootstrap.proof.offline.aws_logins import Asked, operators_roles, trust
from bootstrap.proof.offline.ci_jobs import Job, Subject
from bootstrap.proof.offline.documents import Component, Documents, own_part
from bootstrap.proof.offline.row import Question, Row

_COMPONENT = "AwsCiRole"
_PULL, _PUSH = "ecr:BatchGetImage", "ecr:PutImage"


@dataclass(frozen=True, kw_only=True)
class _Role:
    """A role for CI, and what the component says that it is for."""

    owner: str
    role: Seen
    component: Component

    @property
    def subject(self) -> Subject:
        return Subject.of(self.component)

    def __str__(self) -> str:
        return own_part(self.role.at("name"), self.owner)


def rows(documents: Documents) -> list[Row]:
    """Every question about the environments' roles for CI."""
    roles = list(_roles(documents))
    return judged([*_logins(documents, roles), *_reach(documents, roles)])


def _roles(documents: Documents) -> Iterator[_Role]:
    made = {one.at("arn"): one for one in documents.of("aws:iam/role:Role")}
    for owner, component in documents.components(_COMPONENT):
        yield _Role(owner=owner, role=made[component.at("roleArn")], component=component)


def _logins(documents: Documents, roles: list[_Role]) -> Iterator[Asked]:
    """Each subject's jobs against each environment's roles for CI, and against the operators' roles."""
    for asking in roles:
        for job in asking.subject.jobs():
            identity = f"{job.who}, {asking} of {asking.owner}"
            for asked in roles:
                action = f"take the role {asked} by a token for {job.audience}"
                expected = asked.subject.means(job)
                question = Question(identity=identity, action=action, owner=asked.owner, expected=expected)
                yield question, [_by_token(asked.role, asking, job)]
            for owner, role in operators_roles(documents):
                question = Question(
                    identity=identity, action="take the operator's role by CI's token", owner=owner, expected=False
                )
                yield question, [_by_token(role, asking, job)]


def _by_token(role: Seen, asking: _Role, job: Job) -> dict[str, Any]:
    """The token is one of the provider of its issuer, in the account of the role: STS looks the provider up there."""
    host = job.issuer.removeprefix("https://")
    account = str(role.at("arn")).split(":")[4]
    own = str(asking.component.at("oidcProviderArn"))
    provider = f"{':'.join(own.split(':')[:4])}:{account}:oidc-provider/{host}"
    context = {f"{host}:{name}": value for name, value in {**job.claims, "sub": job.sub, "aud": job.audience}.items()}
    return trust(role, provider, "sts:AssumeRoleWithWebIdentity", context)


def _reach(documents: Documents, roles: list[_Role]) -> Iterator[Asked]:
    """Whoever has the role: the images that it may move, and whether it may go on to an operator's role."""
    known = {(one.arn, one.environment): one for one in identities(documents)}
    pushed = {arn: one.owner for one in roles for arn in (*one.component.at("pull"), *one.component.at("push"))}
    repositories = {**pushed, **{f"{arn}-other": owner for arn, owner in pushed.items()}}
    for one in roles:
        identity = known.get((one.role.at("arn"), one.owner))
        if identity is None:
            continue  # it has no policy
        push = {*one.component.at("push")}
        for arn, owner in repositories.items():
            name = arn.partition("/")[2]
            for action, permission, named in (
                ("pull from", _PULL, push | {*one.component.at("pull")}),
                ("push to", _PUSH, push),
            ):
                question = Question(
                    identity=str(identity), action=f"{action} the registry {name}", owner=owner, expected=arn in named
                )
                yield question, [need(identity, permission, Target(arn=arn, owner=owner, purpose=name, policy=None))]
        for owner, role in operators_roles(documents):
            question = Question(
                identity=str(identity), action="take the operator's role by CI's role", owner=owner, expected=False
            )
            policy = json.loads(role.at("assumeRolePolicy"))
            target = Target(arn=role.at("arn"), owner=owner, purpose="operator", policy=policy)
            yield question, [need(identity, "sts:AssumeRole", target, kind="trust")]
