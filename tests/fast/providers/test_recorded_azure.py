"""What the recorded Azure refuses, each beside what it takes, and what a deletion leaves."""

import base64
import json

import pytest
from pulumi.runtime.proto import provider_pb2 as rpc

from bootstrap.providers.properties import Properties, decode, encode
from tests.fast.providers.conftest import SUBSCRIPTION
from tests.fast.providers.driver import CallFailedError, Driver

VAULT, KEY = "azure-native:keyvault:Vault", "azure-native:keyvault:Key"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
ASSIGNMENT, CLUSTER = "azure-native:authorization:RoleAssignment", "azure-native:containerservice:ManagedCluster"
GROUP = {"resourceGroupName": "platform"}
PLACE = {**GROUP, "location": "westeurope"}
VAULT_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/platform/providers/Microsoft.KeyVault/vaults/keys"
ROLES = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
CRYPTO_USER, SECRETS_USER = "12338af0-0e69-4776-bea7-57ae8d297424", "4633458b-17de-408a-b874-0445c86b69e6"
NAME = "00000000-0000-0000-0000-00000000000"


def vault(name: str = "keys", **properties: object) -> Properties:
    sku = {"family": "A", "name": "standard"}
    return {**PLACE, "vaultName": name, "properties": {"tenantId": "t", "sku": sku, **properties}}


def assignment(principal: str, scope: str = VAULT_ID, role: str = CRYPTO_USER, number: int = 1) -> Properties:
    return {
        "roleAssignmentName": f"{NAME}{number}",
        "scope": scope,
        "roleDefinitionId": f"{ROLES}/{role}",
        "principalId": principal,
        "principalType": "ServicePrincipal",
    }


def identity(azure: Driver) -> tuple[str, str]:
    id_, state = azure.create(IDENTITY, {**PLACE, "resourceName": "aks"})
    return id_, state["principalId"]


def key(azure: Driver) -> tuple[str, str]:
    azure.create(VAULT, vault())
    id_, state = azure.create(KEY, {**GROUP, "vaultName": "keys", "keyName": "etcd", "properties": {"kty": "RSA"}})
    return id_, state["keyUriWithVersion"]


def cluster(identity_id: str, key_id: str) -> Properties:
    return {
        **PLACE,
        "resourceName": "prod",
        "oidcIssuerProfile": {"enabled": True},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [identity_id]},
        "securityProfile": {"azureKeyVaultKms": {"enabled": True, "keyId": key_id}},
    }


def test_a_cluster_comes_after_its_identity_was_granted_the_key(azure: Driver) -> None:
    (who, principal), (key_path, key_id) = identity(azure), key(azure)
    with pytest.raises(CallFailedError, match="404: identity"):
        azure.create(CLUSTER, cluster(who + "x", key_id))
    with pytest.raises(CallFailedError, match="404: the version of the key"):
        azure.create(CLUSTER, cluster(who, key_id + "x"))
    azure.create(ASSIGNMENT, assignment(principal, role=SECRETS_USER, number=1))
    azure.create(ASSIGNMENT, assignment("somebody-else", number=2))
    azure.create(VAULT, vault("others"))
    azure.create(ASSIGNMENT, assignment(principal, scope=f"{VAULT_ID.removesuffix('keys')}others", number=4))
    with pytest.raises(CallFailedError, match="403: no identity of the cluster has Key Vault Crypto User"):
        azure.create(CLUSTER, cluster(who, key_id))
    azure.create(ASSIGNMENT, assignment(principal, scope=key_path, number=3))
    _, state = azure.create(CLUSTER, cluster(who, key_id))
    assert state["identity"]["userAssignedIdentities"] == {who: {}}


def test_a_cluster_of_the_same_name_has_another_issuer(azure: Driver) -> None:
    inputs = {**PLACE, "resourceName": "prod", "oidcIssuerProfile": {"enabled": True}}
    id_, first = azure.create(CLUSTER, inputs)
    updated = azure.update(CLUSTER, id_, inputs, {**inputs, "tags": {"a": "b"}}, first)
    assert updated["oidcIssuerProfile"] == first["oidcIssuerProfile"]
    azure.delete(CLUSTER, id_, inputs, first)
    _, second = azure.create(CLUSTER, inputs)
    assert second["oidcIssuerProfile"]["issuerURL"] != first["oidcIssuerProfile"]["issuerURL"]


