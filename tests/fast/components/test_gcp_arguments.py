"""Impossible arguments of the components for Google Cloud: refused when they are made."""

from collections.abc import Callable
from typing import Any

import pytest

from components import (
    ClusterSecretStoreArgs,
    ConfigError,
    GcpAuditLogsArgs,
    GcpDeployKeyArgs,
    GcpEnvironmentKeysArgs,
    GcpFoundationArgs,
    GcpPrincipalIdentity,
    GcpPrincipalIdentityArgs,
    GcpSecretSpec,
    GcpSecretStoreArgs,
    GcpServiceAccountIdentity,
    GcpServiceAccountIdentityArgs,
    IdentityRef,
    NamespaceSecretStore,
    NamespaceSecretStoreArgs,
    ServiceAccountRef,
    StoreRef,
)
from components.gcp.names import GcpNames
from tests.fast.components import samples, samples_gcp
from tests.fast.components.components_under_test import CONDITIONS
from tests.fast.components.mock_engine import run

KEY = samples_gcp.key_name


def keys(**changes: Any) -> GcpEnvironmentKeysArgs:
    values = {"names": samples_gcp.NAMES, "administrators": [samples_gcp.ADMINISTRATOR]}
    return GcpEnvironmentKeysArgs(**{**values, **changes})


def store(**changes: Any) -> GcpSecretStoreArgs:
    values = {
        "names": samples_gcp.NAMES,
        "secrets_keys": samples_gcp.keys("secrets"),
        "tenants_keys": samples_gcp.keys("tenants"),
    }
    return GcpSecretStoreArgs(**{**values, **changes})


def one(**spec: Any) -> GcpSecretStoreArgs:
    return store(secrets={"a": GcpSecretSpec(**spec)})


def impersonation(email: str) -> GcpServiceAccountIdentityArgs:
    return GcpServiceAccountIdentityArgs(
        names=samples_gcp.NAMES,
        cluster=samples_gcp.cluster(),
        service_account=samples_gcp.OPERATOR,
        grant=samples_gcp.grant(),
        service_account_email=email,
    )


def foundation(**changes: str) -> GcpFoundationArgs:
    place = {"project_id": samples_gcp.PROJECT, "project_number": samples_gcp.NUMBER, "location": "europe-west1"}
    names = GcpNames(prefix="platform", environment="prod", **{**place, **changes})
    return GcpFoundationArgs(names=names, environment=samples_gcp.parsed())


IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("GcpEnvironmentKeysArgs.rotation_days", lambda: keys(rotation_days=0)),
    ("GcpEnvironmentKeysArgs.rotation_days", lambda: keys(rotation_days=36501)),
    ("GcpEnvironmentKeysArgs.deletion_window_days", lambda: keys(deletion_window_days=0)),
    ("GcpEnvironmentKeysArgs.deletion_window_days", lambda: keys(deletion_window_days=121)),
    ("GcpEnvironmentKeysArgs.administrators", lambda: keys(administrators=[])),
    ("GcpEnvironmentKeysArgs.administrators.0", lambda: keys(administrators=["allUsers"])),
    ("GcpEnvironmentKeysArgs.replica_locations", lambda: keys(replica_locations=[])),
    ("GcpEnvironmentKeysArgs.replica_locations.1", lambda: keys(replica_locations=["europe-west1"] * 2)),
    ("GcpEnvironmentKeysArgs.replica_locations", lambda: keys(replica_locations=["europe-west1", "global"])),
    ("GcpEnvironmentKeysArgs.replica_locations.1", lambda: keys(replica_locations=["europe-west1", "x-leak"])),
    ("GcpEnvironmentKeysArgs.existing.nothing", lambda: keys(existing={"nothing": [KEY("a")]})),
    ("GcpEnvironmentKeysArgs.existing.etcd.0", lambda: keys(existing={"etcd": ["x-leak"]})),
    ("GcpEnvironmentKeysArgs.existing.etcd", lambda: keys(existing={"etcd": [KEY("x-leak", "global")]})),
    (
        "GcpEnvironmentKeysArgs.existing.secrets",
        lambda: keys(replica_locations=["europe-west1", "europe-west4"], existing={"secrets": [KEY("x-leak")]}),
    ),
    ("GcpEnvironmentKeysArgs.existing", lambda: keys(existing={"etcd": [KEY("a")], "secrets": [KEY("a")]})),
    ("GcpSecretStoreArgs.recovery_days", lambda: store(recovery_days=-1)),
    ("GcpSecretStoreArgs.recovery_days", lambda: store(recovery_days=1001)),
    ("GcpSecretStoreArgs.secrets_keys", lambda: store(secrets_keys={}, tenants_keys={})),
    ("GcpSecretStoreArgs.secrets_keys", lambda: store(secrets_keys=samples_gcp.keys("a", "global", "europe-west1"))),
    ("GcpSecretStoreArgs.tenants_keys", lambda: store(tenants_keys=samples_gcp.keys("a", "europe-west4"))),
    ("GcpSecretStoreArgs.canary", lambda: store(canary="x leak")),
    ("GcpSecretStoreArgs.canary", lambda: store(canary="can.ary")),
    ("GcpSecretStoreArgs.canary", lambda: store(canary="tenants/canary")),
    ("GcpSecretStoreArgs.secrets.canary", lambda: store(secrets={"canary": GcpSecretSpec()})),
    ("GcpSecretStoreArgs.secrets.A b", lambda: store(secrets={"A b": GcpSecretSpec()})),
    ("GcpSecretStoreArgs.secrets.a.b", lambda: store(secrets={"a.b": GcpSecretSpec()})),
    ("GcpSecretStoreArgs.secrets.a.readers.0", lambda: one(readers=["allAuthenticatedUsers"])),
    ("GcpSecretStoreArgs.secrets.a.writers.1", lambda: one(writers=[samples_gcp.WRITER, "x-leak"])),
    ("GcpSecretStoreArgs.secrets.a.existing_id", lambda: one(existing_id="projects/p/secrets/x-leak")),
    ("GcpSecretStoreArgs.secrets.a.existing_id", lambda: one(existing_id="platform--prod--canary")),
    (
        "GcpSecretStoreArgs.secrets.b.existing_id",
        lambda: store(secrets={"a": GcpSecretSpec(), "b": GcpSecretSpec(existing_id="platform--prod--a")}),
    ),
    ("GcpDeployKeyArgs.deployers", lambda: GcpDeployKeyArgs(secret_id="a", deployers=[])),
    ("GcpDeployKeyArgs.deployers.0", lambda: GcpDeployKeyArgs(secret_id="a", deployers=["x-leak"])),
    ("GcpAuditLogsArgs.retention_days", lambda: GcpAuditLogsArgs(names=samples_gcp.NAMES, retention_days=0)),
    ("GcpAuditLogsArgs.retention_days", lambda: GcpAuditLogsArgs(names=samples_gcp.NAMES, retention_days=3651)),
    ("GcpServiceAccountIdentityArgs.service_account_email", lambda: impersonation("x-leak@example.com")),
    ("GcpFoundationArgs.names", lambda: foundation(project_id="example-other")),
    ("GcpFoundationArgs.names", lambda: foundation(project_number="999999999999")),
    ("GcpFoundationArgs.names", lambda: foundation(location="europe-west4")),
]


