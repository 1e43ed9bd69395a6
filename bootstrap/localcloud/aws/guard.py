"""The guard: who is calling, may they, and only then does moto do it. Everything it does not know it refuses.

Its parts: `signature` and `sessions` say who calls, the services' modules which permissions a call needs,
`authorization` whether the policies give them, `cloud` carries out. A call holds the cloud's lock from the first look
at a policy to the durable change, so no verdict is overtaken.
"""

import re
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from bootstrap.localcloud.aws.answers import Answer, AwsError, Fault, Protocol, error_answer
from bootstrap.localcloud.aws.associations import Associations
from bootstrap.localcloud.aws.audit import Audit, resource_of
from bootstrap.localcloud.aws.authorization import Authorizer
from bootstrap.localcloud.aws.cloud import Cloud
from bootstrap.localcloud.aws.clusters import Clusters
from bootstrap.localcloud.aws.credentials import LocalCredentials
from bootstrap.localcloud.aws.documents import Documents
from bootstrap.localcloud.aws.dynamodb import dynamodb_rules
from bootstrap.localcloud.aws.eks import Eks
from bootstrap.localcloud.aws.engine import PolicyEngine
from bootstrap.localcloud.aws.iam import iam_rules
from bootstrap.localcloud.aws.issuers import Issuers
from bootstrap.localcloud.aws.kms import kms_rules
from bootstrap.localcloud.aws.kms_usage import kms_usage_rules
from bootstrap.localcloud.aws.metadata import InstanceMetadata, PodIdentityAgent
from bootstrap.localcloud.aws.principals import Principal
from bootstrap.localcloud.aws.route53 import route53_rules
from bootstrap.localcloud.aws.rules import Judged, Rules
from bootstrap.localcloud.aws.secretsmanager import secretsmanager_rules
from bootstrap.localcloud.aws.sessions import Sessions
from bootstrap.localcloud.aws.signature import Authorization, verify
from bootstrap.localcloud.aws.sts import Sts
from bootstrap.localcloud.aws.users import ensure_users, user_of_key
from bootstrap.localcloud.aws.wire import PROTOCOLS, Call, HttpRequest, parse, query_parameters

_WEB_IDENTITY = "AssumeRoleWithWebIdentity"
_AGENT = re.compile(r"/_agent/(?P<cluster>[^/]+)/v1/credentials")
_IMDS = re.compile(r"/_imds/(?P<cluster>[^/]+)(?P<path>/.*)")
_ERROR_CODE = re.compile(rb'<Code>(\w+)</Code>|"__type": ?"(?:[\w.]+#)?(\w+)"')