def test_a_grant_is_on_something_that_exists(azure: Driver) -> None:
    secret = f"{VAULT_ID}/secrets/canary"
    for scope in (VAULT_ID, secret):
        with pytest.raises(CallFailedError, match=f"404: {VAULT_ID} does not exist"):
            azure.create(ASSIGNMENT, assignment("group", scope=scope))
    azure.create(VAULT, vault())
    azure.create(ASSIGNMENT, assignment("group", scope=VAULT_ID, number=1))
    azure.create(ASSIGNMENT, assignment("group", scope=secret, number=2))  # before there is a value


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"roleAssignmentName": "reader"}, "roleAssignmentName is not a GUID"),
        ({"roleAssignmentName": f"{NAME}2", "roleDefinitionId": "Key Vault Reader"}, "roleDefinitionId does not end"),
        ({"roleAssignmentName": f"{NAME}2"}, "409: the role assignment exists under another name"),
        ({}, "409: .* exists already"),
        ({"roleAssignmentName": f"{NAME}2", "principalId": "other"}, None),
    ],
)
def test_a_grant_has_a_guid_and_is_made_once(azure: Driver, change: Properties, reason: str | None) -> None:
    azure.create(VAULT, vault())
    azure.create(ASSIGNMENT, assignment("group"))
    inputs = {**assignment("group"), **change}
    if reason is None:
        azure.create(ASSIGNMENT, inputs)
        return
    with pytest.raises(CallFailedError, match=reason):
        azure.create(ASSIGNMENT, inputs)


def test_a_new_identity_is_granted_by_its_type(azure: Driver) -> None:
    _, principal = identity(azure)
    azure.create(VAULT, vault())
    with pytest.raises(CallFailedError, match="unless principalType is ServicePrincipal"):
        azure.create(ASSIGNMENT, {**assignment(principal), "principalType": "User"})
    azure.create(ASSIGNMENT, assignment(principal))


def test_a_credential_needs_its_identity_and_is_the_only_one_of_its_subject(azure: Driver) -> None:
    trust = {**GROUP, "resourceName": "aks", "issuer": "https://i", "subject": "s", "audiences": ["a"]}
    first, second = ({**trust, "federatedIdentityCredentialResourceName": name} for name in ("one", "two"))
    with pytest.raises(CallFailedError, match="404"):
        azure.create(CREDENTIAL, first)
    identity(azure)
    azure.create(CREDENTIAL, first)
    with pytest.raises(CallFailedError, match="409: the identity has a credential"):
        azure.create(CREDENTIAL, second)
    azure.create(CREDENTIAL, {**second, "subject": "other"})


def test_a_deleted_vault_keeps_its_name_and_takes_its_keys_with_it(azure: Driver) -> None:
    key_path, _ = key(azure)
    azure.delete(VAULT, VAULT_ID, vault())
    assert azure.read(VAULT, VAULT_ID, vault())[0] == ""
    assert azure.read(KEY, key_path, {})[0] == ""
    with pytest.raises(CallFailedError, match="its name is still taken"):
        azure.create(VAULT, vault())
    with pytest.raises(CallFailedError, match="409: the name keys is taken"):
        azure.create(VAULT, {**vault("KEYS"), "resourceGroupName": "other"})
    azure.create(VAULT, vault("others"))


def test_purge_protection_is_left_out_or_kept_for_good(azure: Driver) -> None:
    with pytest.raises(CallFailedError, match="cannot be set to false"):
        azure.create(VAULT, vault(enablePurgeProtection=False))
    protected = vault(enablePurgeProtection=True)
    id_, state = azure.create(VAULT, protected)
    with pytest.raises(CallFailedError, match="cannot be taken back"):
        azure.update(VAULT, id_, protected, vault(), state)
    azure.update(VAULT, id_, protected, {**protected, "tags": {"a": "b"}}, state)


def test_the_kubeconfig_of_a_cluster(azure: Driver) -> None:
    def ask(name: str) -> Properties:
        request = rpc.InvokeRequest(
            tok="azure-native:containerservice:listManagedClusterUserCredentials",
            args=encode({**GROUP, "resourceName": name}),
        )
        return decode(getattr(azure.provider.Invoke(request, azure.context), "return"))

    _, state = azure.create(CLUSTER, {**PLACE, "resourceName": "prod"})
    config = json.loads(base64.b64decode(ask("prod")["kubeconfigs"][0]["value"]))
    assert config["clusters"][0]["cluster"]["server"] == f"https://{state['fqdn']}:443"
    with pytest.raises(CallFailedError, match="404"):
        ask("other")
    with pytest.raises(CallFailedError, match="is not a function"):
        azure.provider.Invoke(rpc.InvokeRequest(tok="azure-native:x:y"), azure.context)
