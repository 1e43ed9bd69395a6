"""The local Vault from nothing: set up once, without a root token after, and brought back from any half of a start."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.localcloud.vault import api, first_start, server
from bootstrap.localcloud.vault.client import LocalVault
from bootstrap.localcloud.vault.machines import Machines
from bootstrap.processes import recorded_process
from bootstrap.toolchain import folders
from bootstrap.toolchain.tools import COMMON, VAULT
from tests.local_stack import free_port_base


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalVault]:
    # What the tests have holds the programs of every stack.
    assert (folders.tools_dir() / "vault").exists()
    monkeypatch.setenv("SECRETS_BOOTSTRAP_TOOLS", str(folders.tools_dir()))
    assert folders.tools_dir([*COMMON, VAULT]) == folders.tools_dir()
    made = LocalVault(tmp_path / "vault", free_port_base())
    yield made
    if (made.directory / "pki").exists():
        made.stop()


def policies(vault: LocalVault) -> list[str]:
    with vault.login() as deployer:
        return deployer.get("/v1/auth/token/lookup-self").json()["data"]["policies"]


def test_before_its_first_start_it_has_no_deployer(vault: LocalVault) -> None:
    assert vault.health() is False
    with pytest.raises(BootstrapError, match="it was never started"):
        vault.deployer_environment()


def test_a_first_start_a_restart_and_a_repair(vault: LocalVault) -> None:
    assert vault.start() is True
    assert vault.start() is False
    assert policies(vault) == ["deployer"]
    process = recorded_process(vault.directory / "local-vault.pid")
    assert process is not None
    # Neither is in what every process of the machine can see.
    shown = [*process.cmdline(), *process.environ().values()]
    assert not any(secret in text for secret in vault.own_secrets() for text in shown)
    process.kill()
    process.wait(10)
    assert vault.health() is False
    assert vault.start() is True
    assert policies(vault) == ["deployer"]


def test_what_is_secret_is_for_its_owner_only(vault: LocalVault) -> None:
    vault.start()
    for file in vault.directory.rglob("*"):
        if file.is_file() and "data" not in file.relative_to(vault.directory).parts:
            assert file.stat().st_mode & 0o077 == 0, file
    assert (vault.directory / "data").stat().st_mode & 0o777 == 0o700
    log = (vault.directory / "local-vault.log").read_text()
    assert not any(secret in log for secret in vault.own_secrets())


def test_the_root_token_is_revoked_and_forgotten(vault: LocalVault, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens: list[str | None] = []
    real = first_start.Seal.write

    def write(seal: first_start.Seal, unseal_key: str, root_token: str | None) -> None:
        tokens.append(root_token)
        real(seal, unseal_key, root_token)

    monkeypatch.setattr(first_start.Seal, "write", write)
    vault.start()
    [token, forgotten] = tokens
    assert token is not None
    assert forgotten is None
    with vault.anonymous() as http:
        http.headers["X-Vault-Token"] = token
        assert http.get("/v1/auth/token/lookup-self").status_code == 403
    assert not any(token.encode() in file.read_bytes() for file in vault.directory.rglob("*") if file.is_file())


@pytest.mark.parametrize("killed_at", ["unseal", "set_up", "the revocation", "the last write"])
def test_a_first_start_that_was_cut_short_is_finished(
    vault: LocalVault, killed_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if killed_at == "the revocation":
            real = first_start.call

            def call(http: object, method: str, path: str, body: object = None) -> object:
                return killed() if path == "auth/token/revoke-self" else real(http, method, path, body)  # type: ignore[arg-type]

            patch.setattr(first_start, "call", call)
        elif killed_at == "the last write":
            write = first_start.Seal.write
            patch.setattr(
                first_start.Seal, "write", lambda seal, key, root: write(seal, key, root) if root else killed()
            )
        else:
            patch.setattr(first_start, killed_at, killed)
        with pytest.raises(KeyboardInterrupt):
            vault.start()
    assert vault.health() is False
    vault.start()
    assert vault.health() is True
    assert policies(vault) == ["deployer"]
    assert json.loads((vault.directory / "seal.json").read_text())["root_token"] is None


def test_a_damaged_seal_is_said_plainly(vault: LocalVault) -> None:
    vault.start()
    vault.stop()
    (vault.directory / "seal.json").write_text("{")
    with pytest.raises(BootstrapError, match=r"seal.json: it is damaged"):
        vault.start()


def test_only_the_authoritys_certificates_get_in_and_each_as_its_machine(vault: LocalVault, tmp_path: Path) -> None:
    vault.start()
    vault.machines.equip("prod-node", tmp_path / "node")
    first = (tmp_path / "node" / "machine.crt").read_text()
    vault.machines.equip("prod-node", tmp_path / "node")
    assert (tmp_path / "node" / "machine.crt").read_text() == first

    stranger = Machines.ensure(tmp_path / "stranger")
    node = stranger.deployer.__class__(tmp_path / "node" / "machine.crt", tmp_path / "node" / "machine.key")
    for pair, allowed in ((vault.machines.deployer, True), (node, False), (stranger.deployer, False), (None, False)):
        with api.anonymous(vault.address, vault.machines.server_authority, pair) as http:
            assert (http.post("/v1/auth/machines/login", json={"name": "deployer"}).status_code == 200) is allowed


def test_another_program_on_the_port_is_not_taken_for_it(vault: LocalVault, tmp_path: Path) -> None:
    vault.start()
    other = Machines.ensure(tmp_path / "other")
    assert server.state(api.anonymous(vault.address, other.server_authority)) is None
