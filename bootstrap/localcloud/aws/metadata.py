"""Where pods and nodes get credentials: the EKS Pod Identity agent and the EC2 metadata service, one of each a cluster.

Anybody on this machine can ask the metadata service, as any process of a node can on EC2; the agent asks for a token.
"""

import json
import re
import secrets
import time
from typing import Any

from bootstrap.localcloud.aws.answers import Answer, AwsError, Fault
from bootstrap.localcloud.aws.associations import Associations
from bootstrap.localcloud.aws.clusters import Cluster, Clusters
from bootstrap.localcloud.aws.issuers import Issuers
from bootstrap.localcloud.aws.sessions import Session, Sessions
from bootstrap.localcloud.aws.sts import Sts
from bootstrap.localcloud.aws.wire import ACCOUNT, HttpRequest

AGENT_AUDIENCE = "pods.eks.amazonaws.com"
_AGENT_SECONDS = 6 * 3600
_NODE_SECONDS = 6 * 3600
_CREDENTIALS = "/latest/meta-data/iam/security-credentials/"
_TOKEN_HEADER = "x-aws-ec2-metadata-token"  # noqa: S105  # a header's name


class PodIdentityAgent:
    """Answers `/_agent/<cluster>/v1/credentials` for the holder of a service account's token."""

    def __init__(
        self, clusters: Clusters, associations: Associations, sts: Sts, sessions: Sessions, issuers: Issuers
    ) -> None:
        self._clusters = clusters
        self._associations = associations
        self._sts = sts
        self._sessions = sessions
        self._issuers = issuers

    def claims(self, request: HttpRequest, cluster_name: str) -> tuple[Cluster, dict[str, Any]]:
        """The verified claims of the pod's token. Asks the cluster for its keys, so no lock may be held."""
        cluster = self._clusters.get(cluster_name)
        token = request.headers.get("authorization", "")
        if not token:
            raise AwsError("InvalidTokenException", "The request has no service account token.", 400)
        return cluster, self._issuers.verify(token, cluster.issuer_url, cluster.anchor, [AGENT_AUDIENCE])

    def credentials(self, cluster: Cluster, claims: dict[str, Any]) -> tuple[Session, Answer]:
        """A session of the associated role, with the session tags of EKS (User Guide, "Pod Identity session tags")."""
        account = _service_account(claims)
        association = self._associations.find(cluster.name, account["namespace"], account["serviceaccount"])
        if association is None:
            raise AwsError(Fault.ACCESS_DENIED, "No Pod Identity association for this service account.")
        tags = {
            "eks-cluster-arn": cluster.arn,
            "eks-cluster-name": cluster.name,
            "kubernetes-namespace": account["namespace"],
            "kubernetes-service-account": account["serviceaccount"],
            "kubernetes-pod-name": account["pod"],
            "kubernetes-pod-uid": account["pod-uid"],
        }
        tags = {} if association.disable_session_tags else {name: value for name, value in tags.items() if value}
        session = self._sts.session_of(
            AGENT_AUDIENCE,
            association.role_arn,
            f"eks-{cluster.name}-{account['serviceaccount']}-{secrets.token_hex(4)}"[:64],
            seconds=_AGENT_SECONDS,
            actions=("sts:AssumeRole", "sts:TagSession") if tags else ("sts:AssumeRole",),
            context={
                **{f"aws:RequestTag/{name}": value for name, value in tags.items()},
                "aws:TagKeys": sorted(tags),
                "aws:SourceAccount": ACCOUNT,
                "aws:SourceArn": cluster.arn,
            },
            tags=tags,
        )
        opened = self._sessions.open_session(session)
        return session, Answer.json(
            {
                "AccessKeyId": opened.access_key_id,
                "SecretAccessKey": opened.secret_access_key,
                "Token": opened.token,
                "AccountId": ACCOUNT,
                "Expiration": opened.expiration,
            }
        )


