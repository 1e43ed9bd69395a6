"""Probes of a container, by the clock of its spec. Owns when to ask and what the answers add up to."""

import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Any

_FIRST_YES_SECONDS = 0.5


class ProbeError(Exception):
    """A probe that is not known here; the text goes into the pod's status."""


class Probe:
    """One probe. `verdict` is None until it is known.

    Until the first yes it asks more often than the spec says, so that nobody waits a whole period for a program that
    has just come up; failures are counted once a period all the same.
    """

    def __init__(self, spec: Mapping[str, Any], ask: Callable[[], bool], started_at: float) -> None:
        self._ask = ask
        self._period = float(spec.get("periodSeconds", 10))
        self._failures_allowed = int(spec.get("failureThreshold", 3))
        self._next = self._next_counted = started_at + float(spec.get("initialDelaySeconds", 0))
        self._failures = 0
        self._has_succeeded = False
        self.verdict: bool | None = None

    def step(self, now: float) -> None:
        """Ask if it is time to."""
        if now < self._next:
            return
        if self._ask():
            self.verdict = self._has_succeeded = True
            self._failures, self._next_counted = 0, now
        elif now >= self._next_counted:
            self._failures += 1
            self._next_counted = now + self._period
            if self._failures >= self._failures_allowed:
                self.verdict = False
        self._next = now + (self._period if self._has_succeeded else min(self._period, _FIRST_YES_SECONDS))


def asker(
    spec: Mapping[str, Any], container: Mapping[str, Any], local_port: Callable[[int], int]
) -> Callable[[], bool]:
    """The question that a probe's spec describes, put to the local process."""
    timeout = float(spec.get("timeoutSeconds", 1))
    if "httpGet" in spec:
        target = spec["httpGet"]
        secure = target.get("scheme", "HTTP") == "HTTPS"
        port, path = local_port(_port(target["port"], container)), target.get("path", "/")
        return lambda: _http_ok(port, path, timeout, secure=secure)
    if "tcpSocket" in spec:
        port = local_port(_port(spec["tcpSocket"]["port"], container))
        return lambda: _connects(port, timeout)
    raise ProbeError("nodes of the local cloud know the probes httpGet and tcpSocket only")


def _port(port: int | str, container: Mapping[str, Any]) -> int:
    if isinstance(port, int):
        return port
    for one in container.get("ports", []):
        if one.get("name") == port:
            return int(one["containerPort"])
    raise ProbeError(f"the container has no port named {port}")


def _http_ok(port: int, path: str, timeout: float, *, secure: bool) -> bool:
    if secure:
        # Like kubelet, a probe does not ask who signed the certificate.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            "127.0.0.1", port, timeout=timeout, context=context
        )
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        return 200 <= connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connects(port: int, timeout: float) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout):
            return True
    except OSError:
        return False
