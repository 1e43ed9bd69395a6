"""The Kubernetes KMS v2 API on a Unix socket, and its health by HTTP. Which KMS holds the key is not its business.

It keeps no key and no cache, and it logs neither plaintext nor ciphertext.
"""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol, TypeVar

import grpc

from bootstrap.localcloud.kubernetes.kms import messages

_log = logging.getLogger("kms")
_PROBE = b"health"
_Answer = TypeVar("_Answer")


class KeyUnusableError(Exception):
    """The KMS said no, in its own words: they name principals, keys and actions, never a value."""


@dataclass(frozen=True, kw_only=True)
class Encrypted:
    """A ciphertext, and which key or version of a key made it."""

    ciphertext: bytes
    key_id: str


class Key(Protocol):
    """A key in a KMS. Each call raises KeyUnusableError if the KMS refuses it or cannot be reached."""

    def encrypt(self, plaintext: bytes) -> Encrypted: ...
    def decrypt(self, ciphertext: bytes) -> bytes: ...

    def current_id(self) -> str:
        """What `encrypt` would write as `key_id` now. The API server encrypts anew when this changes."""
        ...


class KmsService:
    """The three calls of KMS v2."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._last_id = ""

    def health(self) -> str:
        """`ok`, or why the key cannot be used: a value is encrypted and decrypted to find out."""
        try:
            if self._key.decrypt(self._key.encrypt(_PROBE).ciphertext) != _PROBE:
                return "the KMS returned another plaintext than it was given"
        except KeyUnusableError as error:
            return str(error)
        return "ok"

    def status(self) -> Any:
        """The key's id stays what it was while the KMS is down: an outage is no rotation."""
        healthz = self.health()
        if healthz == "ok":
            try:
                self._last_id = self._key.current_id()
            except KeyUnusableError as error:
                healthz = str(error)
        return messages.StatusResponse(version="v2", healthz=healthz, key_id=self._last_id)

    def handlers(self) -> grpc.GenericRpcHandler:
        """The gRPC service."""

        def status(_request: Any, _context: grpc.ServicerContext) -> Any:
            return self.status()

        def encrypt(request: Any, context: grpc.ServicerContext) -> Any:
            made = _answer(context, "Encrypt", lambda: self._key.encrypt(request.plaintext))
            return messages.EncryptResponse(ciphertext=made.ciphertext, key_id=made.key_id)

        def decrypt(request: Any, context: grpc.ServicerContext) -> Any:
            plaintext = _answer(context, "Decrypt", lambda: self._key.decrypt(request.ciphertext))
            return messages.DecryptResponse(plaintext=plaintext)

        methods = {
            "Status": _method(status, messages.StatusRequest),
            "Encrypt": _method(encrypt, messages.EncryptRequest),
            "Decrypt": _method(decrypt, messages.DecryptRequest),
        }
        return grpc.method_handlers_generic_handler(messages.SERVICE, methods)


def _method(call: Callable[[Any, grpc.ServicerContext], Any], request: Any) -> grpc.RpcMethodHandler:
    def serialize(message: Any) -> bytes:
        return message.SerializeToString()

    return grpc.unary_unary_rpc_method_handler(
        call, request_deserializer=request.FromString, response_serializer=serialize
    )


def _answer(context: grpc.ServicerContext, operation: str, call: Callable[[], _Answer]) -> _Answer:
    try:
        return call()
    except KeyUnusableError as error:
        reason = f"{operation}: {error}"
        _log.error(reason)
        context.abort(grpc.StatusCode.INTERNAL, reason)
        raise  # abort has raised; this tells the type checker so


def serve_socket(service: KmsService, socket: Path) -> grpc.Server:
    """Serve on a Unix socket. A socket that a killed predecessor left would make the bind fail: it is removed."""
    socket.unlink(missing_ok=True)
    server = grpc.server(ThreadPoolExecutor(max_workers=4, thread_name_prefix="kms"))
    server.add_generic_rpc_handlers((service.handlers(),))
    server.add_insecure_port(f"unix://{socket}")
    server.start()
    socket.chmod(0o600)
    return server


def serve_health(service: KmsService, address: tuple[str, int], path: str = "/healthz") -> ThreadingHTTPServer:
    """200 on `path` while the key can be used, else 500 with the reason. A change of verdict is logged."""
    last = [""]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != path:
                self.send_error(404)
                return
            verdict = service.health()
            if verdict != last[0]:
                _log.log(logging.INFO if verdict == "ok" else logging.ERROR, "health: %s", verdict)
                last[0] = verdict
            body = verdict.encode()
            self.send_response(200 if verdict == "ok" else 500)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
            """Probes come every few seconds: they are not worth a line each."""

    server = ThreadingHTTPServer(address, Handler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server


def serve(key: Key, *, socket: Path, health: tuple[str, int], health_path: str = "/healthz") -> None:
    """Serve a key until SIGTERM."""
    service = KmsService(key)
    server = serve_socket(service, socket)
    serve_health(service, health, health_path)
    _log.info("serving on %s", socket)
    signal.signal(signal.SIGTERM, lambda _number, _frame: server.stop(grace=1))
    server.wait_for_termination()
    socket.unlink(missing_ok=True)


def parse(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """The flags of a plugin; everything it has to say goes to standard error."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    return parser.parse_args(arguments)


def parse_address(text: str) -> tuple[str, int]:
    """`host:port`, or a port alone; without a host it is loopback, since these plugins never listen on more."""
    host, _, port = text.rpartition(":")
    if not port.isdigit():
        raise argparse.ArgumentTypeError("is not of the form host:port")
    return host or "127.0.0.1", int(port)
