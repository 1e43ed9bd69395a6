"""A stand-in for kubernetes-sigs/aws-encryption-provider: its flags, its gRPC API (KMS v2), its health endpoint.

It encrypts with AWS KMS under the node's identity, which boto3 gets from the instance metadata service. It keeps no key
and no cache, and it logs neither plaintext nor ciphertext.
"""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

import boto3
import grpc
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from bootstrap.localcloud.kubernetes import kms_messages as messages

_log = logging.getLogger("aws-encryption-provider")
_PROBE = b"health"


class KmsClient(Protocol):
    """The calls of boto3's KMS client that are used here."""

    def encrypt(self, *, KeyId: str, Plaintext: bytes, EncryptionContext: Mapping[str, str]) -> Any: ...  # noqa: N803
    def decrypt(self, *, KeyId: str, CiphertextBlob: bytes, EncryptionContext: Mapping[str, str]) -> Any: ...  # noqa: N803


class KmsPlugin:
    """KMS v2 calls, each one call of AWS KMS. The KeyId that Kubernetes stores is the key's ARN."""

    def __init__(self, kms: KmsClient, key_arn: str, context: Mapping[str, str]) -> None:
        self._kms, self._key_arn, self._context = kms, key_arn, context

    def encrypt(self, plaintext: bytes) -> bytes:
        answer = self._kms.encrypt(KeyId=self._key_arn, Plaintext=plaintext, EncryptionContext=self._context)
        return bytes(answer["CiphertextBlob"])

    def decrypt(self, ciphertext: bytes) -> bytes:
        answer = self._kms.decrypt(KeyId=self._key_arn, CiphertextBlob=ciphertext, EncryptionContext=self._context)
        return bytes(answer["Plaintext"])

    def health(self) -> str:
        """`ok`, or why the key cannot be used: a value is encrypted and decrypted to find out."""
        try:
            if self.decrypt(self.encrypt(_PROBE)) != _PROBE:
                return "KMS returned another plaintext than it was given"
        except (BotoCoreError, ClientError) as error:
            return _reason(error)
        return "ok"

    def handlers(self) -> grpc.GenericRpcHandler:
        """The gRPC service."""

        def status(_request: Any, _context: grpc.ServicerContext) -> Any:
            return messages.StatusResponse(version="v2", healthz=self.health(), key_id=self._key_arn)

        def encrypt(request: Any, context: grpc.ServicerContext) -> Any:
            ciphertext = _answer(context, "Encrypt", lambda: self.encrypt(request.plaintext))
            return messages.EncryptResponse(ciphertext=ciphertext, key_id=self._key_arn)

        def decrypt(request: Any, context: grpc.ServicerContext) -> Any:
            return messages.DecryptResponse(
                plaintext=_answer(context, "Decrypt", lambda: self.decrypt(request.ciphertext))
            )

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


def _answer(context: grpc.ServicerContext, operation: str, call: Callable[[], bytes]) -> bytes:
    try:
        return call()
    except (BotoCoreError, ClientError) as error:
        reason = f"{operation}: {_reason(error)}"
        _log.error(reason)
        context.abort(grpc.StatusCode.INTERNAL, reason)
        raise  # abort has raised; this tells the type checker so


def _reason(error: Exception) -> str:
    """AWS's own words about a refusal: they name principals, keys and actions, never a value."""
    return " ".join(str(error).split())


def serve_socket(plugin: KmsPlugin, socket: Path) -> grpc.Server:
    """Serve on a Unix socket. A socket that a killed predecessor left would make the bind fail: it is removed."""
    socket.unlink(missing_ok=True)
    server = grpc.server(ThreadPoolExecutor(max_workers=4, thread_name_prefix="kms"))
    server.add_generic_rpc_handlers((plugin.handlers(),))
    server.add_insecure_port(f"unix://{socket}")
    server.start()
    socket.chmod(0o600)
    return server


def serve_health(plugin: KmsPlugin, address: tuple[str, int]) -> ThreadingHTTPServer:
    """`/healthz`: 200 while the key can be used, else 500 with the reason. A change of verdict is logged."""
    last = [""]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/healthz":
                self.send_error(404)
                return
            verdict = plugin.health()
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


def parse_context(text: str) -> dict[str, str]:
    """`key=value,key=value`, as the real plugin's flag takes it."""
    pairs = [item.partition("=") for item in text.split(",") if item]
    if any(not key or not separator for key, separator, _ in pairs):
        raise argparse.ArgumentTypeError("is not of the form key=value,key=value")
    return {key: value for key, _, value in pairs}


def parse_address(text: str) -> tuple[str, int]:
    """`host:port`; without a host it is loopback, since this plugin never listens on more."""
    host, _, port = text.rpartition(":")
    if not port.isdigit():
        raise argparse.ArgumentTypeError("is not of the form host:port")
    return host or "127.0.0.1", int(port)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="aws-encryption-provider", description=__doc__)
    parser.add_argument("--key", required=True, help="ARN of the key; not an alias")
    parser.add_argument("--region", required=True)
    parser.add_argument("--listen", required=True, type=Path, help="path of the Unix socket")
    parser.add_argument("--encryption-context", type=parse_context, default={})
    parser.add_argument("--health-port", type=parse_address, default=("127.0.0.1", 8083))
    parser.add_argument("--health-kms-version", choices=["v2"], required=True)
    return parser.parse_args(arguments)


def main() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    flags = _parse(sys.argv[1:])
    # The API server gives up after three seconds: fail before it does, so that it hears the reason.
    config = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
    session = boto3.Session(region_name=flags.region)
    if session.get_credentials() is None:
        # A client that was made without credentials never looks for them again: end, and be started again.
        _log.error("no credentials: the instance metadata service gives none for this node's role")
        raise SystemExit(1)
    kms = session.client("kms", config=config)
    plugin = KmsPlugin(kms, flags.key, flags.encryption_context)
    server = serve_socket(plugin, flags.listen)
    serve_health(plugin, flags.health_port)
    _log.info("serving key %s", flags.key)
    signal.signal(signal.SIGTERM, lambda _number, _frame: server.stop(grace=1))
    server.wait_for_termination()
    flags.listen.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
