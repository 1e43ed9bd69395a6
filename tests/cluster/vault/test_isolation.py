"""Who gets into Vault and what they may do there: each refusal is by Vault itself, beside a rightful call."""

import httpx2
import pytest

from bootstrap.verification.environment import RefusedError
from bootstrap.verification.vault import VaultView
from tests.local_stack import Running

PAIRS = pytest.mark.parametrize(("mine", "other"), [("prod", "nonprod"), ("nonprod", "prod")])
WRITER = {"namespace": "apps", "name": "default"}


@PAIRS
def test_only_the_operators_token_for_the_right_audience_gets_in(running_vault: Running, mine: str, other: str) -> None:
    view, stranger = running_vault.views[mine], running_vault.views[other]
    assert view.try_login(view.operator_token()).status_code == 200

    api = view.references["issuerUrl"]  # so that the API server would still answer for the token
    wrong = {
        "another namespace": view.operator_token(namespace="apps", name="external-secrets"),
        "another service account": view.operator_token(namespace="external-secrets", name="default"),
        "another audience": view.service_account_token("sts.amazonaws.com", api),
        "no audience of Vault's": view.service_account_token(api),
        "another cluster's operator": stranger.operator_token(),
    }
    for what, token in wrong.items():
        refused = view.try_login(token)
        assert refused.status_code in (400, 403), (what, refused.status_code)
        assert "client_token" not in refused.text, what

    head, payload, signature = view.operator_token().split(".")
    assert view.try_login(f"{head}.{payload}.{signature[::-1]}").status_code in (400, 403)


@pytest.fixture(scope="module", autouse=True)
def namesake(running_vault: Running) -> None:
    """A service account of the operator's name in another namespace."""
    for view in running_vault.views.values():
        path = "/api/v1/namespaces/apps/serviceaccounts"
        view.kubernetes.post(path, json={"metadata": {"name": "external-secrets"}}).raise_for_status()


@PAIRS
def test_the_other_environments_role_is_closed(running_vault: Running, mine: str, other: str) -> None:
    view, stranger = running_vault.views[mine], running_vault.views[other]
    assert view.try_login(view.operator_token()).status_code == 200
    assert view.try_login(view.operator_token(), stranger.references["identityRole"]).status_code in (400, 403)


@PAIRS
def test_an_identity_does_what_it_must_and_nothing_else(running_vault: Running, mine: str, other: str) -> None:
    view, stranger = running_vault.views[mine], running_vault.views[other]
    mount, foreign = view.references["secretsMount"], stranger.references["secretsMount"]
    assert view.read_secret(view.canary_address)
    with pytest.raises(RefusedError):
        view.read_secret(stranger.canary_address)
    with view.identity() as http:
        # A container without a value yet: it may look, and there is nothing.
        assert http.get(f"/v1/{mount}/data/database").status_code == 404
        refused = {
            "write": http.post(f"/v1/{mount}/data/database", json={"data": {"value": "x"}}),
            "write what is new": http.post(f"/v1/{mount}/data/invented", json={"data": {"value": "x"}}),
            "patch": _patch(http, f"/v1/{mount}/data/database"),
            "delete": http.delete(f"/v1/{mount}/data/canary"),
            "destroy": http.put(f"/v1/{mount}/destroy/canary", json={"versions": [1]}),
            "remove the container": http.delete(f"/v1/{mount}/metadata/canary"),
            "list": http.request("LIST", f"/v1/{mount}/metadata"),
            "list the other's": http.request("LIST", f"/v1/{foreign}/metadata"),
            "write to the other": http.post(f"/v1/{foreign}/data/canary", json={"data": {"value": "x"}}),
            "use the etcd key": http.post(view.transit_path("encrypt"), json={"plaintext": "eA=="}),
            "use the secrets key": http.post(
                view.transit_path("encrypt").replace("etcd", "secrets"), json={"plaintext": "eA=="}
            ),
            "read its own policy": http.get("/v1/sys/policies/acl/platform-prod-external-secrets"),
            "list mounts": http.get("/v1/sys/mounts"),
            "mint a token": http.post("/v1/auth/token/create", json={}),
        }
    assert {what: answer.status_code for what, answer in refused.items()} == dict.fromkeys(refused, 403)


