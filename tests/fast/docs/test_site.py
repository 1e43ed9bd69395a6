"""The site builds without a warning, loads nothing from elsewhere, and lists what the code has."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from bootstrap.verification.aws import AwsView
from bootstrap.verification.gates import check
from bootstrap.verification.vault import VaultView
from tests.fast.docs.pages import DOCS, PAGES, section, table

REPOSITORY = DOCS.parent
LOADING = {"script": "src", "link": "href", "img": "src", "iframe": "src"}


class _Loaded(HTMLParser):
    """Addresses from which a page loads something by itself; links to follow are none."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(LOADING.get(tag, ""))
        if address and dict(attrs).get("rel") != "canonical":
            self.addresses.append(address)


def test_the_site_builds_strictly_and_loads_nothing_remote(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", "docs/mkdocs.yml"]
    done = subprocess.run(
        [*build, "--site-dir", str(tmp_path)],
        cwd=REPOSITORY,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > len(list(PAGES.rglob("*.md")))  # and one for "not found"
    for page in pages:
        loaded = _Loaded()
        loaded.feed(page.read_text())
        assert loaded.addresses
        assert [address for address in loaded.addresses if re.match(r"(https?:)?//", address)] == []
        assert 'class="mermaid"' not in page.read_text()  # the theme draws it with a remote script


def claims(view: Any, **own: Any) -> set[str]:
    """What a manager's view is asked to prove about an environment beside another. Nothing there can be reached."""
    nowhere: Any = {"raw_etcd_value": None, "operator_environments": None, "issuer_key": None, **own}
    views = [view(name=name, references={"argocd": {}}, **nowhere) for name in ("prod", "*other*")]
    return {gate.claim for gate in check(views, "", []) if gate.environment == "prod"}


def test_every_gate_is_on_its_page() -> None:
    page = (PAGES / "verification.md").read_text()
    on_aws, on_vault = set(table(page)), set(table(section(page, "On Vault")))
    assert claims(AwsView, aws_endpoint=None, deployer=None, cloud=None) == on_aws
    assert claims(VaultView, vault=None) == on_aws | on_vault


def test_every_variable_is_on_its_page() -> None:
    sources = [file for room in ("bootstrap", "components", "stacks") for file in (REPOSITORY / room).rglob("*.py")]
    used = {name for file in sources for name in re.findall(r"SECRETS_BOOTSTRAP_[A-Z_]+", file.read_text())}
    page = (PAGES / "development.md").read_text()
    assert set(re.findall(r"^\| `(SECRETS_BOOTSTRAP_[A-Z_]+)`", page, re.MULTILINE)) == used
