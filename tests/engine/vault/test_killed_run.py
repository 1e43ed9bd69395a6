"""kill -9 while an engine of Vault's is mounted: `recover` unmounts what nothing recorded, and nothing else."""

from collections.abc import Iterator

import pytest

from bootstrap.localcloud.vault.client import LocalVault
from tests.engine.killable import Killable
from tests.local_stack import environment_of, free_port_base

MOUNT = "vault:index/mount:Mount"
PATHS = [f"platform/{environment}/{engine}" for environment in ("prod", "nonprod") for engine in ("secrets", "transit")]


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killable]:
    directory = tmp_path_factory.mktemp("killed-vault")
    with environment_of(directory, free_port_base()) as variables:
        own = Killable("local-vault", directory, variables)
        yield own
        own.clear()


def mounted(own: Killable) -> set[str]:
    vault = own.local.cloud
    assert isinstance(vault, LocalVault)
    with vault.login() as deployer:
        return {path for path in PATHS if deployer.get(f"/v1/sys/mounts/{path}").status_code == 200}


def test_a_mount_that_nothing_recorded_is_unmounted(own: Killable) -> None:
    own.kill_while_creating(MOUNT, lambda: {one["inputs"]["path"] for one in own.pending(MOUNT)} <= mounted(own))
    unrecorded = {one["inputs"]["path"] for one in own.pending(MOUNT)}
    assert unrecorded
    assert unrecorded <= mounted(own)

    recovered = own.bootstrap("recover")
    assert recovered.returncode == 0, recovered.stderr
    assert not own.pending()
    recorded = {
        one["inputs"]["path"] for one in own.local.engine.export()["deployment"]["resources"] if one["type"] == MOUNT
    }
    assert mounted(own) == recorded
    assert not unrecorded & recorded
