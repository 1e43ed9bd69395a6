"""The gates on the running stack `local-vault`: all pass, and each of Vault's own can fail."""

import pytest

from bootstrap.localcloud.vault.client import LocalVault
from bootstrap.verification import gates
from bootstrap.verification.environment import GateError
from tests.local_stack import Running

FLOW = ["keys", "secret containers", "cluster", "identity", "operator", "store Ready", "first secret synced", "Argo CD"]


def test_every_gate_passes(running_vault: Running) -> None:
    assert [gate for gate in running_vault.report.gates if not gate.passed] == []
    assert len(running_vault.report.gates) == 2 * 9


@pytest.mark.parametrize("environment", ["prod", "nonprod"])
def test_up_follows_the_flow(running_vault: Running, environment: str) -> None:
    steps = {step: seconds for owner, step, seconds in running_vault.report.timeline if owner == environment}
    assert [step for step in steps if step in FLOW] == FLOW
    assert steps["etcd encryption"] < steps["cluster"]


def test_a_second_up_changes_nothing(running_vault: Running) -> None:
    running_vault.local.engine.up("--expect-no-changes", capture=True)
    running_vault.local.engine.operate("refresh", "--yes", "--skip-preview", "--expect-no-changes", capture=True)


def test_a_key_that_does_not_rotate_fails_its_gate(running_vault: Running) -> None:
    view = running_vault.prod
    key = view.references["tenantsKeyId"]
    with view.vault.login() as deployer:
        period = deployer.get(f"/v1/{key}").json()["data"]["auto_rotate_period"]
        deployer.post(f"/v1/{key}/config", json={"auto_rotate_period": 0}).raise_for_status()
        try:
            with pytest.raises(GateError, match="the tenants key does not rotate"):
                view.keys_rotate()
        finally:
            deployer.post(f"/v1/{key}/config", json={"auto_rotate_period": period}).raise_for_status()
    view.keys_rotate()


def test_another_environments_ciphertext_fails_the_gate_of_etcd(running_vault: Running) -> None:
    prod, nonprod = running_vault.prod, running_vault.nonprod
    own, foreign = (view.raw_etcd_value("secrets-bootstrap", "canary") for view in (prod, nonprod))
    assert prod.etcd_key_is_used(own)
    with pytest.raises(GateError, match="does not open"):
        prod.etcd_key_is_used(foreign)
    with pytest.raises(GateError, match="no ciphertext of a transit key"):
        prod.etcd_key_is_used(b"k8s:enc:kms:v2:vault-kms-1:")


def test_more_than_the_roles_policy_fails_the_gate_of_the_identity(running_vault: Running) -> None:
    view = running_vault.prod
    role = f"/v1/auth/{view.references['identityRole']}"
    with view.vault.login() as deployer:
        before = deployer.get(role).json()["data"]["token_policies"]
        try:
            deployer.post(role, json={"token_policies": [*before, "default"]}).raise_for_status()
            with pytest.raises(GateError, match="gives the policies default, platform-prod-external-secrets"):
                view.identity_is_bound()
        finally:
            deployer.post(role, json={"token_policies": before}).raise_for_status()
    view.identity_is_bound()


def test_the_audit_log_names_the_service_account(running_vault: Running) -> None:
    for view in running_vault.views.values():
        assert "each by external-secrets/external-secrets" in view.read_is_audited()


def test_a_read_by_another_fails_the_gate_of_the_audit_log(
    running_vault: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = running_vault.prod
    [*_, entry] = [
        one for one in view.vault.audit() if one["request"]["path"] == view.canary_address and one["type"] == "response"
    ]
    other = {**entry, "auth": {"metadata": {"service_account_namespace": "apps", "service_account_name": "default"}}}
    for log in ([entry, other], []):
        monkeypatch.setattr(LocalVault, "audit", lambda _vault, log=log: log)
        with pytest.raises(GateError, match="not all by external-secrets/external-secrets"):
            view.read_is_audited()


def test_no_value_is_in_the_audit_log(running_vault: Running) -> None:
    log = (running_vault.local.cloud.directory / "audit.jsonl").read_text()
    for view in running_vault.views.values():
        [value] = set(view.secret_data("secrets-bootstrap", "canary").values())
        assert value.decode() not in log
        assert view.operator_token() not in log


def test_every_secret_in_etcd_is_encrypted_under_its_own_environments_key(running_vault: Running) -> None:
    for view in running_vault.views.values():
        for item in view.get("/api/v1/secrets")["items"]:
            raw = view.raw_etcd_value(item["metadata"]["namespace"], item["metadata"]["name"])
            assert raw.startswith(b"k8s:enc:kms:v2:vault-kms-1:")
            assert view.etcd_key_is_used(raw)


def test_the_first_sync_gate_compares_with_the_manager(running_vault: Running) -> None:
    view = running_vault.nonprod
    with view.identity() as http:  # the operator may fill the canary
        before = http.get(f"/v1/{view.canary_address}").json()["data"]["data"]
        try:
            http.post(f"/v1/{view.canary_address}", json={"data": {"value": "another-value"}}).raise_for_status()
            with pytest.raises(GateError, match="not the manager's"):
                gates.first_secret_is_synced(view)
        finally:
            http.post(f"/v1/{view.canary_address}", json={"data": before}).raise_for_status()
    gates.first_secret_is_synced(view)
