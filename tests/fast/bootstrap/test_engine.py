"""What the engine is started with, and how it ends: nothing of the caller's goes in; Ctrl-C does not cut it short."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bootstrap.engine import Engine, _wait_in_spite_of_interrupts
from bootstrap.errors import BootstrapError
from bootstrap.localcloud.aws.client import LocalAws
from bootstrap.localcloud.aws.credentials import DEPLOYER_FILE
from bootstrap.paths import write_private

CALLERS = {
    "AWS_SESSION_TOKEN": "of another account",
    "AWS_PROFILE": "work",
    "PULUMI_CONFIG_PASSPHRASE": "of another stack",
    "PULUMI_ACCESS_TOKEN": "of a service",
    "HTTPS_PROXY": "http://proxy.example.com",
    "HELM_KUBEAPISERVER": "https://cluster.example.com",
    "KUBECONFIG": "/nowhere",
}


@pytest.fixture
def aws(tmp_path: Path) -> LocalAws:
    (tmp_path / "aws").mkdir()
    deployer = {"AccessKeyId": "AKIAEXAMPLE", "SecretAccessKey": "the-secret"}
    write_private(tmp_path / "aws" / DEPLOYER_FILE, json.dumps(deployer))
    return LocalAws(tmp_path / "aws", 1)


def test_the_engine_gets_no_credential_and_nothing_of_the_callers(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CALLERS.items():
        monkeypatch.setenv(name, value)
    engine = Engine(stack="local", directory=tmp_path, tools=tmp_path, cloud_environment=aws.deployer_profile())
    environment = engine.environment()
    assert not CALLERS.keys() & environment.keys()
    assert "the-secret" not in "".join(environment.values())


def test_an_sdk_becomes_the_deployer_by_the_file(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    for name, value in aws.deployer_profile().items():
        monkeypatch.setenv(name, value)
    file = Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"])
    assert file.stat().st_mode & 0o777 == 0o600
    found = boto3.Session().get_credentials()
    assert found is not None
    assert (found.access_key, found.secret_key) == ("AKIAEXAMPLE", "the-secret")


def test_an_interrupt_lets_the_engine_end_in_good_order(tmp_path: Path) -> None:
    """subprocess.run would kill it after a quarter of a second."""
    script = f"import time; time.sleep(1); open({str(tmp_path / 'recorded')!r}, 'w')"
    process = subprocess.Popen([sys.executable, "-c", script])
    for seconds in (0.2, 0.4):
        threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)).start()
    assert _wait_in_spite_of_interrupts(process) == 0
    assert (tmp_path / "recorded").exists()


@pytest.mark.parametrize(
    ("latest", "pending"),
    [
        (None, False),  # as `stack init` leaves it
        ({"resources": []}, False),
        ({"pending_operations": [{"type": "creating"}]}, True),
    ],
)
def test_unrecorded_creations_are_seen_without_starting_pulumi(tmp_path: Path, latest: object, pending: bool) -> None:
    engine = Engine(stack="local", directory=tmp_path, tools=tmp_path / "nothing", cloud_environment={})
    engine._checkpoint.parent.mkdir(parents=True)
    engine._checkpoint.write_text(json.dumps({"version": 3, "checkpoint": {"stack": "local", "latest": latest}}))
    assert engine.has_pending_operations() is pending


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"checkpoint": []}'])
def test_a_damaged_state_is_said_plainly(tmp_path: Path, text: str) -> None:
    engine = Engine(stack="local", directory=tmp_path, tools=tmp_path / "nothing", cloud_environment={})
    engine._checkpoint.parent.mkdir(parents=True)
    engine._checkpoint.write_text(text)
    with pytest.raises(BootstrapError, match=r"local.json: it is damaged"):
        engine.has_pending_operations()
