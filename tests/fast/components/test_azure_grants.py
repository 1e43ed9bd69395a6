"""Azure: grants are minimal, under names that never change, and there before they are used."""

import uuid
from functools import cache
from typing import get_args

import pulumi_azure_native.authorization as authorization
import pulumi_azure_native.containerservice as containerservice
import pulumi_azure_native.keyvault as keyvault
import pytest
import yaml
from hypothesis import given

from components import ConfigError
from components.azure.forms import PrincipalType
from components.azure.keys import KEY_ROLES
from components.azure.names import AzureNames
from components.azure.roles import AzureRole, assignment_name
from tests.fast.components import samples, samples_azure
from tests.fast.components.mock_engine import SECRET, Recording, Resource
from tests.fast.components.test_golden import CLUSTERS, run_stack
from tests.fast.components.test_names import short_names

GRANT = "azure-native:authorization:RoleAssignment"
VAULTS = f"/subscriptions/{samples_azure.SUBSCRIPTION}/resourceGroups/platform-prod/providers/Microsoft.KeyVault/vaults"
AKS = samples_azure.NAMES.cluster_id("platform-prod")


def aks(**changes: object) -> Recording:
    return run_stack("aks", "platform", {"prod": samples_azure.environment(**changes)})


created = cache(aks)


def role_of(grant: Resource) -> AzureRole:
    return AzureRole(grant.inputs["roleDefinitionId"].rpartition("/")[2])


def test_every_grant_is_on_the_one_resource_that_it_is_for() -> None:
    operator, cluster = "principal-of-prod-identity-identity", "principal-of-prod-foundation-cluster-identity-identity"
    secrets, keys = f"{VAULTS}/platform-prod-secrets", f"{VAULTS}/platform-prod-keys"
    granted = {(role_of(one), one.inputs["principalId"], one.inputs["scope"]) for one in created().of(GRANT)}
    assert granted == {
        (AzureRole.KEY_VAULT_SECRETS_USER, operator, secrets),
        (AzureRole.KEY_VAULT_SECRETS_OFFICER, operator, f"{secrets}/secrets/canary"),
        (AzureRole.KEY_VAULT_SECRETS_OFFICER, samples_azure.WRITER, f"{secrets}/secrets/database--password"),
        (AzureRole.KEY_VAULT_SECRETS_OFFICER, samples_azure.WRITER, f"{secrets}/secrets/tenants--acme"),
        (AzureRole.KEY_VAULT_SECRETS_USER, samples_azure.READER, f"{secrets}/secrets/tenants--acme"),
        (AzureRole.KEY_VAULT_CRYPTO_USER, cluster, f"{keys}/keys/etcd"),
        (AzureRole.NETWORK_CONTRIBUTOR, cluster, samples_azure.SUBNET),
        (AzureRole.KEY_VAULT_CRYPTO_OFFICER, samples_azure.ADMINISTRATOR, keys),
        (AzureRole.AKS_RBAC_CLUSTER_ADMIN, samples_azure.DEPLOYER, AKS),
    }


def test_grants_have_the_same_name_in_every_run_and_no_two_share_one() -> None:
    first, again = ([one.inputs["roleAssignmentName"] for one in aks().of(GRANT)] for _ in range(2))
    assert sorted(first) == sorted(again)
    assert len(set(first)) == len(first)
    assert all(str(uuid.UUID(one)) == one for one in first)


def test_another_principal_scope_or_role_is_another_grant() -> None:
    known = {"scope": "/subscriptions/a", "principal_id": "b"}
    name = assignment_name(AzureRole.KEY_VAULT_SECRETS_USER, **known)
    assert name != assignment_name(AzureRole.KEY_VAULT_SECRETS_OFFICER, **known)
    assert name != assignment_name(AzureRole.KEY_VAULT_SECRETS_USER, **{**known, "scope": "/subscriptions/c"})
    assert name != assignment_name(AzureRole.KEY_VAULT_SECRETS_USER, **{**known, "principal_id": "c"})


