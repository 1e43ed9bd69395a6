"""What the engine starts as the plugins of a stack: official ones where they are installed, else the offline providers.

They are put into the plugin folder of the stack's own Pulumi home. On PATH they would work as well, but the engine then
warns of each in every run.
"""

import os
import shlex
import sys
from importlib.metadata import version
from pathlib import Path

from bootstrap.paths import REPOSITORY, private_dir

_SDKS = {
    "aws": "pulumi_aws",
    "azure-native": "pulumi_azure_native",
    "gcp": "pulumi_gcp",
    "kubernetes": "pulumi_kubernetes",
    "tls": "pulumi_tls",
    "vault": "pulumi_vault",
}
_OWN_VERSION = "0.1.0"
NAMES = (*_SDKS, "localcloud")


def plugin_version(name: str) -> str:
    """The version that the engine is told: the SDK's, because the engine asks for the plugin of that version."""
    return version(_SDKS[name]) if name in _SDKS else _OWN_VERSION


def write_plugin_wrappers(bin_dir: Path, pulumi_home: Path) -> None:
    """Make every plugin of the stack available in `pulumi_home`; scripts that start the offline ones go to `bin_dir`.

    An official plugin counts if the user's Pulumi home has it in the SDK's version. `localcloud` is always ours.
    """
    private_dir(bin_dir)
    plugins = pulumi_home / "plugins"
    if plugins.is_symlink():
        plugins.unlink()  # nothing of ours goes into the user's own folder
    for name in NAMES:
        folder = plugins / f"resource-{name}-v{plugin_version(name)}"
        program = f"pulumi-resource-{name}"
        official = _official(name, program, folder)
        if official is None:
            _link(folder, {program: _script(bin_dir / f"offline-{name}", name)})
        else:
            _link(folder, {file.name: file for file in official.iterdir()})


def _official(name: str, program: str, own: Path) -> Path | None:
    if name not in _SDKS:
        return None
    for home in (os.environ.get("PULUMI_HOME"), Path.home() / ".pulumi"):
        folder = Path(home) / "plugins" / own.name if home else own
        if folder != own and (folder / program).is_file():
            return folder
    return None


def _link(folder: Path, files: dict[str, Path]) -> None:
    # The engine ignores a plugin folder that is itself a symbolic link, so the folder is real and its files are links.
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in files.items():
        link = folder / name
        if not link.is_symlink() or link.readlink() != file:
            temporary = folder / f".{name}.{os.getpid()}"
            temporary.symlink_to(file)
            temporary.replace(link)


def _script(path: Path, name: str) -> Path:
    text = (
        "#!/bin/sh\n"
        f"PYTHONPATH={shlex.quote(str(REPOSITORY))} "
        f'exec {shlex.quote(sys.executable)} -P -m bootstrap.providers {name} "$@"\n'
    )
    # Replaced in one step: an engine may be starting the plugin right now.
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text)
    temporary.chmod(0o700)
    temporary.replace(path)
    return path
