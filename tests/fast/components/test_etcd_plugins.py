"""Encryption of a self-managed etcd, as text: the API server's configuration and each KMS plugin's static pod."""

from typing import Any

import pytest
import yaml

from components import ConfigError
from components.kubernetes.encryption.aws import aws_kms_plugin
from components.kubernetes.encryption.azure import azure_kms_plugin
from components.kubernetes.encryption.configuration import KmsProvider, encryption_configuration
from components.kubernetes.encryption.google import google_kms_plugin
from components.kubernetes.encryption.vault import vault_kms_plugin

SOCKET = "/var/run/kmsplugin/socket.sock"
ARN = "arn:aws:kms:eu-west-1:123456789012:key/x"
CRYPTO_KEY = "projects/p/locations/europe-west1/keyRings/platform/cryptoKeys/prod-etcd"

AWS = aws_kms_plugin(
    image="r/aws-encryption-provider:v1",
    key_id=ARN,
    region="eu-west-1",
    encryption_context={"environment": "prod", "a": "b"},
)
VAULT = vault_kms_plugin(
    image="r/vault-kubernetes-kms:v1.4.0",
    address="https://vault.example.com:8200",
    transit_mount="transit",
    transit_key="platform-prod-etcd",
    cert_mount="machines",
    cert_role="platform-prod-node",
)
GOOGLE = google_kms_plugin(image="r/k8s-cloudkms-plugin:v1", key_id=CRYPTO_KEY)
AZURE = azure_kms_plugin(image="r/keyvault:v0.8.0", vault_name="platform-prod", key_name="etcd", key_version="0f0f")

ARGS = {
    AWS: [
        f"--key={ARN}",
        "--region=eu-west-1",
        f"--listen={SOCKET}",
        "--encryption-context=a=b,environment=prod",
        "--health-port=:8083",
        "--health-kms-version=v2",
    ],
    VAULT: [
        f"-socket=unix://{SOCKET}",
        "-force-socket-overwrite",
        "-disable-v1",
        "-vault-address=https://vault.example.com:8200",
        "-vault-ca-cert=/etc/vault-node/vault-ca.crt",
        "-auth-method=cert",
        "-cert-mount=machines",
        "-cert-role=platform-prod-node",
        "-cert-file=/etc/vault-node/machine.crt",
        "-cert-key=/etc/vault-node/machine.key",
        "-transit-mount=transit",
        "-transit-key=platform-prod-etcd",
        "-health-port=8084",
    ],
    GOOGLE: [
        f"--key-uri={CRYPTO_KEY}",
        f"--path-to-unix-socket={SOCKET}",
        "--kms=v2",
        "--healthz-port=8081",
        "--healthz-path=healthz",
        "--metrics-port=8082",
    ],
    AZURE: [
        f"--listen-addr=unix://{SOCKET}",
        "--keyvault-name=platform-prod",
        "--key-name=etcd",
        "--key-version=0f0f",
        "--config-file-path=/etc/kubernetes/azure.json",
        "--healthz-port=8787",
        "--healthz-path=/healthz",
        "--metrics-addr=8095",
    ],
}
each_plugin = pytest.mark.parametrize("manifest", ARGS, ids=["aws", "vault", "google", "azure"])


def container(manifest: str) -> dict[str, Any]:
    (only,) = yaml.safe_load(manifest)["spec"]["containers"]
    return only


@each_plugin
def test_flags_are_those_of_the_public_plugin(manifest: str) -> None:
    assert container(manifest)["args"] == ARGS[manifest]


@each_plugin
def test_a_static_pod_refers_to_nothing_of_the_api(manifest: str) -> None:
    """The API server waits for it: no service account, no Secret, no ConfigMap, and the node's network."""
    spec = yaml.safe_load(manifest)["spec"]
    assert spec["hostNetwork"] is True
    assert "serviceAccountName" not in spec
    assert "env" not in container(manifest), "static pods use the node's identity"
    assert all("hostPath" in volume for volume in spec["volumes"])
    read_only = {mount["name"] for mount in container(manifest)["volumeMounts"] if mount.get("readOnly")}
    assert read_only == {volume["name"] for volume in spec["volumes"]} - {"socket"}


@each_plugin
def test_its_health_is_asked_where_it_tells_it(manifest: str) -> None:
    probe = container(manifest)["livenessProbe"]["httpGet"]
    assert probe["host"] == "127.0.0.1"
    assert any(str(probe["port"]) in flag for flag in container(manifest)["args"] if "health" in flag)


def test_the_first_provider_writes_and_identity_only_reads() -> None:
    second = KmsProvider(name="vault-kms-2", socket="/var/run/kmsplugin/2.sock")
    text = encryption_configuration(KmsProvider(name="vault-kms-1"), second)
    (resource,) = yaml.safe_load(text)["resources"]
    assert resource["resources"] == ["secrets"]
    first, other, last = resource["providers"]
    assert first["kms"] == {"apiVersion": "v2", "name": "vault-kms-1", "endpoint": f"unix://{SOCKET}", "timeout": "3s"}
    assert other["kms"]["name"] == "vault-kms-2"
    assert other["kms"]["endpoint"] == "unix:///var/run/kmsplugin/2.sock"
    assert last == {"identity": {}}, "identity reads what was written before, and is never first"


@pytest.mark.parametrize(
    ("providers", "field"),
    [
        ([], "providers"),
        ([KmsProvider(name="a"), KmsProvider(name="a", socket="/b")], "providers.name"),
        ([KmsProvider(name="a"), KmsProvider(name="b")], "providers.socket"),
    ],
)
def test_providers_that_cannot_be_told_apart_are_refused(providers: list[KmsProvider], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        encryption_configuration(*providers)
    assert caught.value.field == field


def test_a_providers_name_becomes_part_of_every_value() -> None:
    with pytest.raises(ConfigError) as caught:
        KmsProvider(name="Kms:1")
    assert caught.value.field == "KmsProvider.name"
