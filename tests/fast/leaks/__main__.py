"""Prints how well the search tells the two classes of the corpus apart, by rule and beside other scanners."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings
from rich.console import Console
from rich.table import Table

from tests.fast.leaks.cases import Case, Score, corpus, found_in, score, score_by_rule


def detect_secrets(case: Case) -> bool:
    """The base scanner with every plugin of its own; nothing is sent to a service."""
    with tempfile.TemporaryDirectory() as folder, default_settings() as settings:
        settings.disable_filters("detect_secrets.filters.common.is_ignored_due_to_verification_policies")
        return any(True for path in _written(case, Path(folder)) for _ in scan_file(str(path)))


def gitleaks(case: Case) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        _written(case, Path(folder))
        command = ["gitleaks", "dir", "--no-banner", "--log-level", "error", folder]
        return subprocess.run(command, capture_output=True, check=False).returncode == 1


def _written(case: Case, folder: Path) -> list[Path]:
    paths = [folder / path for path in case.files]
    for path, text in zip(paths, case.files.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return paths


def _row(table: Table, name: str, counts: Score) -> None:
    numbers = (counts.right, counts.missed, counts.wrong)
    table.add_row(name, *map(str, numbers), f"{counts.precision:.3f}", f"{counts.recall:.3f}")


def main() -> None:
    refused = sum(bool(case.rules) for case in corpus())
    table = Table(title=f"{len(corpus())} cases, {refused} of them to be refused", title_justify="left")
    for heading in ("rule", "right", "missed", "wrong", "precision", "recall"):
        table.add_column(heading, justify="left" if heading == "rule" else "right")
    for rule, counts in score_by_rule().items():
        _row(table, rule, counts)
    table.add_section()
    _row(table, "whole cases", score(lambda case: bool(found_in(case))))
    _row(table, "whole cases, detect-secrets alone", score(detect_secrets))
    if shutil.which("gitleaks"):
        _row(table, "whole cases, gitleaks alone", score(gitleaks))
    Console().print(table)


main()
