"""What a killed run left in Vault: an empty mount of ours is unmounted, anything else is refused or written again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.localcloud.vault.client import LocalVault
from bootstrap.recovery import vault as recovery
from bootstrap.recovery.leftover import Leftover
from bootstrap.toolchain import folders
from tests.local_stack import free_port_base

PROVIDER = "urn:pulumi:local-vault::p::pulumi:providers:vault::prod-vault::1"
MOUNT, METHOD = "vault:index/mount:Mount", "vault:index/authBackend:AuthBackend"
JWT = "vault:jwt/authBackend:AuthBackend"
OURS = "platform prod"


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalVault]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRETS_BOOTSTRAP_TOOLS", str(folders.tools_dir()))
        made = LocalVault(tmp_path_factory.mktemp("recovery") / "vault", free_port_base())
        made.start()
        yield made
        made.stop()


def leftover(local: LocalVault, kind: str, inputs: dict[str, Any], *recorded: str) -> Leftover:
    resources = [{"urn": f"x::{one}", "type": kind, "id": one, "provider": PROVIDER} for one in recorded]
    pending = {"urn": f"urn:::{kind}::leftover", "type": kind, "inputs": inputs, "provider": PROVIDER}
    return Leftover(pending, {"deployment": {"resources": resources}}, Path("/nowhere"), local.deployer_environment())


def mounting(path: str, of: str, description: str = OURS) -> dict[str, Any]:
    return {"path": path, "type": of, "description": description}


@pytest.mark.parametrize(
    ("kind", "table", "path", "of"),
    [
        (MOUNT, "sys/mounts", "platform/prod/secrets", "kv"),
        (MOUNT, "sys/mounts", "platform/prod/transit", "transit"),
        (MOUNT, "sys/mounts", "platform/prod/database", "database"),
        (METHOD, "sys/auth", "platform/prod/kubernetes", "kubernetes"),
        (JWT, "sys/auth", "platform/prod/jwt", "jwt"),
    ],
)
def test_an_empty_mount_of_ours_is_unmounted(local: LocalVault, kind: str, table: str, path: str, of: str) -> None:
    inputs = mounting(path, of)
    assert recovery.remove(leftover(local, kind, inputs)) == "was never created"
    options = {"options": {"version": "2"}} if of == "kv" else {}
    with local.login() as deployer:
        deployer.post(f"/v1/{table}/{path}", json={**inputs, **options}).raise_for_status()
        assert recovery.remove(leftover(local, kind, inputs, path)) == "is recorded"
        with pytest.raises(BootstrapError, match="without this environment's description"):
            recovery.remove(leftover(local, kind, mounting(path, of, "platform nonprod")))
        with pytest.raises(BootstrapError, match="without this environment's description"):
            recovery.remove(leftover(local, kind, mounting(path, of, "")))
        assert deployer.get(f"/v1/{table}/{path}").status_code == 200
    assert recovery.remove(leftover(local, kind, inputs)) == "unmounted, it was empty"
    assert recovery.remove(leftover(local, kind, inputs)) == "was never created"


def test_a_mount_that_holds_something_is_refused(local: LocalVault) -> None:
    inputs = mounting("platform/prod/transit", "transit")
    with local.login() as deployer:
        deployer.post("/v1/sys/mounts/platform/prod/transit", json=inputs).raise_for_status()
        deployer.post("/v1/platform/prod/transit/keys/etcd", json={}).raise_for_status()
        with pytest.raises(BootstrapError, match="holds something already"):
            recovery.remove(leftover(local, MOUNT, inputs))
        assert deployer.get("/v1/platform/prod/transit/keys/etcd").status_code == 200
        deployer.delete("/v1/sys/mounts/platform/prod/transit").raise_for_status()


def test_a_path_is_written_again_and_the_unknown_is_refused(local: LocalVault) -> None:
    for kind in ("vault:index/policy:Policy", "vault:transit/secretBackendKey:SecretBackendKey"):
        assert "writes the same again" in recovery.remove(leftover(local, kind, {}))
    with pytest.raises(BootstrapError, match="does not know"):
        recovery.remove(leftover(local, "vault:aws/secretBackend:SecretBackend", {}))


def test_every_type_of_the_provider_is_known() -> None:
    """The provider's own table: what it can create, a killed run can leave."""
    from bootstrap.providers.registry import provider

    known = recovery._PATHS | recovery._MOUNTS.keys()
    assert provider("vault").resources.keys() - known == {"vault:index/audit:Audit"}
