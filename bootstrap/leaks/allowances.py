"""Reviewed exceptions, each with its reason: a comment in the file, or an entry of the baseline.

A comment at the end of the line, or alone on the line before it: `leaks: allow RULE: REASON`.
An entry in `.leaks-allow.yaml`: `{rule: RULE, path: PATH, fingerprint: as reported, reason: REASON}`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bootstrap.errors import BootstrapError
from bootstrap.leaks.documents import TextFile
from bootstrap.leaks.finding import Finding, found
from bootstrap.leaks.rules import RULES

BASELINE = ".leaks-allow.yaml"
_FIELDS = {"rule", "path", "fingerprint", "reason"}
_MARKER = re.compile(
    r"(?:#|//|/\*|<!--|--|;)\s*leaks:\s*allow\b[ \t]*([\w-]*)[ \t]*:?[ \t]*([^\n]*?)\s*(?:-->|\*/)?$", re.MULTILINE
)


@dataclass(frozen=True)
class Allowed:
    finding: Finding
    reason: str


@dataclass
class Allowances:
    """Splits what was found into what is refused and what someone answers for."""

    reasons: dict[tuple[str, str, str], str] = field(default_factory=dict)
    used: set[tuple[str, str, str]] = field(default_factory=set)

    @classmethod
    def read(cls, baseline: Path) -> "Allowances":
        if not baseline.is_file():
            return cls()
        try:
            entries = yaml.safe_load(baseline.read_text()) or []
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise _broken(baseline, "it is no YAML") from error
        reasons: dict[tuple[str, str, str], str] = {}
        if not isinstance(entries, list):
            raise _broken(baseline, "it is no list")
        for number, entry in enumerate(entries, 1):
            complete = isinstance(entry, dict) and set(entry) == _FIELDS and all(entry.values())
            if not complete:
                raise _broken(baseline, f"entry {number} has not exactly rule, path, fingerprint and reason")
            if entry["rule"] not in RULES:
                raise _broken(baseline, f"entry {number} names a rule that does not exist")
            reasons[str(entry["rule"]), str(entry["path"]), str(entry["fingerprint"])] = str(entry["reason"])
        return cls(reasons)

    @property
    def unused(self) -> list[str]:
        return sorted(f"{rule} in {path} ({fingerprint})" for rule, path, fingerprint in set(self.reasons) - self.used)

    def judge(self, file: TextFile, findings: list[Finding]) -> Iterator[Finding | Allowed]:
        markers = _markers(file)
        for finding in findings:
            key = (finding.rule, finding.path, finding.fingerprint)
            reason = self.reasons.get(key)
            if reason:
                self.used.add(key)
            rule, said = markers.get(finding.line, ("", ""))
            reason = reason or (said if rule == finding.rule else "")
            yield Allowed(finding, reason) if reason else finding
        for line, (rule, said) in markers.items():
            if rule not in RULES or not said:
                yield found("allowance", file.path, line, rule)


def _markers(file: TextFile) -> dict[int, tuple[str, str]]:
    """Rule and reason by the line that they are for: the comment's own, or the next if the comment stands alone."""
    markers: dict[int, tuple[str, str]] = {}
    for match in _MARKER.finditer(file.text):
        alone = not file.text[file.text.rfind("\n", 0, match.start()) + 1 : match.start()].strip()
        markers[file.text.count("\n", 0, match.start()) + 1 + alone] = match[1], match[2]
    return markers


def _broken(baseline: Path, why: str) -> BootstrapError:
    return BootstrapError(
        str(baseline), why, "write a list of {rule, path, fingerprint, reason}; a scan prints the first three"
    )
