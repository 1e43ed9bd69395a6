"""The offline provider on a real Vault: each resource type from its creation to its end."""

import json
from typing import Any

import pytest

from bootstrap.providers.properties import Secret, plain
from bootstrap.providers.registry import provider
from tests.engine.vault.server import Vault
from tests.fast.providers.driver import CallFailedError, Driver

MOUNT = "vault:index/mount:Mount"
METHOD = "vault:index/authBackend:AuthBackend"
KEY = "vault:transit/secretBackendKey:SecretBackendKey"
POLICY = "vault:index/policy:Policy"
ENDPOINT = "vault:generic/endpoint:Endpoint"
SETTINGS = "vault:kv/secretBackendV2:SecretBackendV2"
SECRET = "vault:kv/secretV2:SecretV2"
AUDIT = "vault:index/audit:Audit"
CERTIFICATE_ROLE = "vault:index/certAuthBackendRole:CertAuthBackendRole"
KUBERNETES_CONFIG = "vault:kubernetes/authBackendConfig:AuthBackendConfig"
KUBERNETES_ROLE = "vault:kubernetes/authBackendRole:AuthBackendRole"
JWT = "vault:jwt/authBackend:AuthBackend"
JWT_ROLE = "vault:jwt/authBackendRole:AuthBackendRole"
TOKEN: dict[str, Any] = {
    "tokenPolicies": ["read-secrets"],
    "tokenTtl": 600,
    "tokenMaxTtl": 600,
    "tokenNoDefaultPolicy": True,
}


def mount(driver: Driver, path: str, kind: str, **inputs: Any) -> None:
    token = METHOD if kind in ("kubernetes", "cert", "jwt") else MOUNT
    driver.create(token, {"path": path, "type": kind, "description": f"of {path}", **inputs})


def lives(driver: Driver, token: str, inputs: dict[str, Any], changed: dict[str, Any], id_: str) -> None:
    """Created, unchanged when looked at, made again over what is there, changed in place, and gone."""
    made, state = driver.create(token, inputs)
    assert made == id_
    assert {key: plain(state[key]) for key in inputs} == inputs
    assert unchanged(driver, token, id_, inputs, state)
    again, _ = driver.create(token, inputs)  # what a killed run left
    assert again == id_
    new = {**inputs, **changed}
    state = driver.update(token, id_, inputs, new, state)
    assert {key: plain(state[key]) for key in new} == new
    assert unchanged(driver, token, id_, new, state)


def unchanged(driver: Driver, token: str, id_: str, inputs: dict[str, Any], state: dict[str, Any]) -> bool:
    found, _, seen = driver.read(token, id_, inputs, state)
    return found == id_ and plain(seen) == inputs


def ends(driver: Driver, token: str, id_: str, inputs: dict[str, Any]) -> None:
    driver.delete(token, id_, inputs)
    assert driver.read(token, id_, inputs)[0] == ""
    driver.delete(token, id_, inputs)  # gone already


def test_mount(driver: Driver) -> None:
    inputs = {"path": "a/b/kv", "type": "kv", "options": {"version": "2"}, "description": "of a b"}
    lives(driver, MOUNT, inputs, {"description": "changed"}, "a/b/kv")
    with pytest.raises(CallFailedError, match="something else is mounted there already"):
        driver.create(MOUNT, {**inputs, "description": "of another environment"})
    with pytest.raises(CallFailedError, match="something else is mounted there already"):
        driver.create(MOUNT, {**inputs, "description": "changed", "type": "transit", "options": {}})
    ends(driver, MOUNT, "a/b/kv", inputs)


def test_a_mount_without_a_description_is_nobodys(driver: Driver) -> None:
    with pytest.raises(CallFailedError, match="something else is mounted there already"):
        driver.create(MOUNT, {"path": "cubbyhole", "type": "cubbyhole"})


