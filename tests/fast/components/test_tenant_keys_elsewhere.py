"""VaultTenantKeys, GcpTenantKeys and AzureTenantKeys: pinned whole, and what they refuse before anything is made."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pulumi_vault
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from components import (
    AzureTenantKeys,
    AzureTenantKeysArgs,
    ConfigError,
    DeletionProfile,
    GcpTenantKeys,
    GcpTenantKeysArgs,
    KeyRef,
    ServiceAccountRef,
    VaultTenantKeys,
    VaultTenantKeysArgs,
)
from tests.fast.components import samples_azure, samples_gcp, samples_vault
from tests.fast.components.mock_engine import Recording, run

ACCOUNT = ServiceAccountRef(namespace="acme", name="app")
VAULT_KEY, GOOGLE_KEY = "vault:transit/secretBackendKey:SecretBackendKey", "gcp:kms/cryptoKey:CryptoKey"
MEMBER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
GRANT = "azure-native:authorization:RoleAssignment"


def vault(**changes: Any) -> VaultTenantKeysArgs:
    return VaultTenantKeysArgs(**samples_vault.tenant_values(**changes))


def gcp(**changes: Any) -> GcpTenantKeysArgs:
    return GcpTenantKeysArgs(**samples_gcp.tenant_values(**changes))


def azure(**changes: Any) -> AzureTenantKeysArgs:
    return AzureTenantKeysArgs(**samples_azure.tenant_values(**changes))


MADE: dict[str, Callable[..., Recording]] = {
    "vault": lambda **changes: run(lambda: VaultTenantKeys("it", vault(**changes))),
    "gcp": lambda **changes: run(lambda: GcpTenantKeys("it", gcp(**changes))),
    "azure": lambda **changes: run(lambda: AzureTenantKeys("it", azure(**changes))),
}


@pytest.mark.parametrize("backend", MADE)
def test_golden(backend: str, snapshot: SnapshotAssertion) -> None:
    recording = MADE[backend]()
    found = [
        {"token": one.token, "name": one.name, "parent": one.parent.rpartition("::")[2], "inputs": one.inputs}
        for one in sorted(recording.resources.values(), key=lambda one: one.urn)
    ]
    assert found == snapshot.use_extension(JSONSnapshotExtension)


def test_a_tenant_of_vault_uses_its_own_key_in_its_own_name() -> None:
    recording = MADE["vault"]()
    for tenant, other in (("acme", "globex"), ("globex", "acme")):
        text = recording.named(f"it-tenant-{tenant}-policy").inputs["policy"]
        assert other not in text
        rules: Mapping[str, Any] = json.loads(text)["path"]
        assert set(rules) == {f"platform/prod/transit/{use}/tenant-{tenant}" for use in ("encrypt", "decrypt")}
        for rule in rules.values():
            name = base64.b64encode(f"tenant={tenant}".encode()).decode()
            assert rule["allowed_parameters"]["associated_data"] == [name]
            assert "associated_data" in rule["required_parameters"]
    (role,) = recording.of("vault:jwt/authBackendRole:AuthBackendRole")
    assert role.inputs["boundSubject"] == "system:serviceaccount:acme:app"
    assert role.inputs["tokenPolicies"] == ["platform-prod-tenant-acme"]


def test_the_administrator_of_vault_uses_no_key() -> None:
    rules = json.loads(MADE["vault"]().named("it-administrator-policy").inputs["policy"])["path"]
    assert {path.split("/")[3] for path in rules} == {"keys"}
    assert rules["platform/prod/transit/keys/tenant-acme/config"]["allowed_parameters"].keys() == {
        "deletion_allowed",
        "min_decryption_version",
    }


@pytest.mark.parametrize(("backend", "token"), [("vault", VAULT_KEY), ("gcp", GOOGLE_KEY)])
def test_pulumi_deletes_no_key_of_a_durable_environment(backend: str, token: str) -> None:
    for profile in DeletionProfile:
        keys = MADE[backend](deletion_profile=profile).of(token)
        assert len(keys) == 2
        assert all(one.retained == profile.protect for one in keys)


def test_each_member_uses_one_key() -> None:
    for made in (MADE["gcp"](), MADE["azure"]()):
        grants = made.of(MEMBER) or made.of(GRANT)
        used: dict[str, set[str]] = {}
        for one in (one for one in grants if "-user-" in one.name):
            place = one.inputs.get("cryptoKeyId") or one.inputs["scope"]
            who = one.inputs.get("member") or one.inputs["principalId"]
            used.setdefault(who, set()).add(place.rpartition("/")[2])
        assert sorted(used.values(), key=sorted) == [{"tenant-acme"}, {"tenant-globex"}]


def test_what_has_to_be_there_before() -> None:
    def program(component: Any, arguments: Callable[..., Any]) -> Callable[[], None]:
        def make() -> None:
            component("it", arguments(after=[pulumi_vault.Mount("mount", path="mount", type="transit")]))

        return make

    for component, arguments in ((VaultTenantKeys, vault), (AzureTenantKeys, azure)):
        recording = run(program(component, arguments))
        assert recording.needs(recording.named("it-tenant-acme"), recording.named("mount"))


IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("VaultTenantKeysArgs.tenants_key", lambda: vault(tenants_key=KeyRef(id="x-leak"))),
    ("VaultTenantKeysArgs.tenants.X-leak", lambda: vault(tenants={"X-leak": None})),
    ("VaultTenantKeysArgs.tenants.+", lambda: vault(tenants={"+": None})),
    ("VaultTenantKeysArgs.tenants.globex", lambda: vault(tenants={"acme": ACCOUNT, "globex": ACCOUNT})),
    ("VaultTenantKeysArgs.jwt_mount", lambda: vault(jwt_mount=None)),
    ("VaultTenantKeysArgs.jwt_mount", lambda: vault(jwt_mount="/x-leak/")),
    ("VaultTenantKeysArgs.audience", lambda: vault(audience="x leak")),
    ("VaultTenantKeysArgs.rotation_days", lambda: vault(rotation_days=0)),
    ("VaultTenantKeysArgs.token_ttl_seconds", lambda: vault(token_ttl_seconds=3601)),
    ("GcpTenantKeysArgs.tenants_key", lambda: gcp(tenants_key=KeyRef(id="x-leak"))),
    ("GcpTenantKeysArgs.tenants.X-leak", lambda: gcp(tenants={"X-leak": [samples_gcp.WRITER]})),
    ("GcpTenantKeysArgs.tenants.acme", lambda: gcp(tenants={"acme": []})),
    ("GcpTenantKeysArgs.tenants.acme", lambda: gcp(tenants={"acme": samples_gcp.WRITER})),
    ("GcpTenantKeysArgs.tenants.acme.0", lambda: gcp(tenants={"acme": ["allUsers"]})),
    ("GcpTenantKeysArgs.tenants.acme", lambda: gcp(tenants={"acme": [samples_gcp.ADMINISTRATOR]})),
    ("GcpTenantKeysArgs.administrators", lambda: gcp(administrators=[])),
    ("GcpTenantKeysArgs.administrators.0", lambda: gcp(administrators=["x-leak"])),
    ("GcpTenantKeysArgs.rotation_days", lambda: gcp(rotation_days=0)),
    ("GcpTenantKeysArgs.deletion_window_days", lambda: gcp(deletion_window_days=121)),
    ("AzureTenantKeysArgs.tenants.X-leak", lambda: azure(tenants={"X-leak": {}})),
    ("AzureTenantKeysArgs.tenants.acme", lambda: azure(tenants={"acme": {}})),
    ("AzureTenantKeysArgs.tenants.acme.x-leak", lambda: azure(tenants={"acme": {"x-leak": "User"}})),
    ("AzureTenantKeysArgs.rotation_days", lambda: azure(rotation_days=6)),
]


def test_tenants_without_an_account_may_be_many() -> None:
    assert vault(tenants={"acme": None, "globex": None})


@pytest.mark.parametrize(("field", "build"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, build: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as error:
        build()
    assert error.value.field == field
    assert "x-leak" not in f"{error.value.reason} {error.value.mend}"
