"""The policies, judged by a real Vault: what each holder may do, and beside it what is refused."""

import json
from collections.abc import Callable
from typing import Any

import hvac
import hvac.exceptions
import pytest
from hvac.exceptions import Forbidden

from components.vault.policies import Document, operator_policy, to_json, transit_user_policy, writers_policy
from tests.engine.vault.server import Vault

PROD, NONPROD = "platform/prod/secrets", "platform/nonprod/secrets"
MANAGED = {"custom_metadata": {"managed-by": "external-secrets"}}


@pytest.fixture(scope="module", autouse=True)
def environments(vault: Vault) -> None:
    """Two environments, each with a value, an empty canary and a key."""
    root = vault.root
    for name in ("prod", "nonprod"):
        mount, transit = f"platform/{name}/secrets", f"platform/{name}/transit"
        root.sys.enable_secrets_engine("kv", path=mount, options={"version": "2"})
        root.sys.enable_secrets_engine("transit", path=transit)
        for secret in ("database", "tenants/acme"):
            _until_ready(root, f"{mount}/data/{secret}", {"data": {"value": "hidden"}})
        root.write_data(f"{mount}/metadata/canary", data=MANAGED)
        for key in ("etcd", "tenants"):
            root.write_data(f"{transit}/keys/{key}")
        policies = {
            "operator": operator_policy(mount, canary="canary"),
            "writers": writers_policy(mount, canary="canary"),
            "etcd": transit_user_policy(f"{transit}/keys/etcd"),
        }
        for role, document in policies.items():
            root.sys.create_or_update_acl_policy(f"{name}-{role}", to_json(document))


def _until_ready(root: hvac.Client, path: str, body: dict[str, Any]) -> None:
    for _ in range(100):
        try:
            root.write_data(path, data=body)
        except hvac.exceptions.InvalidRequest:
            continue
        return


def read(path: str) -> Callable[[hvac.Client], Any]:
    return lambda client: client.read(path)


def write(path: str, **body: Any) -> Callable[[hvac.Client], Any]:
    return lambda client: client.write_data(path, data=body)


def remove(path: str) -> Callable[[hvac.Client], Any]:
    return lambda client: client.delete(path)


def names_in(path: str) -> Callable[[hvac.Client], Any]:
    return lambda client: client.list(path)


VALUE = {"data": {"value": "new"}}


@pytest.mark.parametrize("secret", ["database", "tenants/acme"])
def test_the_operator_reads_its_environment(vault: Vault, secret: str) -> None:
    found: Any = vault.token_of("prod-operator").read(f"{PROD}/data/{secret}")
    assert found["data"]["data"] == {"value": "hidden"}
    other: Any = vault.token_of("nonprod-operator").read(f"{NONPROD}/data/{secret}")
    assert other["data"]["data"] == {"value": "hidden"}


def test_the_operator_fills_and_reads_the_canary(vault: Vault) -> None:
    """The calls of a PushSecret, in its order, and twice: the second time it finds the value."""
    client = vault.token_of("prod-operator")
    assert client.read(f"{PROD}/data/canary") is None
    for value in ("one", "two"):
        client.write_data(f"{PROD}/metadata/canary", data=MANAGED)
        client.write_data(f"{PROD}/data/canary", data={"data": {"value": value}})
        metadata: Any = client.read(f"{PROD}/metadata/canary")
        assert metadata["data"]["custom_metadata"] == {"managed-by": "external-secrets"}
        found: Any = client.read(f"{PROD}/data/canary")
        assert found["data"]["data"] == {"value": value}


def test_the_operator_looks_its_token_up_and_gives_it_back(vault: Vault) -> None:
    client = vault.token_of("prod-operator")
    client.auth.token.lookup_self()
    client.auth.token.revoke_self()
    with pytest.raises(Forbidden):
        client.read(f"{PROD}/data/database")


def test_writers_put_values_that_they_cannot_read(vault: Vault) -> None:
    client = vault.token_of("prod-writers")
    client.write_data(f"{PROD}/data/database", data={"data": {"value": "written"}})
    found: Any = vault.token_of("prod-operator").read(f"{PROD}/data/database")
    assert found["data"]["data"] == {"value": "written"}
    vault.root.write_data(f"{PROD}/data/database", data={"data": {"value": "hidden"}})


