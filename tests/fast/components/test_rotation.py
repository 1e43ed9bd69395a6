"""Rotation on the managers' side, and who restarts workloads: what is created, and what is refused."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components import (
    AwsSecretRotation,
    AwsSecretRotationArgs,
    ConfigError,
    GcpSecretRotation,
    GcpSecretSpec,
    GcpSecretStore,
    GcpSecretStoreArgs,
    RestartedBy,
    VaultDatabase,
    VaultDatabaseArgs,
    VaultDatabaseRole,
    VaultDynamicCredentials,
    VaultDynamicCredentialsArgs,
    VaultStaticRole,
    restart_annotations,
)
from tests.fast.components import samples, samples_gcp, samples_vault
from tests.fast.components.mock_engine import Recording, run

SECRET_ARN = f"arn:aws:secretsmanager:eu-west-1:{samples.ACCOUNT}:secret:platform/prod/database-AbCdEf"
FUNCTION = f"arn:aws:lambda:eu-west-1:{samples.ACCOUNT}:function:rotate"
OWN_PASSWORDS = [
    f"{statement} 'x-leak'"
    for statement in (
        "ALTER ROLE a password",
        "ALTER LOGIN a WITH PASSWORD =",
        "CREATE USER a IDENTIFIED BY",
        "CREATE USER a IDENTIFIED WITH some_plugin BY",
    )
]
TOPIC = "projects/example-prod/topics/rotation"


def aws(**changes: Any) -> AwsSecretRotationArgs:
    values: dict[str, Any] = {
        "names": samples.NAMES,
        "secret": "database",
        "secret_arn": SECRET_ARN,
        "key": samples.key("secrets"),
        "function_arn": FUNCTION,
        "function_role_arn": f"arn:aws:iam::{samples.ACCOUNT}:role/functions/rotate",
    }
    return AwsSecretRotationArgs(**{**values, **changes})


def gcp(**changes: Any) -> GcpSecretStoreArgs:
    rotation = GcpSecretRotation(**{"topic": TOPIC, "first": "2030-01-31T03:00:00Z", **changes})
    return gcp_store(GcpSecretSpec(rotation=rotation))


def gcp_store(spec: GcpSecretSpec) -> GcpSecretStoreArgs:
    return GcpSecretStoreArgs(
        names=samples_gcp.NAMES,
        secrets_keys=samples_gcp.keys("secrets"),
        tenants_keys=samples_gcp.keys("tenants"),
        secrets={"database": spec},
    )


def database(**changes: Any) -> VaultDatabaseArgs:
    return VaultDatabaseArgs(**{"names": samples_vault.NAMES, **changes})


def role(**changes: Any) -> dict[str, VaultDatabaseRole]:
    return {"app": VaultDatabaseRole(**{"creation": [samples_vault.CREATE_USER], **changes})}


def dynamic(**changes: Any) -> VaultDynamicCredentialsArgs:
    return VaultDynamicCredentialsArgs(**samples_vault.dynamic_values(**changes))


REFUSED: list[tuple[str, Callable[[], Any]]] = [
    ("AwsSecretRotationArgs.secret", lambda: aws(secret="X leak")),
    ("AwsSecretRotationArgs.secret", lambda: aws(secret="tenants/acme")),
    ("AwsSecretRotationArgs.function_arn", lambda: aws(function_arn="x-leak")),
    ("AwsSecretRotationArgs.function_arn", lambda: aws(function_arn=f"{FUNCTION}:*")),
    ("AwsSecretRotationArgs.function_arn", lambda: aws(function_arn=FUNCTION.replace("eu-west-1", "eu-west-2"))),
    ("AwsSecretRotationArgs.function_arn", lambda: aws(function_arn=FUNCTION.replace(samples.ACCOUNT, "9" * 12))),
    ("AwsSecretRotationArgs.function_role_arn", lambda: aws(function_role_arn="arn:aws:iam::1:user/x-leak")),
    (
        "AwsSecretRotationArgs.function_role_arn",
        lambda: aws(function_role_arn=f"arn:aws:iam::{'9' * 12}:role/x-leak"),
    ),
    ("AwsSecretRotationArgs.secret_arn", lambda: aws(secret_arn="")),
    *(
        ("AwsSecretRotationArgs.secret_arn", lambda other=other: aws(secret_arn=other))
        for other in (
            SECRET_ARN.replace("prod", "nonprod"),
            SECRET_ARN.replace("database", "x-leak"),
            SECRET_ARN.replace("eu-west-1", "eu-west-2"),
            SECRET_ARN.replace(samples.ACCOUNT, "9" * 12),
            SECRET_ARN.replace("AbCdEf", "******"),
        )
    ),
    ("AwsSecretRotationArgs.schedule", lambda: aws(schedule="daily")),
    ("AwsSecretRotationArgs.window_hours", lambda: aws(window_hours=25)),
    ("GcpSecretStoreArgs.secrets.database.rotation.topic", lambda: gcp(topic="x-leak")),
    ("GcpSecretStoreArgs.secrets.database.rotation.first", lambda: gcp(first="x-leak")),
    ("GcpSecretStoreArgs.secrets.database.rotation.period_days", lambda: gcp(period_days=0)),
    (
        "GcpSecretStoreArgs.secrets.database.rotation",
        lambda: gcp_store(
            GcpSecretSpec(existing_id="x", rotation=GcpSecretRotation(topic=TOPIC, first="2030-01-31T03:00:00Z"))
        ),
    ),
    ("VaultDatabaseArgs.connection", lambda: database(connection="x leak")),
    ("VaultDatabaseArgs.roles.X leak", lambda: database(roles={"X leak": role()["app"]})),
    ("VaultDatabaseArgs.roles.connection", lambda: database(roles={"connection": role()["app"]})),
    ("VaultDatabaseArgs.roles.app.creation", lambda: database(roles=role(creation=[]))),
    ("VaultDatabaseArgs.roles.app.creation", lambda: database(roles=role(creation=['CREATE ROLE "{{name}}"']))),
    ("VaultDatabaseArgs.roles.app.creation", lambda: database(roles=role(creation=["SET PASSWORD '{{password}}'"]))),
    *(
        (
            "VaultDatabaseArgs.roles.app.creation.1",
            lambda own=own: database(roles=role(creation=[samples_vault.CREATE_USER, own])),
        )
        for own in OWN_PASSWORDS
    ),
    ("VaultDatabaseArgs.roles.app.revocation.0", lambda: database(roles=role(revocation=[OWN_PASSWORDS[0]]))),
    ("VaultDatabaseArgs.roles.app.ttl_seconds", lambda: database(roles=role(ttl_seconds=59))),
    (
        "VaultDatabaseArgs.static_roles.app",
        lambda: database(roles=role(), static_roles={"app": VaultStaticRole(username="app")}),
    ),
    (
        "VaultDatabaseArgs.static_roles.app.username",
        lambda: database(static_roles={"app": VaultStaticRole(username="x leak")}),
    ),
    (
        "VaultDatabaseArgs.static_roles.b.username",
        lambda: database(static_roles={one: VaultStaticRole(username="app") for one in ("a", "b")}),
    ),
    (
        "VaultDatabaseArgs.static_roles.app.rotation_days",
        lambda: database(static_roles={"app": VaultStaticRole(username="app", rotation_days=0)}),
    ),
    ("VaultDynamicCredentialsArgs.namespace", lambda: dynamic(namespace="X leak")),
    ("VaultDynamicCredentialsArgs.path", lambda: dynamic(path="/x-leak")),
    ("VaultDynamicCredentialsArgs.path", lambda: dynamic(path="x-leak/*")),
    *(
        ("VaultDynamicCredentialsArgs.policy", lambda one=one: dynamic(policy=one))
        for one in samples_vault.POLICIES_NOT_OWN
    ),
    ("VaultDynamicCredentialsArgs.ttl_seconds", lambda: dynamic(ttl_seconds=59)),
    ("VaultDynamicCredentialsArgs.timeout_seconds", lambda: dynamic(timeout_seconds=1)),
    ("VaultDynamicCredentialsArgs.identity", lambda: dynamic(identity=samples.irsa())),
    (
        "VaultDynamicCredentialsArgs.service_account",
        lambda: dynamic(
            namespace=samples.ACCOUNT_OF_OPERATOR.namespace, service_account=samples.ACCOUNT_OF_OPERATOR.name
        ),
    ),
    ("restart_annotations.secrets", lambda: restart_annotations([], by=RestartedBy.ROTATE)),
    ("restart_annotations.secrets.0", lambda: restart_annotations(["X leak"], by=RestartedBy.RELOADER)),
]


@pytest.mark.parametrize(
    ("field", "make"), REFUSED, ids=[f"{field}-{index}" for index, (field, _) in enumerate(REFUSED)]
)
def test_impossible_arguments_are_refused(field: str, make: Callable[[], Any]) -> None:
    with pytest.raises(ConfigError) as refused:
        make()
    assert refused.value.field == field
    assert "leak" not in str(refused.value).replace(field, "")


def made(component: Any, arguments: Callable[[], Any]) -> Recording:
    return run(lambda: component("it", arguments()) and None)


def test_the_function_rotates_one_secret_and_uses_its_key_for_that() -> None:
    recording = made(AwsSecretRotation, lambda: aws(window_hours=2))
    document = json.loads(recording.named("it-policy").inputs["policy"])
    rotate, use = document["Statement"]
    assert rotate["Resource"] == SECRET_ARN
    assert rotate["Action"] == [
        f"secretsmanager:{one}"
        for one in ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")
    ]
    assert use["Condition"]["StringLike"] == {"kms:EncryptionContext:SecretARN": [SECRET_ARN]}
    assert recording.named("it-policy").inputs["role"] == "rotate"
    permission = recording.named("it-permission").inputs
    assert (permission["sourceArn"], permission["sourceAccount"]) == (SECRET_ARN, samples.ACCOUNT)
    rotation = recording.named("it-rotation")
    assert rotation.inputs["rotationRules"] == {"scheduleExpression": "rate(30 days)", "duration": "2h"}
    assert rotation.inputs["rotateImmediately"] is False
    for earlier in ("it-permission", "it-policy"):
        assert recording.needs(rotation, recording.named(earlier))


def test_the_arn_of_another_secret_is_refused_once_it_is_known() -> None:
    other = SECRET_ARN.replace("prod", "nonprod")
    with pytest.raises(ConfigError) as refused:
        made(AwsSecretRotation, lambda: aws(secret_arn=pulumi.Output.from_input(other)))
    assert refused.value.field == "AwsSecretRotationArgs.secret_arn"


def test_secret_manager_tells_a_topic() -> None:
    recording = made(GcpSecretStore, lambda: gcp(period_days=7))
    secret = recording.named("it-database").inputs
    assert secret["topics"] == [{"name": TOPIC}]
    assert secret["rotation"] == {"rotationPeriod": "604800s", "nextRotationTime": "2030-01-31T03:00:00Z"}
    assert "rotation" not in recording.named("it-canary").inputs


def test_a_policy_of_the_database_opens_one_path() -> None:
    recording = made(
        VaultDatabase, lambda: database(roles=role(), static_roles={"report": VaultStaticRole(username="report")})
    )
    policies = {
        one.inputs["name"]: json.loads(one.inputs["policy"])["path"]
        for one in recording.of("vault:index/policy:Policy")
    }
    mount = "platform/prod/database"
    assert policies == {
        "platform-prod-database-app": {f"{mount}/creds/app": {"capabilities": ["read"]}},
        "platform-prod-database-report": {f"{mount}/static-creds/report": {"capabilities": ["read"]}},
        "platform-prod-database-connection": {
            f"{mount}/{what}/main": {"capabilities": ["create", "update"]} for what in ("config", "rotate-root")
        },
    }
    assert recording.named("it-report").inputs["rotationPeriod"] == 30 * 86400


def test_credentials_are_renewed_before_their_login_ends() -> None:
    recording = made(VaultDynamicCredentials, lambda: dynamic(ttl_seconds=7200))
    login = recording.named("it-role").inputs
    assert (login["tokenTtl"], login["tokenMaxTtl"]) == (7200, 7200)
    assert login["boundSubject"] == "system:serviceaccount:apps:database-user"
    assert recording.named("it-external-secret").inputs["spec"]["refreshInterval"] == "1h0m0s"
    provider = recording.named("it-generator").inputs["spec"]["provider"]
    assert set(provider) == {"server", "auth"}
    assert provider["auth"]["jwt"]["role"] == "platform-prod-apps-database-user"
    assert provider["auth"]["jwt"]["kubernetesServiceAccountToken"]["serviceAccountRef"] == {"name": "database-user"}
    assert recording.needs(recording.named("it-generator"), recording.named("it-token"))


def test_who_restarts_is_told_by_one_annotation() -> None:
    assert restart_annotations(["b", "a", "b"], by=RestartedBy.ROTATE) == {"secrets-bootstrap/restart-on": "a,b"}
    reloader = restart_annotations(["a"], by=RestartedBy.RELOADER)
    assert reloader == {"secret.reloader.stakater.com/reload": "a"}