def test_grants_and_the_audit_log_are_there_before_they_are_needed() -> None:
    recording = created()
    cluster = recording.named("prod-cluster-aks")
    for earlier in ("keys-etcd", "cluster-identity-etcd-key", "cluster-identity-subnet"):
        assert recording.needs(cluster, recording.named(f"prod-foundation-{earlier}")), earlier
    for grant in ("read", "fill-canary"):
        for earlier in ("secrets-vault", "audit-secrets"):
            later = recording.named(f"prod-identity-{grant}")
            assert recording.needs(later, recording.named(f"prod-foundation-{earlier}")), earlier
    value = recording.named("prod-foundation-deploy-key-value")
    assert recording.needs(value, recording.named("prod-foundation-audit-secrets"))
    for grant in ("prod-identity-read", "prod-identity-fill-canary", "prod-identity-credential"):
        assert recording.needs(recording.named("prod-bootstrap-operator-controller"), recording.named(grant)), grant
    admitted = recording.named(f"prod-cluster-administrator-{samples_azure.DEPLOYER}")
    assert recording.needs(recording.named("prod-bootstrap-operator-namespace"), admitted)
    assert recording.needs(
        recording.named("prod-foundation-cluster-identity-etcd-key"), recording.named("prod-foundation-keys-etcd")
    )
    assert recording.needs(recording.named("prod-identity-credential"), cluster)


def test_aks_is_created_with_the_key_and_knows_no_local_account() -> None:
    recording = created()
    cluster = recording.named("prod-cluster-aks").inputs
    kms = cluster["securityProfile"]["azureKeyVaultKms"]
    assert kms == {
        "enabled": True,
        "keyId": f"https://platform-prod-keys.vault.azure.net/keys/etcd/{'0' * 32}",
        "keyVaultNetworkAccess": containerservice.KeyVaultNetworkAccessTypes.PUBLIC,
    }
    assert cluster["identity"]["userAssignedIdentities"] == ["prod-foundation-cluster-identity-identity-id"]
    assert cluster["securityProfile"]["workloadIdentity"] == cluster["oidcIssuerProfile"] == {"enabled": True}
    assert cluster["disableLocalAccounts"] is True
    assert cluster["aadProfile"]["enableAzureRBAC"] is True


def test_the_kubeconfig_has_kubelogin_and_no_credential() -> None:
    provider = created().named("prod-cluster-kubernetes").inputs
    assert provider["clusterIdentifier"] == AKS
    kubeconfig = yaml.safe_load(provider["kubeconfig"])
    (user,) = kubeconfig["users"]
    assert user["user"].keys() == {"exec"}
    assert user["user"]["exec"]["args"][:3] == ["get-token", "--login", "azurecli"]
    assert kubeconfig["clusters"][0]["cluster"]["server"] == "https://cluster.example.com"


def test_a_key_that_aks_uses_is_never_rotated_by_itself_and_none_expires() -> None:
    made = {one.inputs["keyName"]: one.inputs["properties"] for one in created().of("azure-native:keyvault:Key")}
    assert made.keys() == set(KEY_ROLES)
    assert "rotationPolicy" not in made["etcd"]
    for role in ("secrets", "tenants"):
        assert made[role]["rotationPolicy"] == {
            "lifetimeActions": [{"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P365D"}}]
        }
    assert not any(one["attributes"]["exportable"] for one in made.values())


@pytest.mark.parametrize(("profile", "days", "purge"), [("durable", 90, True), ("ephemeral", 7, None)])
def test_purge_protection_is_on_or_not_said(profile: str, days: int, purge: bool | None) -> None:
    """The API takes no false, and what is on stays on."""
    recording = aks(deletionProfile=profile)
    vaults = recording.of("azure-native:keyvault:Vault")
    assert len(vaults) == 2
    for vault in vaults:
        assert vault.inputs["properties"].get("enablePurgeProtection") is purge
        assert vault.inputs["properties"]["softDeleteRetentionInDays"] == days
        assert vault.inputs["properties"]["enableRbacAuthorization"] is True
        assert vault.protect is (profile == "durable")


def test_the_vault_for_secrets_is_closed_to_all_but_named_networks() -> None:
    recording = aks(
        secretsVault={"name": "v-secrets", "subnetIds": [samples_azure.OTHER_SUBNET], "cidrs": ["203.0.113.0/24"]}
    )
    rules = recording.named("prod-foundation-secrets-vault").inputs["properties"]["networkAcls"]
    assert (rules["defaultAction"], rules["bypass"]) == (
        keyvault.NetworkRuleAction.DENY,
        keyvault.NetworkRuleBypassOptions.NONE,
    )
    assert [one["id"] for one in rules["virtualNetworkRules"]] == [samples_azure.SUBNET, samples_azure.OTHER_SUBNET]
    assert rules["ipRules"] == [{"value": "203.0.113.0/24"}]


