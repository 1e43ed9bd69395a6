"""STS: sessions of roles. Each is opened only if the role's trust policy lets the asker in."""

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from bootstrap.localcloud.aws.answers import Answer, AwsError, Fault, query_answer
from bootstrap.localcloud.aws.authorization import Authorizer, Need, document
from bootstrap.localcloud.aws.cloud import Cloud
from bootstrap.localcloud.aws.issuers import Anchor, Issuers, unverified_issuer
from bootstrap.localcloud.aws.principals import Principal
from bootstrap.localcloud.aws.rules import Context, Judged, Rule, Rules, tag_context
from bootstrap.localcloud.aws.sessions import Session, SessionCredentials, Sessions
from bootstrap.localcloud.aws.wire import ACCOUNT, Call

_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")
_CHAINED_SECONDS = 3600
# The claims beside `sub` and `aud` that trust policies can compare, by issuer; for every other issuer none.
# Source: IAM User Guide, "Available keys for AWS OIDC federation", GitHub.
_CLAIM_KEYS = {
    "token.actions.githubusercontent.com": (
        "actor",
        "actor_id",
        "enterprise_id",
        "environment",
        "job_workflow_ref",
        "ref",
        "repository",
        "repository_id",
        "workflow",
    )
}


class Sts:
    """Opens sessions. Signed calls come through `rules`; the one unsigned call is `assume_with_web_identity`."""

    def __init__(self, cloud: Cloud, authorizer: Authorizer, sessions: Sessions, issuers: Issuers) -> None:
        self._cloud = cloud
        self._authorizer = authorizer
        self._sessions = sessions
        self._issuers = issuers

    @property
    def rules(self) -> Rules:
        return {
            "GetCallerIdentity": Rule(needs=lambda _: [], respond=_caller_identity),
            "AssumeRole": Rule(needs=self._assume_needs, respond=self._assume),
        }

    def assume_with_web_identity(self, call: Call) -> tuple[Session, Answer]:
        """A session for the holder of an OIDC token. Takes the cloud's lock itself: keys are fetched outside of it."""
        role_arn, name = call.required("RoleArn"), _session_name(call)
        token = call.required("WebIdentityToken")
        _refuse_session_policies(call)
        issuer = unverified_issuer(token)
        host = issuer.removeprefix("https://").rstrip("/")
        provider_arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"
        with self._cloud.lock:
            provider = self._cloud.iam.open_id_providers.get(provider_arn)
            if provider is None:
                raise AwsError("InvalidIdentityToken", f"No OpenIDConnect provider found in your account for {issuer}")
            audiences, anchor = list(provider.client_id_list), Anchor(thumbprints=tuple(provider.thumbprint_list))
        claims = self._issuers.verify(token, issuer, anchor, audiences)
        given = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        audience = next(one for one in given if one in audiences)
        compared = {f"{host}:{claim}": str(claims[claim]) for claim in _CLAIM_KEYS.get(host, ()) if claim in claims}
        context = {
            f"{host}:sub": str(claims["sub"]),
            f"{host}:aud": audience,
            "sts:RoleSessionName": name,
            **compared,
        }
        with self._cloud.lock:
            session = self.session_of(
                provider_arn,
                role_arn,
                name,
                seconds=self._seconds(call, role_arn),
                actions=("sts:AssumeRoleWithWebIdentity",),
                context=context,
                federated_by=provider_arn,
                subject=str(claims["sub"]),
            )
        opened = self._sessions.open_session(session)
        extra = {
            "SubjectFromWebIdentityToken": str(claims["sub"]),
            "Audience": audience,
            "Provider": provider_arn,
            "PackedPolicySize": "0",
        }
        return session, query_answer("AssumeRoleWithWebIdentity", {**_session_fields(session, opened), **extra})

    def session_of(
        self,
        who: str,
        role_arn: str,
        name: str,
        *,
        seconds: int,
        actions: Sequence[str],
        context: Mapping[str, str | list[str]],
        federated_by: str | None = None,
        subject: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Session:
        """A session of a role for a service or an issuer, if the role's trust policy allows it all the actions."""
        role = self._cloud.role_by_arn(role_arn)
        needs = [] if role is None else [self._trust(action, role, context) for action in actions]
        if role is None or not all(self._authorizer.admits(who, need) for need in needs):
            raise AwsError(Fault.ACCESS_DENIED, f"Not authorized to perform {actions[0]}")
        return Session(
            role_arn=role.arn,
            role_id=role.id,
            name=name,
            expires=int(time.time()) + seconds,
            tags=tags or {},
            transitive=tuple(tags or {}),
            federated_by=federated_by,
            subject=subject,
        )

    def _trust(self, action: str, role: Any, context: Mapping[str, str | list[str]]) -> Need:
        tags = {
            f"aws:ResourceTag/{tag['Key']}": tag["Value"] for tag in self._cloud.iam.list_role_tags(role.name, None)[0]
        }
        return Need(
            action=action,
            resource=role.arn,
            context={**tags, **context},
            policy=document(role.assume_role_policy_document),
            kind="trust",
        )

    def _seconds(self, call: Call, role_arn: str) -> int:
        role = self._cloud.role_by_arn(role_arn)
        longest = int(role.max_session_duration or 3600) if role else 3600
        text = call.text("DurationSeconds", "3600")
        if not text.isdecimal() or not 900 <= int(text) <= longest:
            raise AwsError(Fault.VALIDATION, "The requested DurationSeconds exceeds what is set for this role.")
        return int(text)

    def _assume_needs(self, judged: Judged) -> Sequence[Need]:
        call = judged.call
        _session_name(call)
        _refuse_session_policies(call)
        tags, role = _chained_tags(judged), self._cloud.role_by_arn(call.required("RoleArn"))
        context: Context = {**tag_context(tags), "sts:RoleSessionName": call.required("RoleSessionName")}
        if "ExternalId" in call.parameters:
            context["sts:ExternalId"] = call.required("ExternalId")
        if role is None:
            # A role that does not exist is refused in the same words.
            nobody = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:*"}]}
            return [Need(action="sts:AssumeRole", resource=call.required("RoleArn"), policy=nobody, kind="trust")]
        actions = ["sts:AssumeRole", *(["sts:TagSession"] if tags else [])]
        return [self._trust(action, role, context) for action in actions]

    def _assume(self, judged: Judged) -> Answer:
        call, tags = judged.call, _chained_tags(judged)
        role = self._cloud.role_by_arn(call.required("RoleArn"))
        assert role is not None  # the needs refuse a role that does not exist
        seconds = self._seconds(call, role.arn)
        session = Session(
            role_arn=role.arn,
            role_id=role.id,
            name=_session_name(call),
            # A role that was taken by a role keeps for an hour at most (STS API Reference, `AssumeRole`).
            expires=int(time.time()) + (min(seconds, _CHAINED_SECONDS) if judged.principal.is_session else seconds),
            tags=tags,
            transitive=(*judged.principal.transitive, *(one[""] for one in call.members("TransitiveTagKeys"))),
        )
        return query_answer("AssumeRole", _session_fields(session, self._sessions.open_session(session)))


def _chained_tags(judged: Judged) -> dict[str, str]:
    principal, call = judged.principal, judged.call
    kept = {name: principal.tags[name] for name in principal.transitive}
    given = {entry["Key"]: entry.get("Value", "") for entry in call.members("Tags", "Key", "Value") if "Key" in entry}
    if kept.keys() & given.keys():
        raise AwsError(Fault.VALIDATION, "A transitive tag of the calling session cannot be set anew.")
    return {**kept, **given}


def _session_name(call: Call) -> str:
    name = call.required("RoleSessionName")
    if _SESSION_NAME.fullmatch(name) is None:
        raise AwsError(Fault.VALIDATION, "RoleSessionName is 2 to 64 letters, digits or any of +=,.@-_")
    return name


def _refuse_session_policies(call: Call) -> None:
    if any(name == "Policy" or name.startswith("PolicyArns") for name in call.parameters):
        raise AwsError("UnsupportedOperation", "The local AWS has no session policies.")


def _caller_identity(judged: Judged) -> Answer:
    principal: Principal = judged.principal
    return query_answer("GetCallerIdentity", {"Arn": principal.arn, "UserId": principal.user_id, "Account": ACCOUNT})


def _session_fields(session: Session, opened: SessionCredentials) -> dict[str, Any]:
    return {
        "Credentials": {
            "AccessKeyId": opened.access_key_id,
            "SecretAccessKey": opened.secret_access_key,
            "SessionToken": opened.token,
            "Expiration": opened.expiration,
        },
        "AssumedRoleUser": {"AssumedRoleId": session.principal.user_id, "Arn": session.arn},
    }
