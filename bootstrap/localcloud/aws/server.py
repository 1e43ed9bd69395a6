"""The HTTP server: a thread for each connection, connections that are kept, no log of what passes through.

werkzeug's server closes every connection after one answer; the SDKs keep theirs, and a first sync makes many calls.
"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bootstrap.localcloud.aws.admin import PREFIX, Admin
from bootstrap.localcloud.aws.answers import Answer, AwsError, error_answer
from bootstrap.localcloud.aws.guard import Guard
from bootstrap.localcloud.aws.wire import HttpRequest

_MAX_BODY = 1 << 20
_IDLE_SECONDS = 120.0


class Server(ThreadingHTTPServer):
    """The local AWS on a loopback port, ready for `serve_forever`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, directory: Path, engine_directory: Path, port: int) -> None:
        self.guard = Guard(directory, engine_directory)
        self.admin = Admin(self.guard)
        super().__init__(("127.0.0.1", port), _Handler)
        self.hosts = [f"{name}:{self.server_address[1]}" for name in ("127.0.0.1", "localhost")]

    def server_close(self) -> None:
        super().server_close()
        self.guard.engine.close()

    def answer(self, request: HttpRequest) -> Answer:
        return self.admin.answer(request) if request.path.startswith(PREFIX) else self.guard.answer(request)


class _Handler(BaseHTTPRequestHandler):
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        try:
            answer = self.server.answer(self._request())
        except AwsError as error:
            self.close_connection = True  # the body was not read, so nothing behind it can be
            answer = error_answer(error, "rest-json")
        self.send_response(answer.status)
        for name, value in (*answer.headers, ("Content-Length", str(len(answer.body)))):
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815  # the base class's names

    def _request(self) -> HttpRequest:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > _MAX_BODY:
            raise AwsError("RequestEntityTooLarge", "The request's body is too large, or its length is not told.", 413)
        if self.headers.get("Host") not in self.server.hosts:
            # A page in a browser could have a name of its own resolved to this machine.
            raise AwsError("AccessDeniedException", "The request is for another host.", 403)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return HttpRequest(self.command, self.path, headers, self.rfile.read(int(length)))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """Nothing: the audit trail says what happened, and a request line could carry a value."""
