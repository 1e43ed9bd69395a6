"""Reviewed exceptions: each has a reason, each is reported, none covers another value."""

from pathlib import Path

import pytest
import yaml

from bootstrap.errors import BootstrapError
from bootstrap.leaks.allowances import BASELINE
from bootstrap.leaks.scan import Result, scan
from tests.fast.leaks.repositories import Repository, new_repository

ALLOW = "leaks" + ": allow"  # the search reads this file too
MARKED = """kind: Secret
stringData:
  # leaks: allow secret-manifest: the password of a test server that starts empty
  before: <password>
  beside: <random> # leaks: allow secret-manifest: the same
  none: <short>
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new_repository(tmp_path / "repository")


def scanned(repository: Repository, with_history: bool = True) -> Result:
    return scan(repository.root, with_history=with_history)


def test_a_marker_allows_its_line_and_the_next(repository: Repository) -> None:
    repository.commit(**{"a.yaml": MARKED})
    result = scanned(repository)
    assert [finding.line for finding in result.findings] == [6]
    assert [(one.finding.line, one.reason) for one in result.allowed] == [
        (4, "the password of a test server that starts empty"),
        (5, "the same"),
    ]


@pytest.mark.parametrize(
    "marker",
    [
        f"# {ALLOW}",
        f"# {ALLOW} secret-manifest",
        f"# {ALLOW} secret-manifest:",
        f"# {ALLOW} everything: it is fine",
    ],
)
def test_a_marker_without_a_rule_or_reason_allows_nothing_and_is_refused(marker: str, repository: Repository) -> None:
    repository.commit(**{"a.yaml": f"kind: Secret\nstringData:\n  {marker}\n  a: <password>\n"})
    assert {finding.rule for finding in scanned(repository).findings} == {"allowance", "secret-manifest"}


def test_a_marker_for_another_rule_allows_nothing(repository: Repository) -> None:
    text = "kind: Secret\nstringData:\n  a: <password> # leaks: allow aws-key: not this one\n"
    repository.commit(**{"a.yaml": text})
    assert [finding.rule for finding in scanned(repository).findings] == ["secret-manifest"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.js", "x('<github-classic>') // leaks: allow git-host-token: revoked\n"),
        ("a.md", "<!-- leaks: allow git-host-token: revoked -->\n<github-classic>\n"),
        ("a.css", "/* leaks: allow git-host-token: revoked */\n<github-classic>\n"),
    ],
)
def test_markers_in_other_comments(path: str, text: str, repository: Repository) -> None:
    repository.commit(**{path: text})
    result = scanned(repository)
    assert (result.findings, [one.reason for one in result.allowed]) == ([], ["revoked"])


def baseline(repository: Repository, **changes: str) -> None:
    [finding] = scanned(repository).findings
    entry = {"rule": finding.rule, "path": finding.path, "fingerprint": finding.fingerprint, "reason": "revoked"}
    (repository.root / BASELINE).write_text(yaml.safe_dump([{**entry, **changes}]))


def test_the_baseline_allows_a_value_in_tree_and_history_and_no_other(repository: Repository) -> None:
    repository.commit(**{"a.txt": "<github-classic>\n"})
    baseline(repository)
    result = scanned(repository)
    assert (result.findings, len(result.allowed), result.unused) == ([], 1, [])
    repository.commit(**{"a.txt": "moved down\n<github-classic>\n"})
    (repository.root / "a.txt").unlink()
    assert scanned(repository).findings == []
    repository.commit(**{"a.txt": "<github-oauth>\n"})
    assert len(scanned(repository).findings) == 1


def test_an_entry_that_allows_nothing_is_said(repository: Repository) -> None:
    repository.commit(**{"a.txt": "<github-classic>\n"})
    baseline(repository, path="b.txt")
    result = scanned(repository)
    assert len(result.findings) == 1
    assert len(result.unused) == 1
    assert "b.txt" in result.unused[0]
    assert scanned(repository, with_history=False).unused == []  # it may be of the history


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"reason": ""}, "entry 1"), ({"rule": "everything"}, "rule that does not exist"), ({"more": "a"}, "entry 1")],
)
def test_an_entry_without_a_reason_stops_the_scan(changes: dict[str, str], why: str, repository: Repository) -> None:
    repository.commit(**{"a.txt": "<github-classic>\n"})
    baseline(repository, **changes)
    with pytest.raises(BootstrapError, match=why):
        scanned(repository)


@pytest.mark.parametrize("text", ["a: b", "- a", "{"])
def test_a_damaged_baseline_stops_the_scan(text: str, repository: Repository) -> None:
    (repository.root / BASELINE).write_text(text)
    with pytest.raises(BootstrapError, match=r"\.leaks-allow\.yaml"):
        scanned(repository)
