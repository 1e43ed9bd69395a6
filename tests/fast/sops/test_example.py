"""The example of the runbook: made by the real sops, for age keys whose private halves were thrown away."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bootstrap.errors import BootstrapError
from bootstrap.sops.check import check, files_of
from bootstrap.sops.recipients import read_recipients
from tests.fast.docs.pages import EXAMPLES

EXAMPLE = EXAMPLES / "sops"
PROD, NONPROD = (f"secrets/{one}/registry.yaml" for one in ("prod", "nonprod"))
ARGO_CD = "secrets/prod/argocd.yaml"


def checked(root: Path) -> list[str]:
    files = files_of(root)
    check(root, read_recipients(root), files)
    return [file.relative_to(root).as_posix() for file in files]


def test_check_accepts_it_and_no_value_is_readable() -> None:
    assert checked(EXAMPLE) == [NONPROD, ARGO_CD, PROD]
    for name in (PROD, NONPROD, ARGO_CD):
        document = yaml.safe_load((EXAMPLE / name).read_text())
        assert all(value.startswith("ENC[AES256_GCM,") for value in document["stringData"].values())
        assert [one["recipient"][:4] for one in document["sops"]["age"]] == ["age1"]


def test_argo_cd_finds_its_own_by_name_and_label() -> None:
    """What ArgoCdSecrets calls it, so that the operator can take it over."""
    document = yaml.safe_load((EXAMPLE / ARGO_CD).read_text())
    assert document["metadata"] == {
        "name": "repository-bootstrap",
        "namespace": "argocd",
        "labels": {"argocd.argoproj.io/secret-type": "repository"},
    }
    assert document["stringData"].keys() == {"type", "url", "sshPrivateKey"}


def _moved(root: Path) -> None:
    shutil.copyfile(root / PROD, root / NONPROD)


def _in_plain(root: Path) -> None:
    file = root / PROD
    document = yaml.safe_load(file.read_text())
    document["stringData"][".dockerconfigjson"] = "{}"
    file.write_text(yaml.safe_dump(document))


def _shared(root: Path) -> None:
    file = root / "sops-recipients.yaml"
    document = yaml.safe_load(file.read_text())
    document["nonprod"]["age"] += document["prod"]["age"]
    file.write_text(yaml.safe_dump(document))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [(_moved, "no key of environment nonprod"), (_in_plain, "not encrypted"), (_shared, "the same key")],
)
def test_check_refuses_it_once_it_is_spoiled(tmp_path: Path, spoil: Callable[[Path], None], why: str) -> None:
    root = Path(shutil.copytree(EXAMPLE, tmp_path / "example"))
    spoil(root)
    with pytest.raises(BootstrapError) as refused:
        checked(root)
    assert why in refused.value.why