def test_transit_key(driver: Driver, vault: Vault) -> None:
    mount(driver, "keys", "transit")
    inputs = {
        "backend": "keys",
        "name": "etcd",
        "type": "aes256-gcm96",
        "exportable": False,
        "allowPlaintextBackup": False,
        "autoRotatePeriod": 86400,
        "deletionAllowed": False,
    }
    lives(driver, KEY, inputs, {"autoRotatePeriod": 172800}, "keys/keys/etcd")
    with pytest.raises(CallFailedError, match="another kind"):
        driver.create(KEY, {**inputs, "exportable": True})
    with pytest.raises(CallFailedError, match="deletion is not allowed"):
        driver.delete(KEY, "keys/keys/etcd", inputs)
    driver.update(KEY, "keys/keys/etcd", inputs, {**inputs, "deletionAllowed": True}, inputs)
    ends(driver, KEY, "keys/keys/etcd", inputs)


def test_kv(driver: Driver, vault: Vault) -> None:
    mount(driver, "kv-test", "kv", options={"version": "2"})
    settings = {"mount": "kv-test", "maxVersions": 5, "deleteVersionAfter": 86400}
    lives(driver, SETTINGS, settings, {"maxVersions": 6, "deleteVersionAfter": 0}, "kv-test/config")

    container = {
        "path": "kv-test/metadata/a/b",
        "dataJson": json.dumps({"custom_metadata": {"owner": "test"}}),
        "ignoreAbsentFields": True,
    }
    changed = {"dataJson": json.dumps({"custom_metadata": {"owner": "changed"}})}
    lives(driver, ENDPOINT, container, changed, "kv-test/metadata/a/b")
    assert vault.root.read("kv-test/data/a/b") is None  # empty: no version
    vault.root.write_data("kv-test/metadata/a/b", data={"custom_metadata": {"owner": "by hand"}})
    _, _, seen = driver.read(ENDPOINT, "kv-test/metadata/a/b", {**container, **changed})
    assert json.loads(plain(seen)["dataJson"]) == {"custom_metadata": {"owner": "by hand"}}

    value = {"mount": "kv-test", "name": "a/b", "dataJson": json.dumps({"value": "hidden"})}
    lives(driver, SECRET, value, {"dataJson": json.dumps({"value": "hidden too"})}, "kv-test/data/a/b")
    _, state, inputs = driver.read(SECRET, "kv-test/data/a/b", value, value)
    assert isinstance(state["dataJson"], Secret)
    assert isinstance(state["data"], Secret)
    assert isinstance(inputs["dataJson"], Secret)
    ends(driver, SECRET, "kv-test/data/a/b", value)
    assert vault.root.read("kv-test/metadata/a/b") is not None  # the container stays
    ends(driver, ENDPOINT, "kv-test/metadata/a/b", container)


def test_policy(driver: Driver) -> None:
    document = json.dumps({"path": {"kv/data/*": {"capabilities": ["read"]}}})
    changed = {"policy": json.dumps({"path": {"kv/data/a": {"capabilities": ["read"]}}})}
    lives(driver, POLICY, {"name": "test", "policy": document}, changed, "test")
    ends(driver, POLICY, "test", {"name": "test", "policy": document})


def test_kubernetes(driver: Driver, vault: Vault) -> None:
    method = {"path": "a/kubernetes", "type": "kubernetes", "description": "of a"}
    lives(driver, METHOD, method, {"description": "changed"}, "a/kubernetes")
    authority = vault.authority.read_text()
    config = {
        "backend": "a/kubernetes",
        "kubernetesHost": "https://127.0.0.1:6443",
        "kubernetesCaCert": authority,
        "disableLocalCaJwt": True,
    }
    lives(driver, KUBERNETES_CONFIG, config, {"kubernetesHost": "https://127.0.0.1:6444"}, "auth/a/kubernetes/config")
    role = {
        "backend": "a/kubernetes",
        "roleName": "operator",
        "boundServiceAccountNames": ["operator"],
        "boundServiceAccountNamespaces": ["external-secrets"],
        "audience": "vault",
        **TOKEN,
    }
    lives(driver, KUBERNETES_ROLE, role, {"tokenTtl": 300}, "auth/a/kubernetes/role/operator")
    ends(driver, KUBERNETES_ROLE, "auth/a/kubernetes/role/operator", role)
    ends(driver, METHOD, "a/kubernetes", method)