def _patch(http: httpx2.Client, path: str) -> httpx2.Response:
    headers = {"Content-Type": "application/merge-patch+json"}
    return http.patch(path, headers=headers, json={"data": {"value": "x"}})


@PAIRS
def test_a_node_uses_its_own_etcd_key_and_nothing_else(running_vault: Running, mine: str, other: str) -> None:
    view, stranger = running_vault.views[mine], running_vault.views[other]
    with view.node() as node:
        assert node.post(view.transit_path("encrypt"), json={"plaintext": "eA=="}).status_code == 200
        refused = {
            "the other's key": node.post(stranger.transit_path("encrypt"), json={"plaintext": "eA=="}),
            "rotate": node.post(f"/v1/{view.references['etcdKeyId']}/rotate"),
            "the canary": node.get(f"/v1/{view.canary_address}"),
        }
    assert {what: answer.status_code for what, answer in refused.items()} == dict.fromkeys(refused, 403)


def test_one_nodes_certificate_opens_no_other_role(running_vault: Running) -> None:
    vault, role = running_vault.local.cloud, "/v1/auth/machines/login"
    for cluster, name, allowed in [
        ("prod", "platform-prod-node", True),
        ("prod", "platform-nonprod-node", False),
        ("prod", "deployer", False),
    ]:
        with _with_certificate(vault, cluster) as http:
            assert (http.post(role, json={"name": name}).status_code == 200) is allowed, name
    with vault.anonymous() as http:
        assert http.post(role, json={"name": "platform-prod-node"}).status_code == 400


def _with_certificate(vault: object, cluster: str) -> httpx2.Client:
    from bootstrap.localcloud.vault import api
    from bootstrap.localcloud.vault.client import LocalVault

    assert isinstance(vault, LocalVault)
    return api.anonymous(vault.address, vault.machines.server_authority, vault.node_certificate(cluster))


def test_the_deployer_shapes_and_reads_no_value(running_vault: Running) -> None:
    view: VaultView = running_vault.prod
    mount = view.references["secretsMount"]
    own_key = "/v1/auth/machines/certs/deployer"
    with view.vault.login() as deployer:
        assert deployer.get(f"/v1/{mount}/metadata/canary").status_code == 200
        assert deployer.get(f"/v1/{view.references['etcdKeyId']}").status_code == 200
        refused = {
            "read the canary": deployer.get(f"/v1/{view.canary_address}"),
            "write a value": deployer.post(f"/v1/{mount}/data/database", json={"data": {"value": "x"}}),
            "encrypt": deployer.post(view.transit_path("encrypt"), json={"plaintext": "eA=="}),
            "decrypt": deployer.post(view.transit_path("decrypt"), json={"ciphertext": "vault:v1:eA=="}),
            "export a key": deployer.get(view.transit_path("export/encryption-key")),
            "widen its policy": deployer.put("/v1/sys/policies/acl/deployer", json={"policy": "{}"}),
            "widen its login": deployer.post(own_key, json={"token_policies": ["root"]}),
            "mint a token": deployer.post("/v1/auth/token/create", json={"policies": ["root"]}),
            "switch the log off": deployer.delete("/v1/sys/audit/file"),
            "mount elsewhere": deployer.post("/v1/sys/mounts/elsewhere", json={"type": "kv"}),
            "seal": deployer.put("/v1/sys/seal"),
        }
    assert {what: answer.status_code for what, answer in refused.items()} == dict.fromkeys(refused, 403)


def test_the_root_token_is_dead(running_vault: Running) -> None:
    """Vault's log shows its revocation, and nothing of the harness holds one."""
    vault = running_vault.local.cloud
    root = [one for one in vault.audit() if "root" in (one.get("auth") or {}).get("policies", [])]
    assert root[-1]["request"]["path"] == "auth/token/revoke-self"
    assert not root[-1].get("error")
    seal = vault.directory / "seal.json"
    assert seal.stat().st_mode & 0o777 == 0o600
    assert '"root_token": null' in seal.read_text()
