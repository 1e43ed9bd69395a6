"""Whether a principal may do a thing: the policies that AWS would look at, put to the policy evaluator."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bootstrap.localcloud.aws.answers import AwsError, Fault
from bootstrap.localcloud.aws.cloud import Cloud
from bootstrap.localcloud.aws.engine import PolicyEngine
from bootstrap.localcloud.aws.principals import Principal
from bootstrap.localcloud.aws.wire import ACCOUNT

Context = Mapping[str, str | list[str]]


@dataclass(frozen=True, kw_only=True)
class Need:
    """One permission that a call needs.

    resource: an ARN or `*`. policy: the resource's own policy, if it has one; kind: its grammar, `resource` or `trust`.
    denial: what to answer when the permission is missing. Default: that the principal is not authorised.
    """

    action: str
    resource: str
    context: Context = field(default_factory=dict)
    policy: Mapping[str, Any] | None = None
    kind: str = "resource"
    denial: AwsError | None = None


class Authorizer:
    """Judges needs by the policies in the cloud."""

    def __init__(self, cloud: Cloud, engine: PolicyEngine) -> None:
        self._cloud = cloud
        self._engine = engine

    def require(self, principal: Principal, region: str, needs: Sequence[Need]) -> None:
        """Refuse unless every need is allowed: one question to the evaluator for all of them."""
        policies = self._identity_policies(principal)
        shared = {**principal.context(), **_moment(), "aws:RequestedRegion": region}
        questions = [_question(principal.arn, need, shared, policies) for need in needs]
        for need, allowed in zip(needs, self._engine.evaluate(questions), strict=True):
            if not allowed:
                raise need.denial or denied(principal.arn, need)

    def admits(self, who: str, need: Need) -> bool:
        """Whether the resource's policy alone lets in somebody without policies: a service or an issuer's token."""
        return self._engine.evaluate([_question(who, need, _moment(), [])])[0]

    def allows_with(self, principal: Principal, region: str, need: Need) -> bool:
        """Whether the need would be allowed; nothing is refused."""
        shared = {**principal.context(), **_moment(), "aws:RequestedRegion": region}
        return self._engine.evaluate([_question(principal.arn, need, shared, self._identity_policies(principal))])[0]

    def _identity_policies(self, principal: Principal) -> list[dict[str, Any]]:
        holder = (
            self._cloud.role_by_arn(principal.iam_arn) if principal.is_session else self._cloud.user(principal.name)
        )
        if holder is None:
            raise AwsError(Fault.UNKNOWN_KEY, "The security token included in the request is invalid.")
        return self._cloud.policies_of(holder)


def denied(arn: str, need: Need) -> AwsError:
    """The refusal in AWS's words."""
    return AwsError(
        Fault.ACCESS_DENIED, f"User: {arn} is not authorized to perform: {need.action} on resource: {need.resource}"
    )


def document(text: str | None) -> dict[str, Any] | None:
    """A policy as it is stored. One that cannot be read must not count as none."""
    if not text:
        return None
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise AwsError(Fault.INTERNAL, "A stored policy cannot be read.")
    return parsed


def _question(
    who: str, need: Need, shared: Mapping[str, str], identity_policies: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "principal": who,
        "action": need.action,
        "resource": need.resource,
        "account": ACCOUNT,
        "context": {**shared, "aws:ResourceAccount": ACCOUNT, **need.context},
        "identityPolicies": identity_policies,
        "resourcePolicy": need.policy,
        "resourceKind": need.kind,
    }


def _moment() -> dict[str, str]:
    now = datetime.now(UTC)
    return {"aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "aws:EpochTime": str(int(now.timestamp()))}