def test_jwt(driver: Driver, vault: Vault) -> None:
    issuer = {
        "path": "a/jwt",
        "type": "jwt",
        "description": "of a",
        "oidcDiscoveryUrl": f"{vault.address}/v1/identity/oidc",
        "oidcDiscoveryCaPem": vault.authority.read_text(),
        "boundIssuer": f"{vault.address}/v1/identity/oidc",
    }
    vault.root.write_data("identity/oidc/config", data={"issuer": vault.address})
    unreachable = {**issuer, "oidcDiscoveryUrl": "https://127.0.0.1:1"}
    with pytest.raises(CallFailedError) as half:  # mounted, and recorded so that the next run goes on with it
        driver.create(JWT, unreachable)
    assert half.value.init_failed is not None
    assert half.value.init_failed.id == "a/jwt"
    lives(driver, JWT, issuer, {"description": "changed"}, "a/jwt")
    role = {
        "backend": "a/jwt",
        "roleName": "operator",
        "roleType": "jwt",
        "boundAudiences": ["vault"],
        "boundSubject": "system:serviceaccount:external-secrets:operator",
        "userClaim": "sub",
        **TOKEN,
    }
    lives(driver, JWT_ROLE, role, {"tokenTtl": 300}, "auth/a/jwt/role/operator")
    ends(driver, JWT_ROLE, "auth/a/jwt/role/operator", role)
    del role["boundSubject"]
    claims = {"sub": "repo:acme/shop:ref:refs/heads/main,repo:acme/shop:environment:prod", "repository_id": "7"}
    role |= {"boundClaims": claims, "boundClaimsType": "string"}
    fewer = {"boundClaims": {"sub": "repo:acme/shop:*"}, "boundClaimsType": "glob"}
    lives(driver, JWT_ROLE, role, fewer, "auth/a/jwt/role/operator")
    found: Any = vault.root.read("auth/a/jwt/role/operator")
    assert found["data"]["bound_claims"] == {"sub": ["repo:acme/shop:*"]}
    ends(driver, JWT_ROLE, "auth/a/jwt/role/operator", role)
    ends(driver, JWT, "a/jwt", issuer)


def test_audit(driver: Driver, vault: Vault) -> None:
    path = str(vault.folder / "audit.log")
    inputs = {
        "path": "test/file",
        "type": "file",
        "description": "of the test",
        "options": {"file_path": path, "mode": "0600"},
    }
    made, state = driver.create(AUDIT, inputs)
    assert unchanged(driver, AUDIT, made, inputs, state)
    assert driver.create(AUDIT, inputs)[0] == made  # what a killed run left
    moved = {**inputs, "options": {"file_path": f"{path}.2", "mode": "0600"}}
    difference = driver.diff(AUDIT, inputs, moved)
    assert list(difference.replaces)
    assert difference.deleteBeforeReplace
    ends(driver, AUDIT, made, inputs)


def test_certificates(driver: Driver, vault: Vault) -> None:
    mount(driver, "machines-test", "cert")
    role = {
        "backend": "machines-test",
        "name": "node",
        "certificate": vault.authority.read_text(),
        "allowedCommonNames": ["prod-node"],
        **TOKEN,
    }
    changed = {"allowedCommonNames": ["prod-node", "other-node"], "tokenTtl": 300}
    lives(driver, CERTIFICATE_ROLE, role, changed, "auth/machines-test/certs/node")
    # What is no longer given is emptied, not left as it was.
    fewer = {key: value for key, value in role.items() if key != "allowedCommonNames"}
    driver.update(CERTIFICATE_ROLE, "auth/machines-test/certs/node", {**role, **changed}, fewer, role)
    found: Any = vault.root.read("auth/machines-test/certs/node")
    assert not found["data"]["allowed_common_names"]
    ends(driver, CERTIFICATE_ROLE, "auth/machines-test/certs/node", role)


def test_a_login_that_the_sdk_spells_in_its_own_way_is_refused(vault: Vault) -> None:
    with pytest.raises(CallFailedError, match=r"authLoginCert\.cert_file.*ProviderAuthLoginCertArgs"):
        Driver(provider("vault"), {"address": vault.address, "authLoginCert": '{"cert_file": "a", "keyFile": "b"}'})


def test_a_refusal_names_the_path_and_no_value(driver: Driver) -> None:
    value = {"mount": "nowhere", "name": "a", "dataJson": json.dumps({"value": "x-leak"})}
    with pytest.raises(CallFailedError) as caught:
        driver.create(SECRET, value)
    assert "write nowhere/data/a" in caught.value.text
    assert "x-leak" not in caught.value.text
