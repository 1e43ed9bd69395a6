"""AwsTenantKeys: what it registers, and what it refuses before anything is."""

import fnmatch
import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components import (
    AwsNames,
    AwsTenant,
    AwsTenantKeys,
    AwsTenantKeysArgs,
    ConfigError,
    DeletionProfile,
    KeyRef,
    ServiceAccountRef,
    parse_config,
)
from components.aws.foundation import key_policies
from components.aws.tenant_policies import tenant_key_statements
from tests.fast.components import samples
from tests.fast.components.mock_engine import Recording, run

ROLE = "aws:iam/role:Role"
ADMINISTRATOR = "platform-prod-tenants-administrator"
SERVICE_ACCOUNT = ServiceAccountRef(namespace="acme", name="app")
APPLICATION = samples.NAMES.role_arn("app")
FOREIGNER = "arn:aws:iam::999999999999:role/x-leak"
LONG = AwsNames(prefix="p" * 24, environment="e" * 20, account_id=samples.ACCOUNT, region="eu-west-1")


def arguments(**changes: Any) -> AwsTenantKeysArgs:
    values = {
        "names": samples.NAMES,
        "tenants_key": KeyRef(id=samples.KEY_ARN),
        "tenants": {"acme": AwsTenant(service_account=SERVICE_ACCOUNT), "globex": AwsTenant(role_arn=APPLICATION)},
        "administrators": [samples.NAMES.role_arn("support")],
        "issuer_url": samples.ISSUER,
    }
    return AwsTenantKeysArgs(**{**values, **changes})


def made(**changes: Any) -> Recording:
    return run(lambda: AwsTenantKeys("it", arguments(**changes)))


def test_each_tenant_has_a_role_of_its_own() -> None:
    recording = made()
    roles = {one.inputs["name"]: json.loads(one.inputs["assumeRolePolicy"]) for one in recording.of(ROLE)}
    assert roles.keys() == {"platform-prod-tenant-acme", "platform-prod-tenant-globex", ADMINISTRATOR}
    (acme,) = roles["platform-prod-tenant-acme"]["Statement"]
    host = samples.ISSUER.removeprefix("https://")
    assert acme["Condition"]["StringEquals"] == {
        f"{host}:aud": "sts.amazonaws.com",
        f"{host}:sub": "system:serviceaccount:acme:app",
    }
    (globex,) = roles["platform-prod-tenant-globex"]["Statement"]
    assert globex["Principal"] == {"AWS": [APPLICATION]}
    for tenant in ("acme", "globex"):
        text = recording.named(f"it-tenant-{tenant}-policy").inputs["policy"]
        assert {"acme", "globex"} & set(json.dumps(text).split('\\"')) == {tenant}


def test_the_issuer_may_be_known_only_later() -> None:
    """As that of a cluster which the same program makes."""
    later = run(lambda: AwsTenantKeys("it", arguments(issuer_url=pulumi.Output.from_input(samples.ISSUER))))
    roles = [{one.name: one.inputs for one in recording.of(ROLE)} for recording in (made(), later)]
    assert roles[0] == roles[1]


def test_tenants_roles_have_a_path_of_their_own() -> None:
    """Environments such as `prod-tenant-x`, and prefixes such as `platform-prod`, make names that begin alike."""
    paths = {one.inputs["name"]: one.inputs.get("path") for one in made().of(ROLE)}
    own = "/platform/prod/tenants/"
    assert paths == {"platform-prod-tenant-acme": own, "platform-prod-tenant-globex": own, ADMINISTRATOR: None}
    (unwrap, _) = tenant_key_statements(samples.NAMES)
    pattern = unwrap["Condition"]["ArnLike"]["aws:PrincipalArn"]
    assert pattern == f"arn:aws:iam::{samples.ACCOUNT}:role/platform/prod/tenants/*"
    others = [
        AwsNames(prefix=prefix, environment=name, account_id=samples.ACCOUNT, region="eu-west-1")
        for prefix, name in (("platform", "prod-tenant-x"), ("platform-prod", "tenant-x"), ("platform", "dev"))
    ]
    for names in others:
        for role in (names.role_arn("node"), names.role_arn("external-secrets"), names.tenant_role_arn("acme")):
            assert not fnmatch.fnmatchcase(role, pattern)
    assert fnmatch.fnmatchcase(samples.NAMES.tenant_role_arn("acme"), pattern)


