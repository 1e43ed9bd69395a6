"""Secrets that tests work with are looked for in all that the tests print, in every form that `leaks --stack` knows.

pytest keeps what a test, its fixtures and the programs that they start write to standard output, standard error and the
log, and shows it when a test fails. A test that has printed a secret fails, and what it printed is not shown.
"""

from collections.abc import Generator, Iterable
from functools import cache
from typing import TYPE_CHECKING

import pytest

from bootstrap.canaries.canary import Canary, of_key, of_text
from bootstrap.canaries.search import Search

if TYPE_CHECKING:
    from tests.local_stack import Running

_followed: dict[str, Canary] = {}


def follow(name: str, value: str) -> str:
    """Look for a value from now on; returns it. name: what a report calls it."""
    follow_all([of_text(name, value.encode())])
    return value


def follow_all(canaries: Iterable[Canary]) -> None:
    _followed.update((one.fingerprint, one) for one in canaries)
    _search.cache_clear()


def follow_stack(stack: "Running") -> None:
    """Look for all that a stack keeps secret: what is synced, and what the harness keeps for its owner."""
    from bootstrap.canaries.folder import KEPT, Folder
    from bootstrap.canaries.known import of_files

    for view in stack.views.values():
        canary, argocd = view.references["canary"], view.references.get("argocd")
        values = view.secret_data(canary["namespace"], canary["name"]).values()
        follow_all(of_text(f"first value of {view.name}", value) for value in values)
        if argocd is not None:
            pem = view.secret_data(argocd["namespace"], argocd["repositorySecret"])["sshPrivateKey"]
            follow_all([of_key(f"deploy key of {view.name}", pem)])
    follow_all(of_files(Folder(stack.local.directory).take(KEPT), stack.local.directory))


@cache
def _search() -> Search:
    return Search(list(_followed.values()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    found = {where: _hits(text) for where, text in report.sections}
    # A report repeats what the phases before it have printed: they were told already.
    told = set().union(_hits(report.longreprtext), *(found[one] for one in found if one.endswith(report.when)))
    report.sections = [(where, text) for where, text in report.sections if not found[where]]
    if told:
        report.outcome = "failed"
        report.longrepr = "A secret was printed: " + "; ".join(sorted(told))
    return report


def _hits(text: str) -> set[str]:
    return {f"{hit.canary} as {hit.form}" for hit in _search().hits("", text.encode(errors="replace"))}
