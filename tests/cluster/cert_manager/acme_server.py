"""Pebble and the DNS server that it asks, on loopback. The records are those of Route 53 in the local cloud."""

import base64
import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from cryptography import x509

from bootstrap.localcloud.certificates import Authority, Pair
from bootstrap.processes import clean_environment
from bootstrap.toolchain.folders import tools_dir
from tests.local_stack import eventually, free_port_base

_POLL_SECONDS = 0.2


@dataclass
class AcmeServer:
    """A running Pebble. `records` gives the TXT records that its DNS server answers with, by name."""

    directory: Path
    base: int
    records: Callable[[], Mapping[str, list[str]]]
    authority: Authority = field(default_factory=lambda: Authority.create("pebble-server"))

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.base}/dir"

    @property
    def nameserver(self) -> str:
        return f"127.0.0.1:{self.base + 2}"

    @property
    def ca_bundle(self) -> str:
        return base64.b64encode(self.authority.pem.encode()).decode()

    @property
    def log(self) -> str:
        return (self.directory / "pebble.log").read_text()

    def root(self) -> x509.Certificate:
        """The authority of what it issues, which it makes anew at each start."""
        return x509.load_pem_x509_certificate(self._ask(self.base + 1, "/roots/0").content)

    def asked(self, name: str) -> list[str]:
        """The types of the DNS questions that were asked about a name, which has no dot at the end."""
        answer = self._manage("dns-request-history", {"host": name})
        return [str(one["Question"]["Qtype"]) for one in answer.json() or []]

    def _ask(self, port: int, path: str) -> httpx2.Response:
        return httpx2.get(f"https://127.0.0.1:{port}{path}", verify=str(self.directory / "ca.pem"), trust_env=False)

    def _manage(self, command: str, body: Mapping[str, str]) -> httpx2.Response:
        url = f"http://127.0.0.1:{self.base + 3}/{command}"
        return httpx2.post(url, json=dict(body), trust_env=False).raise_for_status()

    @contextmanager
    def running(self) -> Iterator["AcmeServer"]:
        self.directory.mkdir()
        pair = Pair(self.directory / "server.pem", self.directory / "server.key")
        self.authority.issue_server(pair, "pebble")
        (self.directory / "ca.pem").write_text(self.authority.pem)
        (self.directory / "config.json").write_text(json.dumps({"pebble": self._configuration(pair)}))
        dns = [
            *("pebble-challtestsrv", "-dnsserver", self.nameserver, "-management", f"127.0.0.1:{self.base + 3}"),
            *("-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "", "-defaultIPv6", ""),
        ]
        pebble = ["pebble", "-config", str(self.directory / "config.json"), "-strict", "-dnsserver", self.nameserver]
        with ExitStack() as stack:
            stack.enter_context(started(dns, self.directory / "dns.log"))
            stack.enter_context(started(pebble, self.directory / "pebble.log", PEBBLE_VA_NOSLEEP="1"))
            eventually(20)(self._require_answers)()
            stack.enter_context(self._mirrored())
            yield self

    def _configuration(self, pair: Pair) -> dict[str, object]:
        return {
            "listenAddress": f"127.0.0.1:{self.base}",
            "managementListenAddress": f"127.0.0.1:{self.base + 1}",
            "certificate": str(pair.certificate),
            "privateKey": str(pair.key),
            "httpPort": 5002,
            "tlsPort": 5001,
            "retryAfter": {"authz": 1, "order": 1},
            "profiles": {"default": {"description": "the only one", "validityPeriod": 7776000}},
        }

    def _require_answers(self) -> None:
        try:
            assert self._ask(self.base, "/dir").status_code == 200
            self._manage("clear-txt", {"host": "nobody.example."})
        except httpx2.HTTPError as error:
            raise AssertionError(self.log) from error

    @contextmanager
    def _mirrored(self) -> Iterator[None]:
        """Whatever is in the zone is answered by the DNS server a moment later, and nothing else."""
        ended = threading.Event()
        shown: dict[str, list[str]] = {}

        def mirror() -> None:
            while not ended.wait(_POLL_SECONDS):
                current = dict(self.records())
                for name in shown.keys() | current.keys():
                    if shown.get(name) != current.get(name):
                        self._manage("clear-txt", {"host": name})
                        for value in current.get(name, []):
                            self._manage("set-txt", {"host": name, "value": value})
                shown.clear()
                shown.update(current)

        thread = threading.Thread(target=mirror, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


@contextmanager
def started(command: list[str], log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of the tools folder, until the block ends. Nothing of the caller's environment reaches it."""
    program, *arguments = command
    with log.open("wb") as file:
        process = subprocess.Popen(
            [str(tools_dir() / program), *arguments],
            stdout=file,
            stderr=subprocess.STDOUT,
            env=clean_environment(**environment),
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=20)


def acme_server(directory: Path, records: Callable[[], Mapping[str, list[str]]]) -> AcmeServer:
    return AcmeServer(directory=directory, base=free_port_base(), records=records)
