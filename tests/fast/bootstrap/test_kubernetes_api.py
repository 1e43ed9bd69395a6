"""A cluster that a command cannot use is said to people: what, why, how to mend it, and nothing of the kubeconfig."""

import secrets
import socket
import threading
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from bootstrap.errors import BootstrapError
from bootstrap.kubernetes_api import answering, connect
from bootstrap.paths import REPOSITORY
from tests.fast.bootstrap.test_cli import run
from tests.local_stack import free_port_base

TOKEN = secrets.token_urlsafe(32)
EXAMPLE = REPOSITORY / "docs" / "examples" / "sops"


def kubeconfig(file: Path, **changes: Any) -> Path:
    """A kubeconfig of an API server that is not there."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "prod", "cluster": {"server": f"https://127.0.0.1:{free_port_base()}"}}],
        "users": [{"name": "prod", "user": {"token": TOKEN}}],
        "contexts": [{"name": "prod", "context": {"cluster": "prod", "user": "prod"}}],
        "current-context": "prod",
        **changes,
    }
    file.write_text(yaml.safe_dump({name: value for name, value in document.items() if value is not None}))
    return file


BAD: dict[str, dict[str, Any]] = {
    "no cluster": {"clusters": None},
    "no context": {"current-context": None},
    "another context": {"current-context": "nonprod"},
    "a cluster that is a text": {"clusters": [TOKEN]},
    "a server that is a number": {"clusters": [{"name": "prod", "cluster": {"server": 1}}]},
    "a user that is a text": {"users": [{"name": "prod", "user": TOKEN}]},
    "no user": {"users": []},
    "a certificate that is none": {
        "clusters": [{"name": "prod", "cluster": {"server": "https://x", "certificate-authority-data": "eA=="}}]
    },
    "a certificate that is not there": {
        "clusters": [{"name": "prod", "cluster": {"server": "https://x", "certificate-authority": "/absent/ca.pem"}}]
    },
    "a program that is not there": {
        "users": [
            {
                "name": "prod",
                "user": {"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "absent-program"}},
            }
        ]
    },
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD)
def test_a_kubeconfig_that_cannot_be_used(changes: dict[str, Any], tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "kubeconfig", **changes)
    for given, what in ((str(file), f"the kubeconfig {file}"), (file.read_text(), "the kubeconfig")):
        with pytest.raises(BootstrapError) as refused:
            connect(given)
        assert refused.value.what == what
        assert TOKEN not in str(refused.value)


@pytest.mark.parametrize("text", ["", "[]", "token: VALUE", "VALUE: [", "\x00", "- a\n- b\n"])
def test_a_file_that_is_no_kubeconfig(text: str, tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(text.replace("VALUE", TOKEN))
    with pytest.raises(BootstrapError) as refused:
        connect(str(file))
    assert TOKEN not in str(refused.value)


def test_an_error_that_nobody_expected_is_said_by_its_code() -> None:
    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(503, text=TOKEN)

    http = httpx2.Client(base_url="https://api.example:6443", transport=httpx2.MockTransport(answer))
    with pytest.raises(BootstrapError) as refused, answering(http):
        http.get("/api/v1/namespaces").raise_for_status()
    assert refused.value.what == "the API server api.example:6443"
    assert "503 to GET /api/v1/namespaces" in refused.value.why
    assert TOKEN not in str(refused.value)
    assert http.is_closed


COMMANDS = {
    "sops apply": ["sops", "apply", "prod", "--path", str(EXAMPLE)],
    "sealed backup": ["sealed", "backup", "prod"],
    "sealed certificate": ["sealed", "certificate", "prod"],
    "sealed renew": ["sealed", "renew", "prod"],
    "rotate-etcd": ["rotate-etcd", "check"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_every_command_says_which_cluster_it_cannot_use(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "registry", "namespace": "apps"}}
    monkeypatch.setattr("bootstrap.sops.apply.sops", lambda *_: yaml.safe_dump(secret))  # decrypted before it connects
    down = kubeconfig(tmp_path / "down")
    port = yaml.safe_load(down.read_text())["clusters"][0]["cluster"]["server"].rpartition(":")[2]
    empty = tmp_path / "empty"
    empty.write_text("{}")
    for file, what in (
        (tmp_path / "absent", f"error: the kubeconfig {tmp_path / 'absent'}"),
        (empty, f"error: the kubeconfig {empty}"),
        (down, f"error: the API server 127.0.0.1:{port}"),
    ):
        code, text = run(monkeypatch, *command, "--kubeconfig", str(file))
        assert (code, what in text, "mend: " in text) == (1, True, True), text
        assert TOKEN not in text


def test_a_server_that_is_not_the_clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection and ends it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"https://127.0.0.1:{server.getsockname()[1]}"
        file = kubeconfig(tmp_path / "kubeconfig", clusters=[{"name": "prod", "cluster": {"server": address}}])
        server.settimeout(30)

        def hang_up() -> None:
            server.accept()[0].close()

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        code, text = run(monkeypatch, "sealed", "backup", "prod", "--kubeconfig", str(file))
    assert (code, f"the API server {address.removeprefix('https://')}" in text) == (1, True), text


OTHER_MISTAKES = {
    "sealed reseal": (["sealed", "reseal", "absent.yaml", "--kubeconfig", "absent"], "error: absent.yaml"),
    "sealed reseal folder": (["sealed", "reseal", str(EXAMPLE), "--kubeconfig", "absent"], f"error: {EXAMPLE}"),
    "sops check": (
        ["sops", "check", str(EXAMPLE / "secrets/prod/absent.yaml"), "--path", str(EXAMPLE)],
        "absent.yaml",
    ),
    "rotate start": (["rotate", "start", "database", "--stages", "prod", "--check", "'"], "error: --check"),
}


@pytest.mark.parametrize(("command", "what"), OTHER_MISTAKES.values(), ids=OTHER_MISTAKES)
def test_other_mistakes_are_no_tracebacks(command: list[str], what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = run(monkeypatch, *command)
    assert (code, what in text, "mend: " in text) == (1, True, True), text