def _service_account(claims: dict[str, Any]) -> dict[str, str]:
    """Namespace, account and pod, from the subject and from what Kubernetes binds the token to."""
    match = re.fullmatch(r"system:serviceaccount:([^:]+):([^:]+)", str(claims["sub"]))
    if match is None:
        raise AwsError("InvalidTokenException", "The token is not of a service account.", 400)
    bound = claims.get("kubernetes.io")
    pod = bound.get("pod") if isinstance(bound, dict) else None
    pod = pod if isinstance(pod, dict) else {}
    return {
        "namespace": match[1],
        "serviceaccount": match[2],
        "pod": str(pod.get("name", "")),
        "pod-uid": str(pod.get("uid", "")),
    }


class InstanceMetadata:
    """Answers `/_imds/<cluster>/…` by the rules of IMDSv2: a token first, then everything with it."""

    def __init__(self, clusters: Clusters, sts: Sts, sessions: Sessions) -> None:
        self._clusters = clusters
        self._sts = sts
        self._sessions = sessions
        self._tokens: dict[str, tuple[str, float]] = {}

    def answer(self, request: HttpRequest, cluster_name: str, path: str) -> Answer:
        """What the metadata service says; the caller holds the cloud's lock."""
        cluster = self._clusters.get(cluster_name)
        if path == "/latest/api/token":
            return self._new_token(request, cluster)
        known, expires = self._tokens.get(request.headers.get(_TOKEN_HEADER, ""), ("", 0.0))
        if known != cluster.name or expires < time.monotonic() or request.method != "GET":
            return Answer.text("Unauthorized", 401)
        if path.startswith(_CREDENTIALS.rstrip("/")) and cluster.node_role_arn:
            return self._credentials(cluster, cluster.node_role_arn, path.removeprefix(_CREDENTIALS.rstrip("/")))
        identity = {"accountId": ACCOUNT, "region": cluster.region, "instanceId": f"i-{cluster.name}"}
        documents = {
            "/latest/meta-data/placement/region": cluster.region,
            "/latest/meta-data/placement/availability-zone": f"{cluster.region}a",
            "/latest/dynamic/instance-identity/document": json.dumps(identity),
        }
        found = documents.get(path.rstrip("/"))
        return Answer.text("Not Found", 404) if found is None else Answer.text(found)

    def _new_token(self, request: HttpRequest, cluster: Cluster) -> Answer:
        seconds = request.headers.get("x-aws-ec2-metadata-token-ttl-seconds", "")
        if request.method != "PUT" or not seconds.isdecimal() or not 1 <= int(seconds) <= 21600:
            return Answer.text("Bad Request", 400)
        now, token = time.monotonic(), secrets.token_urlsafe(32)
        self._tokens = {one: entry for one, entry in self._tokens.items() if entry[1] > now}
        self._tokens[token] = (cluster.name, now + int(seconds))
        return Answer(
            200, [("Content-Type", "text/plain"), ("X-aws-ec2-metadata-token-ttl-seconds", seconds)], token.encode()
        )

    def _credentials(self, cluster: Cluster, role_arn: str, rest: str) -> Answer:
        name = role_arn.rsplit("/", 1)[-1]
        if rest in ("", "/"):
            return Answer.text(name)
        if rest != f"/{name}":
            return Answer.text("Not Found", 404)
        session = self._sts.session_of(
            "ec2.amazonaws.com",
            role_arn,
            f"i-{cluster.name}"[:64],
            seconds=_NODE_SECONDS,
            actions=("sts:AssumeRole",),
            context={},
        )
        opened = self._sessions.open_session(session)
        body = {
            "Code": "Success",
            "Type": "AWS-HMAC",
            "LastUpdated": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "AccessKeyId": opened.access_key_id,
            "SecretAccessKey": opened.secret_access_key,
            "Token": opened.token,
            "Expiration": opened.expiration,
        }
        return Answer(200, [("Content-Type", "text/plain")], json.dumps(body).encode())
