"""The EKS Pod Identity webhook: new pods get the variables and token volumes that AWS clients look for.

It does what aws/amazon-eks-pod-identity-webhook does, with the local agent's address. Owns what is added to a pod;
whether a service account has an association is the local AWS's business.
"""

import base64
import json
import logging
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bootstrap.localcloud.certificates import Pair
from bootstrap.localcloud.cloud import PodWebhook

Operation = dict[str, Any]
_log = logging.getLogger(__name__)
_TOKEN_SECONDS = 86400


@dataclass(frozen=True, kw_only=True)
class Injection:
    """What every container of a pod gets: variables, and a volume with a token for one audience."""

    volume: str
    mount_path: str
    file: str
    audience: str
    variables: Mapping[str, str]

    def operations(self, pod: Mapping[str, Any]) -> list[Operation]:
        """The JSON patch. A container that sets one of the decisive variables itself is left alone."""
        spec = pod["spec"]
        patch: list[Operation] = []
        for kind in ("initContainers", "containers"):
            for index, container in enumerate(spec.get(kind, [])):
                patch += self._into(f"/spec/{kind}/{index}", container)
        if patch:
            source = {"audience": self.audience, "expirationSeconds": _TOKEN_SECONDS, "path": self.file}
            volume = {"name": self.volume, "projected": {"sources": [{"serviceAccountToken": source}]}}
            patch.append(_append("/spec/volumes", spec.get("volumes"), [volume]))
        return patch

    def _into(self, path: str, container: Mapping[str, Any]) -> list[Operation]:
        declared = {variable["name"] for variable in container.get("env", [])}
        decisive = {name for name in self.variables if "REGION" not in name}
        if declared & decisive:
            return []
        variables = [{"name": name, "value": value} for name, value in self.variables.items() if name not in declared]
        mount = {"name": self.volume, "mountPath": self.mount_path, "readOnly": True}
        return [
            _append(f"{path}/env", container.get("env"), variables),
            _append(f"{path}/volumeMounts", container.get("volumeMounts"), [mount]),
        ]


def _append(path: str, existing: list[Any] | None, items: list[dict[str, Any]]) -> Operation:
    """A JSON patch cannot append to a list that is not there, so the whole list is written."""
    return {"op": "add", "path": path, "value": [*(existing or []), *items]}


def pod_identity_injection(agent_url: str, region: str) -> Injection:
    """For a service account with a Pod Identity association."""
    folder = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount"
    variables = {
        "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": agent_url,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": f"{folder}/eks-pod-identity-token",
    }
    return Injection(
        volume="eks-pod-identity-token",
        mount_path=folder,
        file="eks-pod-identity-token",
        audience="pods.eks.amazonaws.com",
        variables=variables,
    )


def irsa_injection(role_arn: str, region: str) -> Injection:
    """For a service account that names its role in the annotation `eks.amazonaws.com/role-arn`."""
    folder = "/var/run/secrets/eks.amazonaws.com/serviceaccount"
    variables = {
        "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_ROLE_ARN": role_arn,
        "AWS_WEB_IDENTITY_TOKEN_FILE": f"{folder}/token",
    }
    return Injection(
        volume="aws-iam-token",
        mount_path=folder,
        file="token",
        audience="sts.amazonaws.com",
        variables=variables,
    )


@dataclass(frozen=True, kw_only=True)
class PodIdentityWebhook:
    """`has_association(namespace, account)` asks the local AWS, `annotations(namespace, account)` the API server."""

    agent_url: str
    region: str
    has_association: Callable[[str, str], bool]
    annotations: Callable[[str, str], Mapping[str, str]]

    def review(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to an admission request for a new pod. An association goes before an annotation, as on EKS."""
        pod = request["object"]
        namespace, account = request["namespace"], pod["spec"].get("serviceAccountName", "default")
        response: dict[str, Any] = {"uid": request["uid"], "allowed": True}
        patch: list[Operation] = []
        if self.has_association(namespace, account):
            patch = pod_identity_injection(self.agent_url, self.region).operations(pod)
        else:
            role_arn = self.annotations(namespace, account).get("eks.amazonaws.com/role-arn")
            if role_arn:
                patch = irsa_injection(role_arn, self.region).operations(pod)
        if patch:
            response |= {"patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(patch).encode()).decode()}
        return response


def serve(webhook: PodWebhook, port: int, pair: Pair) -> ThreadingHTTPServer:
    """Serve admission reviews over TLS on loopback. A review that fails is an error, so that the pod is not created."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                response = webhook.review(json.loads(body)["request"])
            except Exception as error:  # whatever it is, the API server has to hear of it
                _log.error("pod identity: %s: %s", type(error).__name__, error)
                self._answer(500, b"{}")
                return
            review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
            self._answer(200, json.dumps(review).encode())

        def _answer(self, code: int, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
            """Every pod that is created comes by: what went wrong is logged, the rest is not."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(pair.certificate), str(pair.key))
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, name="webhook", daemon=True).start()
    return server
