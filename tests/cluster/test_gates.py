"""The gates on the running stack: machine-readable, and able to fail."""

import json
import os
import subprocess
from typing import Any

import pytest

from bootstrap.verification import gates
from bootstrap.verification.environment import GateError
from tests.local_stack import BOOTSTRAP, Running, eventually, force_sync, stop_rotation


def verify() -> tuple[int, dict[str, Any]]:
    done = subprocess.run([*BOOTSTRAP, "verify", "--json"], capture_output=True, text=True, check=False, env=os.environ)
    return done.returncode, json.loads(done.stdout)


def test_verify_for_machines(running: Running) -> None:
    code, answer = verify()
    assert (code, answer["passed"], answer["stack"]) == (0, True, "local")
    assert {gate["environment"] for gate in answer["gates"]} == {"prod", "nonprod"}
    assert all(gate["evidence"] for gate in answer["gates"])


def test_a_failed_gate_is_exit_code_1(running: Running) -> None:
    key = running.prod.references["tenantsKeyArn"]
    stop_rotation(running.aws("kms"), key)
    try:
        code, answer = verify()
    finally:
        running.aws("kms").enable_key_rotation(KeyId=key)
    failed = [gate for gate in answer["gates"] if not gate["passed"]]
    assert code == 1
    assert [(gate["environment"], gate["evidence"]) for gate in failed] == [("prod", "the tenants key does not rotate")]


def test_the_leak_gate_sees_a_planted_value(running: Running) -> None:
    view = running.prod
    value = view.secret_data("secrets-bootstrap", "canary")["value"].decode()
    body = {"metadata": {"name": "planted"}, "data": {"config": f"password={value}"}}
    maps = "/api/v1/namespaces/apps/configmaps"
    view.kubernetes.post(maps, json=body).raise_for_status()
    try:
        with pytest.raises(GateError, match="Kubernetes objects: a known value"):
            gates.nothing_leaks(view, "", [])
    finally:
        view.kubernetes.delete(f"{maps}/planted").raise_for_status()
    with pytest.raises(GateError, match="Pulumi state: a known value"):
        gates.nothing_leaks(view, json.dumps({"x": value}), [])
    gates.nothing_leaks(view, "", [])


def test_the_first_sync_gate_compares_with_the_manager(running: Running) -> None:
    view = running.prod
    manager = view.client(view.identity_session, "secretsmanager")
    manager.put_secret_value(SecretId=view.references["canarySecret"], SecretString="another-value")
    with pytest.raises(GateError, match="not the manager's"):
        gates.first_secret_is_synced(view)
    force_sync(view)

    @eventually(30)
    def rotated() -> None:
        assert view.secret_data("secrets-bootstrap", "canary")["value"] == b"another-value"

    rotated()
    gates.first_secret_is_synced(view)
