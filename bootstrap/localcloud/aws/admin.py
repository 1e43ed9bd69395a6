"""`/_local/…`: what the harness around the local AWS may do, with the admin token. No AWS client ever calls it."""

import hmac
import json
from typing import Any

from bootstrap.localcloud.aws.answers import Answer, AwsError
from bootstrap.localcloud.aws.clusters import Cluster
from bootstrap.localcloud.aws.credentials import proof
from bootstrap.localcloud.aws.guard import Guard
from bootstrap.localcloud.aws.wire import PROTOCOLS, HttpRequest

PREFIX = "/_local/"


class Admin:
    """Answers the harness."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def answer(self, request: HttpRequest) -> Answer:
        token = self._guard.credentials.admin_token
        command = request.path.removeprefix(PREFIX)
        if command == "health":
            return Answer.json({"proof": proof(token, request.query.get("nonce", [""])[0])})
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return Answer.json({"message": "the admin token is missing or wrong"}, 403)
        commands = {
            "register-cluster": self._register,
            "deregister-cluster": self._deregister,
            "pod-identity": self._pod_identity,
            "outage": self._outage,
            "audit": lambda _: self._guard.audit.entries(),
        }
        if command not in commands or request.method != "POST":
            return Answer.json({"message": "there is no such command"}, 404)
        try:
            with self._guard.cloud.lock:
                return Answer.json(commands[command](json.loads(request.body)))
        except AwsError as error:
            return Answer.json({"message": error.message}, 400)
        except (KeyError, TypeError, ValueError):
            return Answer.json({"message": "the command's parameters are wrong"}, 400)

    def _register(self, body: dict[str, Any]) -> None:
        self._guard.clusters.put(Cluster(**body))

    def _deregister(self, body: dict[str, Any]) -> None:
        self._guard.clusters.remove(body["name"])
        self._guard.associations.forget_cluster(body["name"])

    def _pod_identity(self, body: dict[str, Any]) -> dict[str, Any] | None:
        found = self._guard.associations.find(body["cluster"], body["namespace"], body["service_account"])
        return found.full() if found else None

    def _outage(self, body: dict[str, Any]) -> None:
        services = frozenset(body["services"])
        unknown = services - PROTOCOLS.keys() - {"eks-auth"}
        if unknown:
            raise AwsError("ValidationError", f"no such service: {', '.join(sorted(unknown))}")
        self._guard.outage = services