def test_a_user_of_a_key_encrypts_and_decrypts(vault: Vault) -> None:
    client, mount = vault.token_of("prod-etcd"), "platform/prod/transit"
    sealed: Any = client.write_data(f"{mount}/encrypt/etcd", data={"plaintext": "aGlkZGVu"})
    opened: Any = client.write_data(f"{mount}/decrypt/etcd", data={"ciphertext": sealed["data"]["ciphertext"]})
    assert opened["data"]["plaintext"] == "aGlkZGVu"
    versions: Any = client.read(f"{mount}/keys/etcd")
    assert versions["data"]["latest_version"] == 1


REFUSED = [
    ("nonprod-operator", read(f"{PROD}/data/database")),
    ("prod-operator", read(f"{NONPROD}/data/database")),
    ("nonprod-operator", write(f"{PROD}/data/canary", **VALUE)),
    ("prod-operator", names_in(f"{PROD}/metadata")),
    ("prod-operator", names_in(f"{PROD}/metadata/tenants")),
    ("prod-operator", read(f"{PROD}/metadata/database")),
    ("prod-operator", write(f"{PROD}/data/database", **VALUE)),
    ("prod-operator", write(f"{PROD}/data/new", **VALUE)),
    ("prod-operator", write(f"{PROD}/data/canary/below", **VALUE)),
    ("prod-operator", write(f"{PROD}/data/tenants/acme", **VALUE)),
    ("prod-operator", write(f"{PROD}/metadata/database", **MANAGED)),
    ("prod-operator", write(f"{PROD}/metadata/canary", max_versions=1)),
    ("prod-operator", remove(f"{PROD}/data/database")),
    ("prod-operator", remove(f"{PROD}/data/canary")),
    ("prod-operator", remove(f"{PROD}/metadata/canary")),
    ("prod-operator", write(f"{PROD}/delete/canary", versions=[1])),
    ("prod-operator", write(f"{PROD}/destroy/database", versions=[1])),
    ("prod-operator", write(f"{PROD}/config", max_versions=1)),
    ("prod-operator", read(f"{PROD}/config")),
    ("prod-operator", read("secret/data/anything")),
    ("prod-operator", read("sys/mounts")),
    ("prod-operator", read("sys/policies/acl/prod-operator")),
    ("prod-operator", write("auth/token/create", ttl="24h")),
    ("prod-operator", write("platform/prod/transit/decrypt/etcd", ciphertext="vault:v1:x")),
    ("prod-writers", read(f"{PROD}/data/database")),
    ("prod-writers", write(f"{PROD}/data/canary", **VALUE)),
    ("prod-writers", remove(f"{PROD}/data/database")),
    ("prod-writers", names_in(f"{PROD}/metadata")),
    ("prod-writers", write(f"{NONPROD}/data/database", **VALUE)),
    ("prod-etcd", write("platform/prod/transit/encrypt/tenants", plaintext="aGlkZGVu")),
    ("prod-etcd", write("platform/nonprod/transit/encrypt/etcd", plaintext="aGlkZGVu")),
    ("prod-etcd", write("platform/prod/transit/keys/etcd/rotate")),
    ("prod-etcd", read("platform/prod/transit/export/encryption-key/etcd")),
    ("prod-etcd", read(f"{PROD}/data/database")),
]


@pytest.mark.parametrize(
    ("policy", "attempt"), REFUSED, ids=[f"{who}-{index}" for index, (who, _) in enumerate(REFUSED)]
)
def test_everything_else_is_refused(vault: Vault, policy: str, attempt: Callable[[hvac.Client], Any]) -> None:
    with pytest.raises(Forbidden):
        attempt(vault.token_of(policy))


def test_without_the_operators_policy_nothing_is_read(vault: Vault) -> None:
    """The verdicts above come from the policies: a token without any is refused the rightful reads, too."""
    with pytest.raises(Forbidden):
        vault.token_of("nothing").read(f"{PROD}/data/database")


@pytest.mark.parametrize(
    "document",
    [operator_policy(PROD, canary="canary"), writers_policy(PROD, canary="canary")],
    ids=["operator", "writers"],
)
def test_no_rule_has_sudo_and_wildcards_end_one_mounts_path(document: Document) -> None:
    for path, rule in document["path"].items():
        assert "sudo" not in rule["capabilities"]
        assert "+" not in path
        assert "*" not in path or path == f"{PROD}/data/*"
    assert json.loads(to_json(document)) == document
