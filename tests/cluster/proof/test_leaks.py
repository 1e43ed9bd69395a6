"""A value that is planted where it does not belong is found there: else the search of a clean stack proves nothing."""

import base64
import json
import subprocess
from collections.abc import Iterator

import pytest

from bootstrap import lifecycle
from bootstrap.canaries.place import Outcome
from tests.local_stack import Running, running_stack

_NAME = "leak-for-the-test"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A stack of its own: what is planted stays in etcd's log of changes."""
    with running_stack("local", tmp_path_factory.mktemp("leaks")) as stack, stack.environment():
        yield stack


@pytest.fixture
def planted(own: Running) -> Iterator[set[str]]:
    """The first value of prod, put into places of several kinds; gives their names."""
    prod, folder = own.prod, own.local.directory
    canary = prod.references["canary"]
    (value,) = (one.decode() for one in prod.secret_data(canary["namespace"], canary["name"]).values())
    objects = f"/api/v1/namespaces/{canary['namespace']}"
    encoded = base64.b64encode(f"a{value}".encode()).decode()
    config_map = {"metadata": {"name": _NAME}, "data": {"a": encoded}}
    prod.kubernetes.post(f"{objects}/configmaps", json=config_map).raise_for_status()
    event = {
        "metadata": {"name": _NAME},
        "message": json.dumps({"said": value}),
        "involvedObject": {"kind": "Pod", "namespace": canary["namespace"], "name": "x"},
    }
    prod.kubernetes.post(f"{objects}/events", json=event).raise_for_status()
    files = {folder / f"{_NAME}.log": value, folder / f"{_NAME}.txt": value.encode().hex()}
    for path, text in files.items():
        path.write_text(text)
    with subprocess.Popen(["sleep", "600"], env={"LEAK": value}) as process:
        yield {
            "prod: objects that are not Secrets",
            "prod: events",
            "prod: etcd's files",  # objects that are not Secrets are not encrypted there
            "logs of all other programs",
            "the rest of the stack's folder",
            "arguments and environments of processes",
        }
        process.kill()


def test_what_is_planted_is_found(own: Running, planted: set[str]) -> None:
    searched = lifecycle.search("local", own.console)
    assert not searched.passed
    assert {one.place for one in searched.verdicts if one.outcome is Outcome.LEAK} == planted
