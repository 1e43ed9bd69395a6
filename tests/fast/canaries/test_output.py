"""What tests print is searched: a test that prints a secret fails, and the secret is not shown."""

import secrets
import subprocess
import sys
from pathlib import Path

from bootstrap.paths import REPOSITORY

_TESTS = """
import base64, logging, subprocess, sys
import pytest
from tests.output import follow

VALUE = follow("the planted one", __VALUE__)
OTHER = "nobody-follows-this-value-at-all"

def test_of_an_innocent(): print(OTHER)
def test_by_print(): print(VALUE)
def test_in_base64(): print(base64.b64encode(f'{{"a": "{VALUE}"}}'.encode()).decode(), file=sys.stderr)
def test_in_a_log(): logging.getLogger("a").warning("it is %s", VALUE)
def test_by_a_program(): subprocess.run([sys.executable, "-c", "import sys; print(sys.argv[1])", VALUE])
def test_by_a_failure(): assert OTHER == VALUE
@pytest.fixture
def fixture():
    print(VALUE)
    yield
def test_by_a_fixture(fixture): pass
@pytest.fixture
def ending():
    yield
    print(VALUE)
def test_by_the_end_of_a_fixture(ending): pass
"""
_LEAKS = 7


def test_a_test_that_prints_a_secret_fails_and_does_not_show_it(tmp_path: Path) -> None:
    value = secrets.token_urlsafe(24)
    (tmp_path / "conftest.py").write_text("from tests.output import pytest_runtest_makereport\n")
    (tmp_path / "test_it.py").write_text(_TESTS.replace("__VALUE__", repr(value)))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-rA",
        "-c",
        "/dev/null",
        ".",
    ]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(REPOSITORY)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout[-2000:]
    assert value not in done.stdout + done.stderr
    # What was printed at the end of a fixture is told there: the test itself passed, as the innocent one did.
    assert "5 failed, 2 passed, 2 errors" in done.stdout
    assert done.stdout.count("A secret was printed: the planted one") >= _LEAKS
