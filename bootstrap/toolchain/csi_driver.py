"""What the Secrets Store CSI driver's sources hold beside the program: its objects for a cluster, and its protocols."""

import shutil
from pathlib import Path

FILES = "secrets-store-csi"
"""The folder: `*.yaml` as the publisher installs them without Helm; `csi.proto`, which a kubelet speaks, and
`service.proto`, which a provider does."""


def copy_files(driver: Path, spec: Path, target: Path) -> None:
    """Fill the folder `target` from the modules' folders: the driver's own, and that of the CSI specification."""
    target.mkdir()
    protocols = (spec / "csi.proto", driver / "provider" / "v1alpha1" / "service.proto")
    for path in (*(driver / "deploy").glob("*.yaml"), *protocols):
        shutil.copyfile(path, target / path.name)
