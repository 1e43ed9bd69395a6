"""Each rule with what breaks it and what keeps it. A resource here has only the properties that the rules look at."""

import json
from typing import Any

import pytest

from bootstrap.policy_pack.rules import RULES, Seen, Settings
from bootstrap.policy_pack.rules.isolation import in_one_state, shared

DURABLE = Settings(durable_environments=("prod",))
AWS_KEY, AWS_SECRET = "aws:kms/key:Key", "aws:secretsmanager/secret:Secret"
GOOGLE_KEY, GOOGLE_SECRET = "gcp:kms/cryptoKey:CryptoKey", "gcp:secretmanager/secret:Secret"
AZURE_KEY, AZURE_VAULT = "azure-native:keyvault:Key", "azure-native:keyvault:Vault"
VAULT_KEY, VAULT_POLICY = "vault:transit/secretBackendKey:SecretBackendKey", "vault:index/policy:Policy"
MEMBER, PROJECT_MEMBER = "gcp:secretmanager/secretIamMember:SecretIamMember", "gcp:projects/iAMMember:IAMMember"
ASSIGNMENT, POLICY = "azure-native:authorization:RoleAssignment", "aws:secretsmanager/secretPolicy:SecretPolicy"
STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
EKS, GKE = "aws:eks/cluster:Cluster", "gcp:container/cluster:Cluster"
AKS = "azure-native:containerservice:ManagedCluster"
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
VAULT_SCOPE = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/one"
READER = "/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6"
OWNER = "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


def statement(**changes: Any) -> str:
    one = {"Effect": "Allow", "Action": ["kms:Decrypt"], "Principal": {"AWS": ["arn:aws:iam::123456789012:role/a"]}}
    return json.dumps({"Statement": [{**one, **changes}]})


def rotating(kind: str) -> dict[str, Any]:
    return {"properties": {"rotationPolicy": {"lifetimeActions": [{"action": {"type": kind}}]}}}


def vault(**properties: Any) -> dict[str, Any]:
    return {"properties": {"enableRbacAuthorization": True, **properties}}


def kms(**properties: Any) -> dict[str, Any]:
    return {"securityProfile": {"azureKeyVaultKms": properties}}


BREAKS: list[tuple[str, str, dict[str, Any]]] = [
    ("keys-rotate", AWS_KEY, {}),
    ("keys-rotate", AWS_KEY, {"enableKeyRotation": False}),
    ("keys-rotate", GOOGLE_KEY, {"purpose": "ENCRYPT_DECRYPT"}),
    ("keys-rotate", AZURE_KEY, {"properties": {}}),
    ("keys-rotate", AZURE_KEY, rotating("notify")),
    ("keys-rotate", VAULT_KEY, {"autoRotatePeriod": 0}),
    ("keys-rotate", VAULT_KEY, {"autoRotatePeriod": 86400, "exportable": True}),
    ("durable-keys-are-protected", AWS_KEY, {}),
    ("durable-keys-are-protected", AZURE_KEY, {}),
    ("durable-keys-are-protected", VAULT_KEY, {}),
    ("deletion-can-be-undone", AWS_KEY, {"deletionWindowInDays": 7}),
    ("deletion-can-be-undone", AWS_SECRET, {"recoveryWindowInDays": 0}),
    ("deletion-can-be-undone", GOOGLE_SECRET, {"deletionProtection": False}),
    ("deletion-can-be-undone", AZURE_VAULT, vault()),
    ("deletion-can-be-undone", AZURE_VAULT, {"properties": {"enablePurgeProtection": True}}),
    ("deletion-can-be-undone", VAULT_KEY, {"deletionAllowed": True}),
    ("no-wildcards", POLICY, {"policy": statement(Principal="*")}),
    ("no-wildcards", POLICY, {"policy": statement(Principal={"AWS": "*"})}),
    ("no-wildcards", POLICY, {"policy": statement(Action="*")}),
    ("no-wildcards", AWS_KEY, {"policy": statement(Action=["kms:*"])}),
    ("no-wildcards", "aws:iam/rolePolicy:RolePolicy", {"policy": statement(NotAction=["kms:Decrypt"])}),
    ("no-wildcards", "aws:iam/role:Role", {"assumeRolePolicy": statement(NotPrincipal={"AWS": "x"})}),
    ("no-wildcards", MEMBER, {"member": "allUsers", "role": "roles/secretmanager.secretAccessor"}),
    ("no-wildcards", PROJECT_MEMBER, {"member": "user:a@b.c", "role": "roles/secretmanager.secretAccessor"}),
    ("no-wildcards", PROJECT_MEMBER, {"member": "user:a@b.c", "role": "roles/editor"}),
    ("no-wildcards", ASSIGNMENT, {"roleDefinitionId": OWNER, "scope": VAULT_SCOPE}),
    ("no-wildcards", ASSIGNMENT, {"roleDefinitionId": READER, "scope": SUBSCRIPTION}),
    ("no-wildcards", ASSIGNMENT, {"roleDefinitionId": READER, "scope": f"{SUBSCRIPTION}/resourceGroups/rg"}),
    ("no-wildcards", VAULT_POLICY, {"policy": 'path "*" { capabilities = ["read"] }'}),
    ("no-wildcards", VAULT_POLICY, {"policy": 'path "sys/audit" { capabilities = ["read", "sudo"] }'}),
    ("no-public-secret-policy", POLICY, {"blockPublicPolicy": False}),
    ("stores-have-conditions", STORE, {"spec": {"provider": {}}}),
    ("stores-have-conditions", STORE, {"spec": {"conditions": []}}),
    ("clusters-encrypt-secrets", EKS, {}),
    ("clusters-encrypt-secrets", EKS, {"encryptionConfig": {"resources": ["secrets"], "provider": {}}}),
    ("clusters-encrypt-secrets", GKE, {"databaseEncryption": {"state": "DECRYPTED"}}),
    ("clusters-encrypt-secrets", GKE, {"databaseEncryption": {"state": "ENCRYPTED"}}),
    ("clusters-encrypt-secrets", AKS, kms(enabled=False)),
    ("clusters-encrypt-secrets", AKS, kms(enabled=True)),
]

