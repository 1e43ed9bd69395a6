"""Azure: what cannot work is refused when it is said, with the field's name and a mend, and no value."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from components import (
    AzureAuditArgs,
    AzureClusterIdentityArgs,
    AzureDeployKeyArgs,
    AzureEnvironmentKeysArgs,
    AzureExistingIdentity,
    AzureFoundationArgs,
    AzureNames,
    AzureOperatorGrant,
    AzureSecretSpec,
    AzureSecretStoreArgs,
    AzureVaultNetwork,
    AzureWorkloadIdentityArgs,
    ConfigError,
    KeyRef,
    parse_config,
)
from tests.fast.components import samples, samples_azure
from tests.fast.components.mock_engine import run
from tests.fast.components.samples_azure import GROUP, KEY, KEY_VERSION, NAMES, OTHER_SUBSCRIPTION, SUBSCRIPTION, VAULT


def elsewhere(resource_id: str) -> str:
    return resource_id.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)


def names(**changes: Any) -> AzureNames:
    fields = ("prefix", "environment", "subscription_id", "tenant_id", "location", "resource_group")
    values = {field: getattr(NAMES, field) for field in (*fields, "keys_vault", "secrets_vault")}
    return AzureNames(**{**values, **changes})


def keys(**changes: Any) -> AzureEnvironmentKeysArgs:
    return AzureEnvironmentKeysArgs(names=NAMES, **changes)


def store(**changes: Any) -> AzureSecretStoreArgs:
    return AzureSecretStoreArgs(names=NAMES, **changes)


def audit(**changes: Any) -> AzureAuditArgs:
    return AzureAuditArgs(**{"names": NAMES, "vaults": {"secrets": VAULT}, **changes})


def cluster_identity(**changes: Any) -> AzureClusterIdentityArgs:
    values = {"names": NAMES, "etcd_key": KeyRef(id="x"), "etcd_key_id": KEY, "subnet_id": samples_azure.SUBNET}
    return AzureClusterIdentityArgs(**{**values, **changes})


def existing(**changes: Any) -> AzureExistingIdentity:
    values = {"id": samples_azure.IDENTITY, "client_id": SUBSCRIPTION, "principal_id": SUBSCRIPTION}
    return AzureExistingIdentity(**{**values, **changes})


def workload_identity(**changes: Any) -> AzureWorkloadIdentityArgs:
    values = {
        "names": NAMES,
        "cluster": samples.cluster(),
        "service_account": samples.ACCOUNT_OF_OPERATOR,
        "grant": AzureOperatorGrant(vault_id=VAULT),
    }
    return AzureWorkloadIdentityArgs(**{**values, **changes})


IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("AzureNames.prefix", lambda: names(prefix="X-leak")),
    ("AzureNames.environment", lambda: names(environment="x leak")),
    ("AzureNames.subscription_id", lambda: names(subscription_id="x-leak")),
    ("AzureNames.tenant_id", lambda: names(tenant_id=f"{samples_azure.TENANT}x-leak")),
    ("AzureNames.location", lambda: names(location="x-leak")),
    ("AzureNames.resource_group", lambda: names(resource_group="x-leak.")),
    ("AzureNames.keys_vault", lambda: names(keys_vault="x--leak")),
    ("AzureNames.secrets_vault", lambda: names(secrets_vault="x-leak" * 5)),
    ("AzureEnvironmentKeysArgs.rotation_days", lambda: keys(rotation_days=6)),
    ("AzureEnvironmentKeysArgs.rotation_days", lambda: keys(rotation_days=2561)),
    ("AzureEnvironmentKeysArgs.administrators.x-lost", lambda: keys(administrators={"x-lost": "User"})),
    ("AzureEnvironmentKeysArgs.existing.nothing", lambda: keys(existing={"nothing": KEY})),
    ("AzureEnvironmentKeysArgs.existing.etcd", lambda: keys(existing={"etcd": KEY})),
    ("AzureEnvironmentKeysArgs.existing.secrets", lambda: keys(existing={"secrets": KEY_VERSION})),
    ("AzureEnvironmentKeysArgs.existing.secrets", lambda: keys(existing={"secrets": elsewhere(KEY)})),
    (
        "AzureEnvironmentKeysArgs.existing",
        lambda: keys(existing={"secrets": KEY, "etcd": KEY_VERSION.replace("/two/", "/one/")}),
    ),
    ("AzureVaultNetwork.subnet_ids.0", lambda: AzureVaultNetwork(subnet_ids=["x-leak"])),
    ("AzureVaultNetwork.cidrs.1", lambda: AzureVaultNetwork(cidrs=["203.0.113.0/24", "0.0.0.0/0"])),
    ("AzureSecretStoreArgs.canary", lambda: store(canary="x_leak")),
    ("AzureSecretStoreArgs.canary", lambda: store(canary="tenants/x-leak")),
    ("AzureSecretStoreArgs.secrets.canary", lambda: store(secrets={"canary": AzureSecretSpec()})),
    ("AzureSecretStoreArgs.secrets.a.b", lambda: store(secrets={"a.b": AzureSecretSpec()})),
    ("AzureSecretStoreArgs.secrets.a--b", lambda: store(secrets={"a--b": AzureSecretSpec()})),
    ("AzureSecretStoreArgs.secrets.a.readers.x", lambda: store(secrets={"a": AzureSecretSpec(readers={"x": "User"})})),
    ("AzureSecretStoreArgs.writers.x", lambda: store(writers={"x": "User"})),
    ("AzureSecretStoreArgs.existing_vault_id", lambda: store(existing_vault_id="x-leak")),
    (
        "AzureSecretStoreArgs.existing_vault_id",
        lambda: store(existing_vault_id=elsewhere(NAMES.vault_id(NAMES.secrets_vault))),
    ),
    ("AzureSecretStoreArgs.existing_vault_id", lambda: store(existing_vault_id=VAULT)),
    (
        "AzureSecretStoreArgs.network",
        lambda: store(
            existing_vault_id=NAMES.vault_id(NAMES.secrets_vault), network=AzureVaultNetwork(cidrs=["203.0.113.0/24"])
        ),
    ),
    ("AzureAuditArgs.vaults", lambda: audit(vaults={})),
    ("AzureAuditArgs.vaults.keys", lambda: audit(vaults={"keys": "x-leak"})),
    ("AzureAuditArgs.retention_days", lambda: audit(retention_days=29)),
    ("AzureAuditArgs.retention_days", lambda: audit(retention_days=731)),
    ("AzureAuditArgs.existing_workspace_id", lambda: audit(existing_workspace_id="x-leak")),
    ("AzureDeployKeyArgs.secret_id", lambda: AzureDeployKeyArgs(secret_id=VAULT)),
    ("AzureDeployKeyArgs.secret_id", lambda: AzureDeployKeyArgs(secret_id=f"{VAULT}/secrets/x_leak")),
    ("AzureClusterIdentityArgs.etcd_key_id", lambda: cluster_identity(etcd_key_id=KEY_VERSION)),
    ("AzureClusterIdentityArgs.subnet_id", lambda: cluster_identity(subnet_id="x-leak")),
    ("AzureOperatorGrant.vault_id", lambda: AzureOperatorGrant(vault_id="x-leak")),
    ("AzureExistingIdentity.id", lambda: existing(id="x-leak")),
    ("AzureExistingIdentity.client_id", lambda: existing(client_id="x-leak")),
    ("AzureExistingIdentity.principal_id", lambda: existing(principal_id="x-leak")),
    (
        "AzureWorkloadIdentityArgs.existing.id",
        lambda: workload_identity(existing=existing(id=elsewhere(samples_azure.IDENTITY))),
    ),
    (
        "AzureFoundationArgs.names",
        lambda: AzureFoundationArgs(names=names(keys_vault="another"), environment=samples_azure.parsed()),
    ),
]


@pytest.mark.parametrize(("field", "make"), IMPOSSIBLE, ids=[f"{i}-{field}" for i, (field, _) in enumerate(IMPOSSIBLE)])
def test_impossible_arguments(field: str, make: Callable[[], object]) -> None:
    def program() -> None:
        with pytest.raises(ConfigError) as caught:
            make()
        assert caught.value.field == field
        assert caught.value.mend
        assert "x-leak" not in str(caught.value)

    run(program)


# What an environment is changed to, and the field below it that the error has to name.
SPOILED: list[tuple[dict[str, Any], str]] = [
    ({"backend": "x-leak"}, ""),
    ({"subscriptionId": "x-leak"}, "subscriptionId"),
    ({"tenantId": "x-leak"}, "tenantId"),
    ({"location": "x-leak"}, "location"),
    ({"resourceGroup": "x-leak/"}, "resourceGroup"),
    ({"deployers": {}}, "deployers"),
    ({"deployers": {"x": "User"}}, "deployers.x"),
    ({"writers": {SUBSCRIPTION: "x-leak"}}, f"writers.{SUBSCRIPTION}"),
    ({"keys": {}}, "keys.vault"),
    ({"keys": {"vault": "ok-vault", "rotationDays": 6}}, "keys.rotationDays"),
    ({"keys": {"vault": "ok-vault", "existing": {"etcd": KEY}}}, "keys.existing.etcd"),
    ({"keys": {"vault": "ok-vault", "existing": {"secrets": elsewhere(KEY)}}}, "keys.existing.secrets"),
    ({"secretsVault": {}}, "secretsVault"),
    ({"secretsVault": {"name": "ok-vault", "existingId": VAULT}}, "secretsVault"),
    ({"secretsVault": {"existingId": VAULT, "cidrs": ["203.0.113.0/24"]}}, "secretsVault.existingId"),
    ({"secretsVault": {"existingId": elsewhere(VAULT)}}, "secretsVault.existingId"),
    ({"secretsVault": {"name": "platform-prod-keys"}}, "secretsVault"),
    ({"secrets": {"a_b": {}}}, "secrets.a_b"),
    ({"secrets": {"a.b": {}}}, "secrets.a.b"),
    ({"secrets": {"a/" * 40 + "x" * 60: {}}}, "secrets." + "a/" * 40 + "x" * 60),
    ({"firstSync": {"secret": "x_leak"}}, "firstSync.secret"),
    ({"audit": {"retentionDays": 29}}, "audit.retentionDays"),
    ({"audit": {"existingWorkspaceId": "x-leak"}}, "audit.existingWorkspaceId"),
    ({"identity": {"kind": "irsa"}}, "identity.kind"),
    ({"identity": {"kind": "azureWorkloadIdentity", "existing": {"id": "x-leak"}}}, "identity.existing.id"),
    (
        {
            "identity": {
                "kind": "azureWorkloadIdentity",
                "existing": {**samples_azure.EXISTING_IDENTITY, "id": elsewhere(samples_azure.IDENTITY)},
            }
        },
        "identity.existing.id",
    ),
    ({"cluster": {"kind": "eks", "subnetIds": ["subnet-01234567", "subnet-01234568"]}}, "cluster.kind"),
    ({"cluster": {"kind": "aks", "subnetId": "x-leak"}}, "cluster.subnetId"),
    ({"cluster": {"kind": "aks", "subnetId": elsewhere(samples_azure.SUBNET)}}, "cluster.subnetId"),
    ({"cluster": {"kind": "aks", "subnetId": samples_azure.SUBNET, "nodes": 0}}, "cluster.nodes"),
    (
        {"cluster": {"kind": "aks", "subnetId": samples_azure.SUBNET, "publicAccessCidrs": ["0.0.0.0/0"]}},
        "cluster.publicAccessCidrs.0",
    ),
]


@pytest.mark.parametrize(("changes", "field"), SPOILED, ids=[f"{i}-{field}" for i, (_, field) in enumerate(SPOILED)])
def test_bad_configuration(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(samples.configuration(prod=samples_azure.environment(**changes)))
    fields = {problem.field for problem in caught.value.problems}
    assert f"environments.prod.{field}".rstrip(".") in fields
    assert "x-leak" not in str(caught.value).replace(field, "")
    assert "mend: " in str(caught.value)


def test_an_identity_of_another_cloud_is_refused_with_the_valid_choice() -> None:
    with pytest.raises(ConfigError, match="azureWorkloadIdentity"):
        samples_azure.parsed(identity={"kind": "podIdentity"})


@pytest.mark.parametrize(
    ("changes", "thing"),
    [
        ({"keys": {"vault": "shared-keys"}}, "vault"),
        ({"secretsVault": {"name": "shared-secrets"}}, "vault"),
        ({"secretsVault": {"existingId": VAULT}}, "vault"),
        ({"identity": {"kind": "azureWorkloadIdentity", "existing": samples_azure.EXISTING_IDENTITY}}, "identity"),
        (
            {"cluster": {"kind": "aks", "subnetId": samples_azure.SUBNET, "name": "one"}, "resourceGroup": "g"},
            "cluster",
        ),
    ],
)
def test_environments_share_nothing(changes: dict[str, Any], thing: str) -> None:
    one = {"prod": samples_azure.environment("prod", **changes)}
    other = {"nonprod": samples_azure.environment("nonprod", **copy.deepcopy(changes))}
    with pytest.raises(ConfigError, match=f"is the same {thing} as environments.prod."):
        parse_config({"prefix": "platform", "environments": {**one, **other}})


def test_versions_of_one_key_are_one_key() -> None:
    def adopting(name: str, role: str, key_id: str) -> dict[str, Any]:
        return samples_azure.environment(name, keys={"vault": f"{name}-keys", "existing": {role: key_id}})

    with pytest.raises(ConfigError, match="is the same key as"):
        parse_config(
            samples.configuration(
                prod=adopting("prod", "secrets", f"{GROUP}/Microsoft.KeyVault/vaults/legacy/keys/two"),
                nonprod=adopting("nonprod", "etcd", KEY_VERSION),
            )
        )
