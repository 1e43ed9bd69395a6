"""A program built from its pinned Go module: `go build` checks every source against the committed `go.sum`."""

import os
import shutil
import subprocess
from pathlib import Path

from bootstrap.errors import BootstrapError
from bootstrap.toolchain import chart, csi_driver, sealed_secrets
from bootstrap.toolchain.folders import MODULES_DIR
from bootstrap.toolchain.tools import (
    CERT_MANAGER_MODULE,
    CSI_DRIVER_MODULE,
    CSI_SPEC_MODULE,
    ESO_MODULE,
    SEALED_SECRETS_MODULE,
    Module,
)


def build(module: Module, directory: Path) -> list[Path]:
    """Build all programs of one module into `directory`."""
    built: list[Path] = []
    for program in module.programs:
        target = directory / program.name
        flags = f"-s -w {module.link_flags}".strip()
        _go(module.name, "build", "-trimpath", "-ldflags", flags, "-o", str(target), program.package)
        built.append(target)
    if module.name == "pulumi-language-python":
        built.append(_python_exec_script(directory))
    if module.name == "external-secrets":
        chart.pack(_module_dir(module.name, ESO_MODULE), directory / "charts" / "external-secrets")
    if module.name == "cert-manager":
        _copy_chart(_module_dir(module.name, CERT_MANAGER_MODULE), directory / "cert-manager-chart")
    if module.name == "sealed-secrets":
        sealed_secrets.finish(_module_dir(module.name, SEALED_SECRETS_MODULE), directory)
    if module.name == "secrets-store-csi-driver":
        driver, spec = (_module_dir(module.name, one) for one in (CSI_DRIVER_MODULE, CSI_SPEC_MODULE))
        csi_driver.copy_files(driver, spec, directory / csi_driver.FILES)
    return built


def _python_exec_script(directory: Path) -> Path:
    """The language host runs this script of the SDK's own version; the host's module holds an older one."""
    source = _module_dir("pulumi", "github.com/pulumi/pulumi/sdk/v3") / "python" / "cmd" / "pulumi-language-python-exec"
    target = directory / source.name
    shutil.copyfile(source, target)
    target.chmod(0o755)
    return target


def _copy_chart(source: Path, target: Path) -> None:
    """cert-manager's chart, which its sources hold as it is published but for the version."""
    shutil.copytree(source / "deploy" / "charts" / "cert-manager", target)
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)  # the module cache is read-only


def _module_dir(pinned_in: str, module: str) -> Path:
    return Path(_go(pinned_in, "list", "-m", "-f", "{{.Dir}}", module).strip())


def _go(module: str, *arguments: str) -> str:
    if shutil.which("go") is None:
        raise BootstrapError(
            f"building {module}",
            "`go` is not on PATH and the program was found neither on PATH nor as an official release",
            "install Go 1.26 or newer, or put the program on PATH",
        )
    environment = {**os.environ, "GOFLAGS": "-mod=readonly -buildvcs=false", "GOWORK": "off", "CGO_ENABLED": "0"}
    done = subprocess.run(
        ["go", *arguments], cwd=MODULES_DIR / module, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BootstrapError(
            f"building {module}",
            f"`go {arguments[0]}` failed: {done.stderr.strip()[-800:]}",
            "check the network and the free disk space, then run the command again: what was built is kept",
        )
    return done.stdout