class Guard:
    """One local AWS. `directory` holds all its state; `engine_directory` the installed policy evaluator."""

    def __init__(self, directory: Path, engine_directory: Path) -> None:
        self.credentials = LocalCredentials.ensure(directory)
        self.cloud = Cloud(directory / "moto")
        self.clusters = Clusters(directory / "clusters.json")
        self.associations = Associations(directory / "associations.json")
        self.audit = Audit(directory / "audit.jsonl")
        self.outage: frozenset[str] = frozenset()
        self.engine = PolicyEngine(engine_directory)
        self._sessions = Sessions(self.credentials.session_key)
        self._authorizer = Authorizer(self.cloud, self.engine)
        issuers = Issuers()
        self._sts = Sts(self.cloud, self._authorizer, self._sessions, issuers)
        self._agent = PodIdentityAgent(self.clusters, self.associations, self._sts, self._sessions, issuers)
        self._imds = InstanceMetadata(self.clusters, self._sts, self._sessions)
        documents = Documents(self.cloud, self.engine)
        self._rules: Mapping[str, Rules] = {
            "kms": {**kms_rules(documents), **kms_usage_rules()},
            "secretsmanager": secretsmanager_rules(documents),
            "dynamodb": dynamodb_rules(),
            "iam": iam_rules(documents),
            "route53": route53_rules(),
            "sts": self._sts.rules,
            "eks": Eks(self.clusters, self.associations).rules,
        }
        ensure_users(self.cloud, self.credentials)

    def answer(self, request: HttpRequest) -> Answer:
        """Judge one request of an SDK, a pod or a node, and answer it."""
        agent, imds = _AGENT.fullmatch(request.path), _IMDS.fullmatch(request.path)
        if agent:
            return self._guarded("rest-json", lambda: self._pod_identity(request, agent["cluster"]))
        if imds:
            return self._guarded("rest-json", lambda: self._metadata(request, imds["cluster"], imds["path"]))
        if "authorization" not in request.headers and _is_form(request):
            return self._guarded("query", lambda: self._unsigned(request))
        return self._guarded(_protocol(request), lambda: self._signed(request))

    def _guarded(self, protocol: Protocol, judge: Callable[[], Answer]) -> Answer:
        try:
            return judge()
        except AwsError as error:
            return error_answer(error, protocol)
        except Exception as error:
            # Where it happened is told, what was in hand is not: an exception's text may quote a value.
            frames = "".join(traceback.format_tb(error.__traceback__))
            print(f"{type(error).__name__}, in:\n{frames}", file=sys.stderr, flush=True)
            return error_answer(AwsError(Fault.INTERNAL, "The local AWS failed; its log says where."), protocol)

    def _signed(self, request: HttpRequest) -> Answer:
        claimed = Authorization.of(request)
        self._require_service(claimed.service)
        principal = None
        call = Call(claimed.service, "unknown", claimed.region, {})
        try:
            principal = self._authenticate(request, claimed)
            call = parse(request, claimed.service, claimed.region)
            answer = self._judge(call, principal)
        except AwsError as error:
            self._refused(call, principal, error)
            raise
        self._done(call, principal, answer)
        return answer

    def _authenticate(self, request: HttpRequest, claimed: Authorization) -> Principal:
        token = request.headers.get("x-amz-security-token")
        if token is None and not claimed.key_id.startswith("ASIA"):
            with self.cloud.lock:
                principal, key = user_of_key(self.cloud, claimed.key_id)
            verify(request, claimed, key.secret)
            return principal
        session, secret = self._sessions.session_of(claimed.key_id, token)
        verify(request, claimed, secret)
        with self.cloud.lock:
            role = self.cloud.role_by_arn(session.role_arn)
        if role is None or role.id != session.role_id:
            raise AwsError(Fault.UNKNOWN_KEY, "The security token included in the request is invalid.")
        return session.principal

    def _judge(self, call: Call, principal: Principal) -> Answer:
        rule = self._rules[call.service].get(call.action)
        if rule is None:
            raise AwsError("UnsupportedOperation", f"The local AWS does not serve {call.event}.")
        judged = Judged(call=call, principal=principal, cloud=self.cloud, authorizer=self._authorizer)
        with self.cloud.lock:
            self._authorizer.require(principal, call.region, rule.needs(judged))
            rule.check(judged)
            return rule.respond(judged)

    def _unsigned(self, request: HttpRequest) -> Answer:
        parameters = query_parameters(request)
        if parameters.pop("Action", "") != _WEB_IDENTITY:
            raise AwsError(Fault.UNSIGNED, "Request is missing Authentication Token")
        self._require_service("sts")
        call = Call("sts", _WEB_IDENTITY, "us-east-1", parameters)
        try:
            session, answer = self._sts.assume_with_web_identity(call)
        except AwsError as error:
            self._refused(call, None, error)
            raise
        self._done(call, session.principal, answer, session.subject)
        return answer

    def _pod_identity(self, request: HttpRequest, cluster_name: str) -> Answer:
        self._require_service("eks-auth")
        call = Call("eks-auth", "AssumeRoleForPodIdentity", "", {"name": cluster_name})
        try:
            cluster, claims = self._agent.claims(request, cluster_name)
            with self.cloud.lock:
                session, answer = self._agent.credentials(cluster, claims)
        except AwsError as error:
            self._refused(call, None, error)
            raise
        self._done(call, session.principal, answer)
        return answer

    def _metadata(self, request: HttpRequest, cluster_name: str, path: str) -> Answer:
        call = Call("imds", path.rsplit("/", 1)[-1], "", {"name": cluster_name})
        try:
            with self.cloud.lock:
                answer = self._imds.answer(request, cluster_name, path)
        except AwsError as error:
            self._refused(call, None, error)
            raise
        self._done(call, None, answer)
        return answer

    def _require_service(self, service: str) -> None:
        if service in self.outage:
            raise AwsError(Fault.UNAVAILABLE, f"{service} is switched off.")

    def _refused(self, call: Call, principal: Principal | None, error: AwsError) -> None:
        code = error.code.name if isinstance(error.code, Fault) else error.code
        self.audit.write(
            call.event,
            principal=principal,
            resource=resource_of(call.parameters),
            allowed=False,
            reason=f"{code}: {error.message}",
        )

    def _done(self, call: Call, principal: Principal | None, answer: Answer, subject: str | None = None) -> None:
        """The guard allowed it; the service may still have said no."""
        match = _ERROR_CODE.search(answer.body) if answer.status >= 400 else None
        said = (match[1] or match[2]).decode() if match else ""
        self.audit.write(
            call.event,
            principal=principal,
            resource=resource_of(call.parameters),
            allowed=True,
            reason=said,
            subject=subject,
        )


def _is_form(request: HttpRequest) -> bool:
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def _protocol(request: HttpRequest) -> Protocol:
    by_shape = "json" if "x-amz-target" in request.headers else "query" if _is_form(request) else "rest-json"
    try:
        return PROTOCOLS.get(Authorization.of(request).service, by_shape)
    except AwsError:
        return by_shape
