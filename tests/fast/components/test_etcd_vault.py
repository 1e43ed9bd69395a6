"""VaultNodeEncryption: who may use the etcd key, and what the control plane is started with."""

import json
from typing import Any

import pulumi
import pytest
import yaml

from components import ConfigError, KeyRef, VaultNames, VaultNodeEncryption, VaultNodeEncryptionArgs
from tests.fast.components.mock_engine import Recording, run

NAMES = VaultNames(prefix="platform", environment="prod", address="https://vault.example.com:8200")
KEY = "platform/prod/transit/keys/etcd"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def arguments(**changes: Any) -> VaultNodeEncryptionArgs:
    values: dict[str, Any] = {
        "names": NAMES,
        "etcd_key": KeyRef(id=KEY),
        "machine_ca": CERTIFICATE,
        "node_names": ["prod-1.example.com", "prod-2.example.com"],
        "plugin_image": "r/vault-kubernetes-kms:v1.4.0",
        "cert_mount": "machines",
        **changes,
    }
    return VaultNodeEncryptionArgs(**values)


TEXTS: dict[str, str] = {}


@pytest.fixture(scope="module")
def recording() -> Recording:
    def program() -> None:
        encryption = VaultNodeEncryption("encryption", arguments()).encryption
        for field in ("kms_plugin", "encryption_configuration"):
            text = pulumi.Output.from_input(getattr(encryption, field))
            text.apply(lambda known, field=field: TEXTS.update({field: known}))

    return run(program)


def test_the_policy_holds_the_one_key_and_the_nodes_own_token(recording: Recording) -> None:
    (policy,) = recording.of("vault:index/policy:Policy")
    assert policy.inputs["name"] == "platform-prod-node"
    assert json.loads(policy.inputs["policy"])["path"] == {
        "platform/prod/transit/encrypt/etcd": {"capabilities": ["update"]},
        "platform/prod/transit/decrypt/etcd": {"capabilities": ["update"]},
        "platform/prod/transit/keys/etcd": {"capabilities": ["read"]},
        "auth/token/lookup-self": {"capabilities": ["read"]},
        "auth/token/renew-self": {"capabilities": ["update"]},
    }


def test_only_the_named_nodes_of_the_machines_authority_get_in(recording: Recording) -> None:
    (role,) = recording.of("vault:index/certAuthBackendRole:CertAuthBackendRole")
    assert role.inputs["backend"] == "machines"
    assert role.inputs["name"] == "platform-prod-node"
    assert role.inputs["certificate"] == CERTIFICATE
    assert role.inputs["allowedCommonNames"] == ["prod-1.example.com", "prod-2.example.com"]
    assert role.inputs["tokenPolicies"] == ["platform-prod-node"]
    assert role.inputs["tokenNoDefaultPolicy"] is True


def test_the_static_pod_uses_that_role_and_that_key(recording: Recording) -> None:
    (container,) = yaml.safe_load(TEXTS["kms_plugin"])["spec"]["containers"]
    wanted = {
        "-vault-address=https://vault.example.com:8200",
        "-cert-mount=machines",
        "-cert-role=platform-prod-node",
        "-transit-mount=platform/prod/transit",
        "-transit-key=etcd",
    }
    assert wanted <= set(container["args"])
    (rule,) = yaml.safe_load(TEXTS["encryption_configuration"])["resources"]
    assert rule["providers"][0]["kms"]["name"] == "vault-kms-1"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"node_names": []}, "node_names"),
        ({"node_names": ["prod-*"]}, "node_names.0"),
        ({"machine_ca": "no certificate"}, "machine_ca"),
        ({"etcd_key": KeyRef(id="platform/prod/transit/etcd")}, "etcd_key.id"),
        ({"plugin_image": "r/vault-kubernetes-kms:latest"}, "plugin_image"),
        ({"cert_mount": "/machines"}, "cert_mount"),
        ({"provider_name": "Vault"}, "provider_name"),
    ],
)
def test_what_cannot_work_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        arguments(**changes)
    assert caught.value.field == f"VaultNodeEncryptionArgs.{field}"