@pytest.mark.parametrize(("field", "make"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, make: Callable[[], object]) -> None:
    def program() -> None:
        with pytest.raises(ConfigError) as caught:
            make()
        assert caught.value.field == field
        assert caught.value.mend
        assert "x-leak" not in str(caught.value)

    run(program)


IDENTITIES = {
    "gkePrincipal": lambda account: GcpPrincipalIdentity(
        "it",
        GcpPrincipalIdentityArgs(
            names=samples_gcp.NAMES,
            cluster=samples_gcp.cluster(),
            service_account=account,
            grant=samples_gcp.grant(),
        ),
    ),
    "gkeServiceAccount": lambda account: GcpServiceAccountIdentity(
        "it",
        GcpServiceAccountIdentityArgs(
            names=samples_gcp.NAMES,
            cluster=samples_gcp.cluster(),
            service_account=account,
            grant=samples_gcp.grant(),
        ),
    ),
}


def identity(kind: str, account: ServiceAccountRef = samples_gcp.OPERATOR) -> IdentityRef:
    made: list[IdentityRef] = []
    run(lambda: made.append(IDENTITIES[kind](account).identity))
    return made[0]


@pytest.mark.parametrize("kind", samples_gcp.IDENTITIES)
@pytest.mark.parametrize("backend", ["aws", "azurekv", "gcpsm", "vault"])
def test_an_identity_of_google_opens_secret_manager_alone(kind: str, backend: str) -> None:
    def arguments() -> ClusterSecretStoreArgs:
        return ClusterSecretStoreArgs(
            store_name="prod",
            store=StoreRef(backend=backend, settings={}),
            identity=identity(kind),
            conditions=CONDITIONS,
        )

    if backend == "gcpsm":
        assert arguments().provider()["gcpsm"]["auth"]
        return
    with pytest.raises(ConfigError) as caught:
        arguments()
    assert caught.value.mend.endswith(", or a store of gcpsm")


@pytest.mark.parametrize("other", [samples.irsa, samples.pod_identity])
def test_no_other_identity_opens_secret_manager(other: Callable[[], IdentityRef]) -> None:
    with pytest.raises(ConfigError, match="does not open the manager gcpsm"):
        ClusterSecretStoreArgs(
            store_name="prod",
            store=StoreRef(backend="gcpsm", settings={}),
            identity=other(),
            conditions=CONDITIONS,
        )


@pytest.mark.parametrize("kind", samples_gcp.IDENTITIES)
def test_a_namespace_may_have_a_store_of_its_own(kind: str) -> None:
    account = ServiceAccountRef(namespace="team", name="reader")

    def program() -> None:
        arguments = NamespaceSecretStoreArgs(
            namespace="team",
            store_name="team",
            store=StoreRef(backend="gcpsm", settings={"projectID": samples_gcp.PROJECT}),
            identity=IDENTITIES[kind](account).identity,
        )
        NamespaceSecretStore("store", arguments)

    provider = run(program).named("store-store").inputs["spec"]["provider"]["gcpsm"]
    assert provider["projectID"] == samples_gcp.PROJECT
    assert provider["auth"]["workloadIdentity"] == {
        "serviceAccountRef": {"name": "reader", "namespace": "team"},
        "clusterProjectID": samples_gcp.PROJECT,
        "clusterLocation": "europe-west1",
        "clusterName": "prod",
    }