KEEPS: list[tuple[str, str, dict[str, Any]]] = [
    ("keys-rotate", AWS_KEY, {"enableKeyRotation": True}),
    ("keys-rotate", AWS_KEY, {"customerMasterKeySpec": "RSA_2048"}),
    ("keys-rotate", GOOGLE_KEY, {"rotationPeriod": "7776000s"}),
    ("keys-rotate", AZURE_KEY, rotating("rotate")),
    ("keys-rotate", VAULT_KEY, {"autoRotatePeriod": 86400}),
    ("deletion-can-be-undone", AWS_KEY, {"deletionWindowInDays": 30}),
    ("deletion-can-be-undone", AWS_SECRET, {"recoveryWindowInDays": 7}),
    ("deletion-can-be-undone", GOOGLE_SECRET, {"deletionProtection": True}),
    ("deletion-can-be-undone", AZURE_VAULT, vault(enablePurgeProtection=True)),
    ("deletion-can-be-undone", VAULT_KEY, {"deletionAllowed": False}),
    ("no-wildcards", POLICY, {"policy": statement()}),
    ("no-wildcards", POLICY, {"policy": statement(Effect="Deny", Principal="*", Action="*")}),
    ("no-wildcards", MEMBER, {"member": "user:a@b.c", "role": "roles/secretmanager.secretAccessor"}),
    ("no-wildcards", PROJECT_MEMBER, {"member": "user:a@b.c", "role": "roles/logging.logWriter"}),
    ("no-wildcards", ASSIGNMENT, {"roleDefinitionId": READER, "scope": VAULT_SCOPE}),
    ("no-wildcards", VAULT_POLICY, {"policy": 'path "platform-prod/data/*" { capabilities = ["read"] }'}),
    ("no-public-secret-policy", POLICY, {"blockPublicPolicy": True}),
    ("stores-have-conditions", STORE, {"spec": {"conditions": [{"namespaces": ["apps"]}]}}),
    ("clusters-encrypt-secrets", EKS, {"encryptionConfig": {"resources": ["secrets"], "provider": {"keyArn": "x"}}}),
    ("clusters-encrypt-secrets", GKE, {"databaseEncryption": {"state": "ENCRYPTED", "keyName": "x"}}),
    ("clusters-encrypt-secrets", AKS, kms(enabled=True, keyId="x")),
]