@pytest.mark.parametrize(
    ("changes", "protected", "recovery"),
    [
        ({}, True, {"enabled": True, "recoveryPeriodInDays": 7}),
        ({"recovery_days": 35}, True, {"enabled": True, "recoveryPeriodInDays": 35}),
        ({"recovery_days": 0}, True, {"enabled": False}),
        ({"deletion_profile": DeletionProfile.EPHEMERAL}, False, {"enabled": False}),
    ],
)
def test_how_the_table_is_kept(changes: dict[str, Any], protected: bool, recovery: dict[str, Any]) -> None:
    (table,) = made(**changes).of("aws:dynamodb/table:Table")
    assert (table.protect, table.inputs["deletionProtectionEnabled"]) == (protected, protected)
    assert {key: value for key, value in table.inputs["pointInTimeRecovery"].items() if value is not None} == recovery


def test_the_keys_policy_admits_tenants_only_if_asked() -> None:
    for asked in (False, True):
        environment = samples.environment(tenantKeys=asked)
        parsed = parse_config(samples.configuration(prod=environment)).environments["prod"]
        sids = {one["Sid"] for one in key_policies(samples.NAMES, parsed)["tenants"]["Statement"]}
        assert ({"TenantsUnwrapTheirKeys", "AdministratorWrapsTenantKeys"} <= sids) == asked


IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("AwsTenant", AwsTenant),
    ("AwsTenant", lambda: AwsTenant(service_account=SERVICE_ACCOUNT, role_arn=APPLICATION)),
    ("AwsTenant.role_arn", lambda: AwsTenant(role_arn="arn:aws:iam::123456789012:role/*")),
    ("AwsTenant.role_arn", lambda: AwsTenant(role_arn=f"arn:aws:iam::{samples.ACCOUNT}:user/x-leak")),
    ("AwsTenantKeysArgs.tenants_key", lambda: arguments(tenants_key=KeyRef(id="alias/x-leak"))),
    ("AwsTenantKeysArgs.tenants.X-leak", lambda: arguments(tenants={"X-leak": AwsTenant(role_arn=APPLICATION)})),
    ("AwsTenantKeysArgs.tenants.*", lambda: arguments(tenants={"*": AwsTenant(role_arn=APPLICATION)})),
    (
        "AwsTenantKeysArgs.tenants.acme-and-more",
        lambda: arguments(names=LONG, tenants={"acme-and-more": AwsTenant(role_arn=APPLICATION)}),
    ),
    ("AwsTenantKeysArgs.tenants.a.role_arn", lambda: arguments(tenants={"a": AwsTenant(role_arn=FOREIGNER)})),
    (
        "AwsTenantKeysArgs.tenants.b.service_account",
        lambda: arguments(tenants={one: AwsTenant(service_account=SERVICE_ACCOUNT) for one in ("a", "b")}),
    ),
    (
        "AwsTenantKeysArgs.tenants.a.role_arn",
        lambda: arguments(tenants={"a": AwsTenant(role_arn=APPLICATION)}, administrators=[APPLICATION]),
    ),
    ("AwsTenantKeysArgs.issuer_url", lambda: arguments(issuer_url=None)),
    ("AwsTenantKeysArgs.issuer_url", lambda: arguments(issuer_url="http://x-leak")),
    ("AwsTenantKeysArgs.administrators", lambda: arguments(administrators=[])),
    ("AwsTenantKeysArgs.administrators.0", lambda: arguments(administrators=["arn:aws:iam::123456789012:root"])),
    ("AwsTenantKeysArgs.administrators.0", lambda: arguments(administrators=[FOREIGNER])),
    ("AwsTenantKeysArgs.recovery_days", lambda: arguments(recovery_days=36)),
    ("AwsTenantKeysArgs.recovery_days", lambda: arguments(recovery_days=-1)),
]


@pytest.mark.parametrize(("field", "build"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, build: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as error:
        build()
    assert error.value.field == field
    assert "x-leak" not in f"{error.value.reason} {error.value.mend}"
