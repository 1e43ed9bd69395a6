"""SecretProviderClass: what each provider is told, word by word, and pairs that cannot work."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import yaml

from components import ConfigError, IdentityKind, SecretProviderClass, SecretProviderClassArgs, ServiceAccountRef
from tests.fast.components import samples
from tests.fast.components.mock_engine import run
from tests.fast.components.secret_provider_classes import (
    AZURE_STORE,
    SAMPLES,
    VAULT_LOGIN,
    VAULT_STORE,
    Sample,
    identity,
)

each_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)


def spec(arguments: SecretProviderClassArgs) -> dict[str, Any]:
    recording = run(lambda: SecretProviderClass("it", arguments))
    (made,) = recording.of("kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass")
    assert made.inputs["metadata"] == {"name": "app", "namespace": "apps"}
    return made.inputs["spec"]


def objects(parameters: dict[str, str]) -> list[dict[str, Any]]:
    """The list of files as the provider reads it: YAML in a text, on Azure one more text for each entry."""
    listed = yaml.safe_load(parameters.get("objects") or parameters["secrets"])
    if isinstance(listed, dict):
        return [yaml.safe_load(one) for one in listed["array"]]
    return listed


@each_sample
def test_the_provider_knows_every_word(sample: Sample) -> None:
    made = spec(sample.arguments())
    assert made["provider"] == sample.provider
    assert made.keys() == {"provider", "parameters"}  # no secretObjects: nothing is copied into a Kubernetes Secret
    parameters = made["parameters"]
    assert all(isinstance(value, str) for value in parameters.values())
    assert sample.required <= parameters.keys() <= sample.required | sample.optional
    listed = objects(parameters)
    assert len(listed) == 2
    assert all(one.keys() <= sample.fields for one in listed)


def test_aws() -> None:
    for name, pod_identity in (("aws-irsa", "false"), ("aws-pod-identity", "true")):
        parameters = spec(SAMPLES[name].arguments(failover_region="eu-central-1"))["parameters"]
        assert (parameters["usePodIdentity"], parameters["failoverRegion"]) == (pod_identity, "eu-central-1")
        assert parameters["region"] == "eu-west-1"
        assert objects(parameters)[1] == {
            "objectName": "platform/prod/database",
            "objectType": "secretsmanager",
            "objectAlias": "database",
        }


def test_gcp() -> None:
    parameters = spec(SAMPLES["gcp"].arguments())["parameters"]
    assert parameters["auth"] == "pod-adc"
    assert objects(parameters)[1] == {
        "resourceName": "projects/demo/secrets/platform--prod--database/versions/latest",
        "path": "database",
    }


def test_azure() -> None:
    parameters = spec(SAMPLES["azure"].arguments())["parameters"]
    assert parameters["usePodIdentity"] == "false"
    assert parameters["clientID"] == "principal-of-azureWorkloadIdentity"
    assert (parameters["keyvaultName"], parameters["tenantID"]) == ("platform-prod", AZURE_STORE.settings["tenantId"])
    assert objects(parameters)[1] == {"objectName": "database", "objectType": "secret", "objectAlias": "database"}
    assert all(isinstance(one, str) for one in json.loads(parameters["objects"])["array"])


def test_vault() -> None:
    parameters = spec(SAMPLES["vault"].arguments(ca_certificate_path="/etc/vault/ca.pem"))["parameters"]
    assert {name: value for name, value in parameters.items() if name != "objects"} == {
        "vaultAddress": "https://vault.example.com",
        "vaultAuthMountPath": "platform/prod/jwt",
        "roleName": "platform-prod-app",
        "audience": "vault.example.com",
        "vaultCACertPath": "/etc/vault/ca.pem",
    }
    assert objects(parameters)[1] == {
        "objectName": "database",
        "secretPath": "platform/prod/secrets/data/database",
        "secretKey": "value",
    }


@each_sample
def test_a_pod_mounts_it_by_its_name(sample: Sample) -> None:
    made: list[SecretProviderClass] = []
    run(lambda: made.append(SecretProviderClass("it", sample.arguments())))
    assert made[0].volume == {
        "driver": "secrets-store.csi.k8s.io",
        "readOnly": True,
        "volumeAttributes": {"secretProviderClass": "app"},
    }


AWS, AZURE, GCP, VAULT = (SAMPLES[name] for name in ("aws-irsa", "azure", "gcp", "vault"))
ELSEWHERE = ServiceAccountRef(namespace="elsewhere", name="app")
REVIEWED = identity(
    IdentityKind.VAULT_KUBERNETES, store_settings={"auth": {"kubernetes": {}}}, presents_token=True, reviews_token=True
)
OWN_AUTHORITY = replace(VAULT_STORE, settings={**VAULT_STORE.settings, "caBundle": "eA=="})
CHINA = replace(AZURE_STORE, settings={**AZURE_STORE.settings, "vaultUrl": "https://x-leak.vault.azure.cn"})
IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("identity", lambda: AWS.arguments(identity=GCP.identity)),
    ("identity", lambda: VAULT.arguments(identity=AWS.identity)),
    ("identity", lambda: VAULT.arguments(identity=REVIEWED)),
    (
        "identity.service_account.namespace",
        lambda: AWS.arguments(identity=identity(IdentityKind.IRSA, ELSEWHERE)),
    ),
    (
        "identity.service_account.namespace",
        lambda: AWS.arguments(identity=samples.pod_identity()),  # the operator's
    ),
    ("files", lambda: AWS.arguments(files={})),
    ("files.../x", lambda: AWS.arguments(files={"../x": "platform/prod/a"})),
    ("files.a/b", lambda: AWS.arguments(files={"a/b": "platform/prod/a"})),
    ("files.a", lambda: AWS.arguments(files={"a": "arn:aws:secretsmanager:eu-west-1:1:secret:x-leak"})),
    *(
        ("files.a", lambda name=name: VAULT.arguments(files={"a": name}))
        for name in ("..", "../other/prod/a", "a/../b", "a/./b", "a/..")
    ),
    ("failover_region", lambda: AWS.arguments(failover_region="eu-west-1")),
    ("failover_region", lambda: AWS.arguments(failover_region="x-leak")),
    ("failover_region", lambda: AWS.arguments(failover_region="")),
    ("failover_region", lambda: GCP.arguments(failover_region="eu-central-1")),
    ("ca_certificate_path", lambda: AWS.arguments(ca_certificate_path="/etc/ca.pem")),
    ("ca_certificate_path", lambda: VAULT.arguments(ca_certificate_path="ca.pem")),
    ("ca_certificate_path", lambda: VAULT.arguments(store=OWN_AUTHORITY)),
    ("store", lambda: AZURE.arguments(store=CHINA)),
    ("namespace", lambda: AWS.arguments(namespace="x leak")),
    ("class_name", lambda: AWS.arguments(class_name="X-leak")),
]


@pytest.mark.parametrize(("field", "build"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, build: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as error:
        build()
    assert error.value.field == f"SecretProviderClassArgs.{field}"
    assert "x-leak" not in f"{error.value.reason} {error.value.mend}"


def test_the_rightful_pairs_beside_them() -> None:
    assert VAULT.arguments(store=OWN_AUTHORITY, ca_certificate_path="/etc/ca.pem")
    assert VAULT.arguments(identity=identity(IdentityKind.VAULT_JWT, store_settings=VAULT_LOGIN))
