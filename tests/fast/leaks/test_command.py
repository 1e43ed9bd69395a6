"""The command: exit code, reports for people and machines, a real hook. No report ever holds a value."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.fast.docs.pages import PAGES, table
from tests.fast.leaks.cases import CORPUS, corpus
from tests.fast.leaks.fakes import fake
from tests.fast.leaks.repositories import SECRET, Repository, new_repository

ROOT = Path(__file__).resolve().parents[3]
PAGE = (PAGES / "runbooks" / "leaks.md").read_text()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new_repository(tmp_path / "repository")


def leaks(repository: Repository, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bootstrap", "leaks", "--path", str(repository.root), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_exit_codes_and_the_table_for_people(repository: Repository) -> None:
    repository.commit(**{"secret.yaml": SECRET})
    done = leaks(repository)
    assert done.returncode == 1
    text = " ".join(done.stderr.split())
    assert "secret.yaml:4: secret-manifest why: a Secret holds a value" in text
    assert "mend: keep the value in the secret manager" in text
    assert "1 refused, 0 allowed" in text
    repository.commit(**{"secret.yaml": "a: b\n"})
    assert leaks(repository).returncode == 1
    assert leaks(repository, "--no-history").returncode == 0


def test_no_report_holds_a_value(repository: Repository) -> None:
    for number, case in enumerate(corpus()):
        for path, text in case.files.items():
            repository.write(f"{number}/{path}", text)
    names = set(re.findall(r"<([a-z0-9-]+)(?::\w+)?>", "".join(path.read_text() for path in CORPUS.glob("*.txt"))))
    for form in ("--json", "--sarif", "--no-history"):
        done = leaks(repository, "--no-history", form)
        assert done.returncode == 1
        assert "secret-manifest" in done.stdout + done.stderr
        for name in names - {"kind", "your-token", "your-password", "your-private-key", "password-of-db"}:
            lines = [line for line in fake(name).splitlines() if not line.startswith("-----")]
            assert not [line for line in lines if len(line) > 7 and line in done.stdout + done.stderr], name


def test_json_for_machines(repository: Repository) -> None:
    repository.commit(**{"secret.yaml": SECRET})
    report = json.loads(leaks(repository, "--json").stdout)
    [finding] = report["findings"]
    assert (report["passed"], report["texts"], report["commits"]) == (False, 3, 1)  # tree, message, version
    assert {key: finding[key] for key in ("path", "line", "rule", "commit")} == {
        "path": "secret.yaml",
        "line": 4,
        "rule": "secret-manifest",
        "commit": "",
    }
    assert re.fullmatch("[0-9a-f]{16}", finding["fingerprint"])


def test_sarif_for_code_hosts(repository: Repository) -> None:
    repository.commit(**{"secret.yaml": SECRET})
    sarif = json.loads(leaks(repository, "--sarif").stdout)
    [run] = sarif["runs"]
    [result] = run["results"]
    assert sarif["version"] == "2.1.0"
    assert result["ruleId"] in {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("secret.yaml", 4)


def test_the_hook_of_the_page_refuses_a_commit(repository: Repository) -> None:
    block = re.search(r"```sh title=\".git/hooks/pre-commit\"\n(.*?)```", PAGE, re.DOTALL)
    assert block
    hook = repository.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        block[1]
        .replace("/opt/secrets-bootstrap/.venv/bin/python", sys.executable)
        .replace("/opt/secrets-bootstrap", str(ROOT))
    )
    hook.chmod(0o755)
    repository.write("secret.yaml", SECRET)
    repository.git("add", "--all")
    done = repository.git("commit", "--message", "Leak", check=False)
    assert done.returncode != 0
    assert "secret-manifest" in done.stderr
    repository.write("secret.yaml", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n")
    repository.commit()
    assert repository.git("log", "--oneline").stdout


def test_the_other_examples_of_the_page_are_yaml_that_runs_the_command() -> None:
    blocks = re.findall(r"```yaml title=\"(\S+)\"\n(.*?)```", PAGE, re.DOTALL)
    assert [name for name, _ in blocks] == [
        ".leaks-allow.yaml",
        ".pre-commit-config.yaml",
        ".github/workflows/leaks.yaml",
    ]
    for name, text in blocks:
        assert yaml.safe_load(text)
        assert "-m bootstrap leaks" in text or name == ".leaks-allow.yaml"


def test_every_rule_is_on_the_page() -> None:
    from bootstrap.leaks.rules import RULES

    assert set(table(PAGE)) == set(RULES)


def test_the_command_loads_little() -> None:
    """Users' hooks and CI install four small packages, not Pulumi and its SDKs."""
    modules = "bootstrap.cli, bootstrap.leaks.scan, bootstrap.leaks.report"
    probe = f"import sys, {modules}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    allowed = re.search(r"pip install ((?:[\w-]+ ?)+)", PAGE)
    assert allowed
    assert set(allowed[1].split()) == {"detect-secrets", "pyyaml", "rich", "typer"}
    assert set(loaded.stdout.split()) & {"pulumi", "boto3", "pydantic", "lightkube", "grpc", "cryptography"} == set()
