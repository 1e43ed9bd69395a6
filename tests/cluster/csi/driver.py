"""The real driver as a process, with its own service account, in a mount namespace: no mount outlives it."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bootstrap.toolchain.folders import tools_dir
from bootstrap.verification.environment import EnvironmentView
from tests.cluster.cert_manager.acme_server import started
from tests.cluster.csi.vault_provider import serving
from tests.cluster.service_account import kubeconfig_of
from tests.local_stack import eventually

NODE, HOME, ACCOUNT = "csi-node", "kube-system", "secrets-store-csi-driver"


@dataclass(frozen=True)
class Driver:
    """A running driver. directory: its sockets, its log and the folders of the pods. pid: its process."""

    directory: Path
    pid: int

    @property
    def socket(self) -> Path:
        return self.directory / "csi.sock"

    @property
    def log(self) -> Path:
        return self.directory / "driver.log"

    @property
    def pods(self) -> Path:
        return self.directory / "pods"

    def inside(self, path: Path) -> Path:
        """A path as the driver sees it, with what it has mounted."""
        return Path(f"/proc/{self.pid}/root") / path.relative_to("/")

    def files(self, folder: Path) -> Mapping[str, bytes]:
        """The files of a volume, by name. The driver's own, whose names begin with two dots, are left out."""
        seen = self.inside(folder)
        return {one.name: one.read_bytes() for one in seen.glob("*") if not one.name.startswith("..")}

    def mounts(self, folder: Path) -> list[str]:
        """The types of the file systems that are mounted on a folder."""
        lines = Path(f"/proc/{self.pid}/mounts").read_text().splitlines()
        return [kind for _, where, kind, *_ in map(str.split, lines) if where == str(folder)]


@contextmanager
def running_driver(view: EnvironmentView, directory: Path, *options: str) -> Iterator[Driver]:
    """The driver and the provider beside it, until the block ends. options: more of the driver's own."""
    directory.mkdir()
    kubeconfig = kubeconfig_of(view, directory, namespace=HOME, name=ACCOUNT)
    unshare = shutil.which("unshare")
    assert unshare, "util-linux has it"
    command = [
        *(unshare, "--mount", "--map-root-user", str(tools_dir() / "secrets-store-csi-driver")),
        *("--kubeconfig", str(kubeconfig), "--nodeid", NODE, "--endpoint", f"unix://{directory / 'csi.sock'}"),
        *("--provider-volume", str(directory), "--metrics-addr", "0", "--v", "5", *options),
    ]
    with serving(directory / "vault.sock"), started(command, directory / "driver.log") as process:
        driver = Driver(directory, process.pid)

        @eventually(30)
        def listens() -> None:
            log = driver.log.read_text()
            assert driver.socket.exists(), log[-2000:]
            assert "starting manager" in log

        listens()
        yield driver
