"""Git repositories for tests."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bootstrap.leaks.finding import Finding
from bootstrap.leaks.scan import scan
from tests.fast.leaks.fakes import filled_in

SECRET = "apiVersion: v1\nkind: Secret\nstringData:\n  password: <password>\n"


@dataclass(frozen=True)
class Repository:
    root: Path

    def git(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        command = ["git", "-C", str(self.root), *identity, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=check, env=environment)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(filled_in(text))

    def commit(self, message: str = "Change", **files: str) -> None:
        for path, text in files.items():
            self.write(path, text)
        self.git("add", "--all")
        self.git("commit", "--allow-empty", "--message", message)

    def found(self, *, staged: bool = False, with_history: bool = True) -> list[tuple[str, int, str, bool]]:
        """Path, line, rule of each finding, and whether it is in the history only."""
        findings = scan(self.root, staged=staged, with_history=with_history).findings
        return [_seen(finding) for finding in findings]


def new_repository(root: Path) -> Repository:
    root.mkdir(exist_ok=True)
    repository = Repository(root)
    repository.git("init", "--quiet", "--initial-branch=main")
    return repository


def _seen(finding: Finding) -> tuple[str, int, str, bool]:
    return finding.path, finding.line, finding.rule, bool(finding.commit)