def problems(rule: str, token: str, properties: dict[str, Any], **changes: Any) -> list[str]:
    seen = Seen(**{"token": token, "name": "prod-it", "properties": properties, **changes})
    return list(RULES[rule].problems(seen, DURABLE))


@pytest.mark.parametrize(("rule", "token", "properties"), BREAKS)
def test_what_breaks_a_rule_is_said_with_its_mend(rule: str, token: str, properties: dict[str, Any]) -> None:
    found = problems(rule, token, properties)
    assert found
    assert all(";" in one or ":" in one for one in found), found


@pytest.mark.parametrize(("rule", "token", "properties"), KEEPS)
def test_what_keeps_a_rule(rule: str, token: str, properties: dict[str, Any]) -> None:
    assert problems(rule, token, properties) == []


def test_every_rule_and_type_has_both_examples() -> None:
    every = {(name, token) for name, rule in RULES.items() for token in rule.checks}
    elsewhere = {one for one in every if one[1].endswith(("v1beta1:ClusterSecretStore",))}
    same_check = {one for one in every if one[0] == "no-wildcards" and one[1].startswith(("aws:", "gcp:"))}
    assert every - elsewhere - same_check <= {one[:2] for one in BREAKS}
    protected = {one for one in every if one[0] == "durable-keys-are-protected"}  # by `protect`, below
    assert every - elsewhere - same_check - protected <= {one[:2] for one in KEEPS}


def test_protection_is_asked_of_durable_environments_only() -> None:
    rule = "durable-keys-are-protected"
    assert problems(rule, AWS_KEY, {}, protect=True) == []
    assert problems(rule, AWS_KEY, {}, name="nonprod-it") == []
    tagged = {"tags": {"secrets-bootstrap/environment": "nonprod"}}
    assert problems(rule, AWS_KEY, tagged) == []
    assert problems(rule, AWS_KEY, {"tags": {"secrets-bootstrap/environment": "prod"}}, name="x")


def owned(environment: str, token: str, **properties: Any) -> tuple[str, Seen]:
    seen = Seen(token=token, name=f"{environment}-it", properties=properties)
    return f"urn:{environment}:{token}", seen


@pytest.mark.parametrize(
    ("token", "identifier", "user", "field"),
    [
        (AWS_KEY, "arn", AWS_SECRET, "kmsKeyId"),
        (AWS_KEY, "arn", EKS, "encryptionConfig"),
        ("aws:iam/role:Role", "arn", "aws:eks/podIdentityAssociation:PodIdentityAssociation", "roleArn"),
        (GOOGLE_KEY, "id", GKE, "databaseEncryption"),
        (AZURE_VAULT, "id", ASSIGNMENT, "scope"),
        ("vault:index/mount:Mount", "path", "vault:index/policy:Policy", "mount"),
    ],
)
def test_no_other_environment_uses_what_belongs_to_one(token: str, identifier: str, user: str, field: str) -> None:
    theirs, ours = "the-identifier-of-prod", "the-identifier-of-nonprod"
    both = [owned("prod", token, **{identifier: theirs}), owned("nonprod", token, **{identifier: ours})]
    assert list(shared([*both, owned("nonprod", user, **{field: {"nested": [ours]}})])) == []
    ((urn, problem),) = shared([*both, owned("nonprod", user, **{field: {"nested": [theirs]}})])
    assert urn == f"urn:nonprod:{user}"
    assert "prod-it of prod" in problem


def test_what_belongs_to_no_environment_may_name_any() -> None:
    resources = [owned("prod", AWS_KEY, arn="one"), owned("account", "aws:cloudtrail/trail:Trail", keys=["one"])]
    assert list(shared(resources)) == []


def test_a_durable_environment_is_alone_in_its_state() -> None:
    prod, nonprod, staging = (owned(one, AWS_KEY, arn=one)[1] for one in ("prod", "nonprod", "staging"))
    trail = owned("audit", "aws:cloudtrail/trail:Trail")[1]
    assert in_one_state([prod, trail], DURABLE) is None
    assert in_one_state([nonprod, staging, trail], DURABLE) is None
    assert in_one_state([nonprod, prod], Settings(durable_environments=())) is None
    problem = in_one_state([nonprod, prod], DURABLE)
    assert problem is not None
    assert "give prod a stack of its own" in problem