def test_the_store_names_the_tenant_once() -> None:
    """external-secrets v0.20.4 refuses a tenant both in the store and in the annotation (`errMultipleTenantID`)."""
    recording = created()
    store = recording.named("prod-bootstrap-store-store").inputs["spec"]["provider"]["azurekv"]
    assert store["tenantId"] == samples_azure.TENANT
    values = recording.named("prod-bootstrap-operator-controller").inputs["values"]
    assert values["serviceAccount"]["annotations"] == {
        "azure.workload.identity/client-id": "client-of-prod-identity-identity"
    }


def test_no_tag_of_the_operators_own_is_pushed() -> None:
    pushed = created().named("prod-bootstrap-first-sync-push").inputs["spec"]["data"][0]
    assert "managed-by" not in pushed["metadata"]["spec"]["tags"]


def test_the_deploy_key_is_a_secret_to_the_engine() -> None:
    assert SECRET in created().named("prod-foundation-deploy-key-value").inputs["properties"]


def test_what_is_adopted_is_not_made() -> None:
    existing = {
        "secrets": samples_azure.KEY,
        "etcd": samples_azure.KEY_VERSION,
        "tenants": samples_azure.KEY.replace("one", "three"),
    }
    recording = aks(
        keys={"vault": "unused-keys", "existing": existing},
        secretsVault={"existingId": samples_azure.VAULT.replace("vaults/legacy", "vaults/old")},
        identity={"kind": "azureWorkloadIdentity", "existing": samples_azure.EXISTING_IDENTITY},
        audit={"existingWorkspaceId": samples_azure.WORKSPACE},
    )
    assert not recording.of("azure-native:keyvault:Vault") + recording.of("azure-native:keyvault:Key")
    assert not recording.of("azure-native:operationalinsights:Workspace")
    assert len(recording.of("azure-native:managedidentity:UserAssignedIdentity")) == 1  # the cluster's
    kms = recording.named("prod-cluster-aks").inputs["securityProfile"]["azureKeyVaultKms"]
    assert kms["keyId"] == f"https://legacy.vault.azure.net/keys/two/{'0' * 32}"
    scopes = {one.inputs["scope"] for one in recording.of(GRANT)}
    assert f"{samples_azure.VAULT}/keys/two" in scopes
    credential = recording.named("prod-identity-credential").inputs
    assert (credential["resourceGroupName"], credential["resourceName"]) == ("legacy", "operator")
    assert recording.named("prod-identity-read").inputs["principalId"] == samples_azure.READER


def test_words_are_those_of_the_sdk() -> None:
    assert set(get_args(PrincipalType)) <= {one.value for one in authorization.PrincipalType}
    assert {"encrypt", "decrypt", "wrapKey", "unwrapKey"} <= {one.value for one in keyvault.JsonWebKeyOperation}
    assert "RSA" in {one.value for one in keyvault.JsonWebKeyType}
    assert "A" in {one.value for one in keyvault.SkuFamily}
    assert {"Base"} <= {one.value for one in containerservice.ManagedClusterSKUName}


@given(short_names, short_names)
def test_names_fit_azure(prefix: str, environment: str) -> None:
    names = AzureNames(
        prefix=prefix,
        environment=environment,
        subscription_id=samples_azure.SUBSCRIPTION,
        tenant_id=samples_azure.TENANT,
        location="westeurope",
        resource_group="g",
        keys_vault="abc",
        secrets_vault="abd",
    )
    assert 3 <= len(names.name("aks")) <= 63
    assert not set("<>%&\\?/") & set("".join(names.tags()))
    assert names.secret_name("a/b-c") == "a--b-c" != names.secret_name("a/b/c")


@pytest.mark.parametrize("topology", ["eks", "local"])
def test_other_topologies_refuse_azure(topology: str) -> None:
    with pytest.raises(ConfigError, match=r"environments\.prod\.cluster\.kind"):
        run_stack(topology, "platform", {"prod": samples_azure.environment()})


def test_aks_refuses_other_clouds() -> None:
    with pytest.raises(ConfigError, match=r"environments\.prod\.backend"):
        run_stack("aks", "platform", {"prod": samples.environment(cluster=CLUSTERS["eks"])})
