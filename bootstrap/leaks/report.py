"""What people and machines see of a scan: place, rule, reason, mend. SARIF 2.1.0 is what code hosts can show."""

from dataclasses import asdict
from typing import Any

from rich.console import Console

from bootstrap.leaks.finding import Finding
from bootstrap.leaks.rules import RULES
from bootstrap.leaks.scan import Result


def to_text(result: Result, console: Console) -> None:
    for finding in result.findings:
        rule = RULES[finding.rule]
        console.print(f"{_place(finding)}: {finding.rule}", style="red", markup=False, highlight=False)
        console.print(f"  why: {rule.why}", markup=False, highlight=False)
        console.print(f"  mend: {rule.mend}", markup=False, highlight=False)
        console.print(f"  fingerprint: {finding.fingerprint}", markup=False, highlight=False)
    for allowed in result.allowed:
        where = f"{_place(allowed.finding)}: {allowed.finding.rule}"
        console.print(f"allowed: {where}: {allowed.reason}", markup=False, highlight=False)
    for entry in result.unused:
        console.print(f"the baseline allows what is nowhere: {entry}; remove the entry", markup=False, highlight=False)
    commits = f" in {result.commits} commits and the tree" if result.commits else ""
    said = f"{len(result.findings)} refused, {len(result.allowed)} allowed, {result.texts} texts read{commits}"
    console.print(said, markup=False, highlight=False)


def to_json(result: Result) -> dict[str, Any]:
    return {
        "passed": not result.findings,
        "texts": result.texts,
        "commits": result.commits,
        "findings": [
            {**asdict(one), "why": RULES[one.rule].why, "mend": RULES[one.rule].mend} for one in result.findings
        ],
        "allowed": [{**asdict(one.finding), "reason": one.reason} for one in result.allowed],
        "unused": result.unused,
    }


def to_sarif(result: Result) -> dict[str, Any]:
    rules = [
        {"id": name, "shortDescription": {"text": rule.why}, "help": {"text": rule.mend}}
        for name, rule in RULES.items()
    ]
    results = [
        {
            "ruleId": finding.rule,
            "level": "error",
            "message": {"text": f"{RULES[finding.rule].why}; {RULES[finding.rule].mend}"},
            "partialFingerprints": {"leaks/v1": finding.fingerprint},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": finding.path},
                        "region": {"startLine": finding.line},
                    }
                }
            ],
        }
        for finding in result.findings
    ]
    tool = {"driver": {"name": "secrets-bootstrap leaks", "rules": rules}}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": tool, "results": results}],
    }


def _place(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}"
    return f"{place} (commit {finding.commit[:12]})" if finding.commit else place
