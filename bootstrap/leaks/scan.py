"""Runs every check on every text: the tree or the index first, then each other version in the history."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bootstrap.leaks import git
from bootstrap.leaks.allowances import BASELINE, Allowances, Allowed
from bootstrap.leaks.claims import CLAIMING_FILES, Claims
from bootstrap.leaks.cloud_files import cloud_files
from bootstrap.leaks.documents import TextFile
from bootstrap.leaks.finding import Finding
from bootstrap.leaks.kubeconfigs import kubeconfigs
from bootstrap.leaks.kustomize import literals
from bootstrap.leaks.manifests import secret_manifests
from bootstrap.leaks.named import named_credentials
from bootstrap.leaks.shapes import shapes
from bootstrap.leaks.sops import partly_encrypted

Check = Callable[[TextFile], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    *(shapes, secret_manifests, kubeconfigs, cloud_files, named_credentials),
    *(literals, partly_encrypted),
)


@dataclass
class Result:
    """What was found. `texts` counts versions of files that were read."""

    texts: int = 0
    commits: int = 0
    findings: list[Finding] = field(default_factory=list)
    allowed: list[Allowed] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def check(file: TextFile, claims: Claims) -> list[Finding]:
    """Everything that one text is refused for, each place once for a rule."""
    findings = [finding for one in CHECKS for finding in one(file)] + list(claims.check(file))
    return sorted({(finding.rule, finding.line): finding for finding in findings}.values())


def scan(
    path: Path,
    *,
    staged: bool = False,
    with_history: bool = True,
    commits: str | None = None,
    console: Console | None = None,
) -> Result:
    """The repository that the path is in: tree and history, or of the history only a range of commits.

    `staged`: only what the next commit changes, for a hook.
    """
    root = git.root_of(path)
    allowances = Allowances.read(root / BASELINE)
    scanner = _Scanner(allowances)
    if staged:
        scanner.index(root)
        return scanner.result
    scanner.tree(root)
    if with_history:
        scanner.history(root, commits, console or Console(quiet=True))
    scanner.result.unused = allowances.unused if with_history and not commits else []
    return scanner.result


class _Scanner:
    def __init__(self, allowances: Allowances) -> None:
        self.result = Result()
        self._allowances = allowances
        self._reported: set[tuple[str, str, str]] = set()

    def tree(self, root: Path) -> None:
        paths = git.tree_paths(root)
        claims = Claims()
        for path in paths:
            if path.rpartition("/")[2] in CLAIMING_FILES:
                claims.add(TextFile(path, _read(root / path)))
        for path in paths:
            self._texts(path, [_read(root / path)], claims)

    def index(self, root: Path) -> None:
        versions, changed, claims = list(git.index(root)), git.staged_paths(root), Claims()
        with git.Contents(root) as contents:
            claiming = [version for version in versions if version.path.rpartition("/")[2] in CLAIMING_FILES]
            for version in claiming:
                claims.add(TextFile(version.path, "".join(contents.pieces(version))))
            everything = any(version.path in changed for version in claiming)  # a claim may be on what did not change
            for version in versions:
                if everything or version.path in changed:
                    self._texts(version.path, contents.pieces(version), claims)

    def history(self, root: Path, commits: str | None, console: Console) -> None:
        claims = Claims()
        columns = (TextColumn("history"), MofNCompleteColumn(), TextColumn("commits"), TimeElapsedColumn())
        with git.Contents(root) as contents, Progress(*columns, console=console, transient=True) as progress:
            for version in git.history(root, commits, *(f":(glob)**/{name}" for name in CLAIMING_FILES)):
                if version.blob:
                    claims.add(TextFile(version.path, "".join(contents.pieces(version))))
            task = progress.add_task("history", total=git.count_commits(root, commits))
            for version in git.history(root, commits):
                self._texts(version.path, contents.pieces(version), claims, version.commit)
                if not version.blob:  # a message stands for its commit
                    self.result.commits += 1
                    progress.update(task, completed=self.result.commits)

    def _texts(self, path: str, pieces: Iterable[str], claims: Claims, commit: str = "") -> None:
        self.result.texts += 1
        lines = 0
        for piece in pieces:
            file = TextFile(path, piece)
            for judged in self._allowances.judge(file, check(file, claims)):
                finding = judged.finding if isinstance(judged, Allowed) else judged
                key = (finding.rule, path, finding.fingerprint)
                if key in self._reported:
                    continue
                self._reported.add(key)
                placed = replace(finding, line=finding.line + lines, commit=commit)
                if isinstance(judged, Allowed):
                    self.result.allowed.append(Allowed(placed, judged.reason))
                else:
                    self.result.findings.append(placed)
            lines += piece.count("\n")


def _read(path: Path) -> str:
    if path.is_symlink():
        return str(path.readlink())
    return path.read_bytes().decode(errors="replace") if path.is_file() else ""
