"""What each API server of a cluster has loaded and writes with, by its own metrics. Owns no decision.

Hashes are SHA-256 of the key's id, of the configuration file and of the API server's identity, which is the name of its
Lease in kube-system.
Source: k8s.io/apiserver v0.36, `envelope/metrics` and `encryptionconfig/metrics`.
"""

import datetime
import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import httpx2

from bootstrap.errors import BootstrapError

_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
_IDENTITY = {"labelSelector": "apiserver.kubernetes.io/identity=kube-apiserver"}
_ALIVE = datetime.timedelta(seconds=60)  # they renew every ten seconds
_LINE = re.compile(r"(?P<name>\w+)\{(?P<labels>[^}]*)\} (?P<value>\S+)")
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_ENVELOPE = "apiserver_envelope_encryption_key_id_hash"
_CONFIGURATION = "apiserver_encryption_config_controller_last_config_info"
_NEW_CONNECTION = {"Connection": "close"}
_POLL_SECONDS = 1.0
LOAD_SECONDS = 240.0  # a configuration is looked at once a minute, a key's id at the latest after three (KMS v2)


@dataclass(frozen=True)
class WriteKey:
    """What an API server encrypts with: a provider, and the hash of its key's id."""

    provider: str
    key_id_hash: str


@dataclass(frozen=True, kw_only=True)
class ApiServer:
    """One API server as its metrics show it.

    configuration: the hash of the EncryptionConfiguration that it has loaded.
    known: for each provider, the hash of the key's id that the plugin last told it.
    asked: for each provider, when the plugin told it that (seconds of its own clock).
    wrote_last: what it last encrypted with, and when (seconds of its own clock).
    """

    id_hash: str
    configuration: str | None
    known: Mapping[str, str]
    asked: Mapping[str, float]
    wrote_last: tuple[float, WriteKey] | None


def digest(text: str | bytes) -> str:
    """A hash as the metrics have it."""
    return f"sha256:{hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()}"


def observe(http: httpx2.Client) -> list[ApiServer]:
    """Every live API server. Behind a load balancer, each request on a connection of its own finds another."""
    wanted = {digest(name) for name in _live(http)}
    seen: dict[str, ApiServer] = {}
    for _attempt in range(20 * max(len(wanted), 1)):
        server = _read(http)
        seen[server.id_hash] = server
        if wanted <= set(seen):
            return [seen[one] for one in wanted]
    raise BootstrapError(
        "the API servers",
        f"{len(set(seen) & wanted)} of {len(wanted)} could be asked",
        "run the command where every API server can be reached through the kubeconfig's address",
    )


def wait_until(http: httpx2.Client, hold: Callable[[Sequence[ApiServer]], bool], what: str) -> None:
    """Wait until something holds of all live API servers."""
    deadline = time.monotonic() + LOAD_SECONDS
    while not hold(observe(http)):
        if time.monotonic() > deadline:
            raise BootstrapError(
                what,
                f"not every API server has it after {LOAD_SECONDS:.0f} s",
                "see their logs and metrics (apiserver_encryption_config_controller_*), then run the command again",
            )
        time.sleep(_POLL_SECONDS)


def _live(http: httpx2.Client) -> list[str]:
    leases = _get(http, _LEASES, _IDENTITY).json()["items"]
    renewed = {
        lease["metadata"]["name"]: datetime.datetime.fromisoformat(lease["spec"]["renewTime"]) for lease in leases
    }
    newest = max(renewed.values(), default=None)
    return [name for name, when in renewed.items() if newest is not None and newest - when < _ALIVE]


def _read(http: httpx2.Client) -> ApiServer:
    # Asking for the health of its plugins makes an API server ask them, earlier than it would by itself.
    http.get("/healthz/kms-providers", headers=_NEW_CONNECTION)
    known: dict[str, tuple[float, str]] = {}
    wrote: tuple[float, WriteKey] | None = None
    configuration, id_hash = None, ""
    for name, labels, value in _samples(_get(http, "/metrics").text):
        id_hash = labels.get("apiserver_id_hash", id_hash)
        if name == _CONFIGURATION:
            configuration = labels["hash"]
        elif name == f"{_ENVELOPE}_status_last_timestamp_seconds":
            provider = labels["provider_name"]
            known[provider] = max(known.get(provider, (0.0, "")), (value, labels["key_id_hash"]))
        elif name == f"{_ENVELOPE}_last_timestamp_seconds" and labels["transformation_type"] == "to_storage":
            found = (value, WriteKey(labels["provider_name"], labels["key_id_hash"]))
            wrote = found if wrote is None or found[0] > wrote[0] else wrote
    if not id_hash:
        raise BootstrapError(
            "the API server's metrics",
            "they say nothing of encryption by a KMS (version 2)",
            "run the command on a cluster that encrypts Secrets with KMS v2",
        )
    return ApiServer(
        id_hash=id_hash,
        configuration=configuration,
        known={provider: key for provider, (_when, key) in known.items()},
        asked={provider: when for provider, (when, _key) in known.items()},
        wrote_last=wrote,
    )


def _samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    for line in text.splitlines():
        match = _LINE.fullmatch(line) if line.startswith(("apiserver_envelope_", "apiserver_encryption_")) else None
        if match is not None:
            yield match["name"], dict(_LABEL.findall(match["labels"])), float(match["value"])


def _get(http: httpx2.Client, path: str, parameters: Mapping[str, str] | None = None) -> httpx2.Response:
    answer = http.get(path, params=parameters, headers=_NEW_CONNECTION)
    if answer.is_error:
        raise BootstrapError(
            f"GET {path}",
            f"the API server answered {answer.status_code}",
            "use a kubeconfig of an administrator: the command reads metrics, Leases and Secrets",
        )
    return answer
