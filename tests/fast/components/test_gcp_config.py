"""Configurations for Google Cloud that are spoiled in one place: the error names the field and the mend."""

import copy
import importlib
from typing import Any

import pytest

from components import ConfigError, parse_config
from tests.fast.components import samples, samples_gcp
from tests.fast.components.mock_engine import run
from tests.fast.components.test_golden import run_stack, stack_configuration

KEY, GLOBAL_KEY = samples_gcp.key_name("a"), samples_gcp.key_name("a", "global")
EMAIL = "reader@example-prod.iam.gserviceaccount.com"
ABSENT = object()

# Field of the environment, the value put there (ABSENT: taken away), the field that the error has to name.
SPOILED: list[tuple[str, object, str]] = [
    ("projectId", ABSENT, "projectId"),
    ("projectId", "X-leak", "projectId"),
    ("projectNumber", 123456789012, "projectNumber"),
    ("projectNumber", "x-leak", "projectNumber"),
    ("location", "global", "location"),
    ("location", "europe-west1-b", "location"),
    ("replicaLocations", [], "replicaLocations"),
    ("replicaLocations", ["x-leak"], "replicaLocations.0"),
    ("replicaLocations", ["europe-west1", "europe-west1"], "replicaLocations.1"),
    ("replicaLocations", ["global", "europe-west1"], "replicaLocations"),
    ("replicaLocations", ["europe-west1", "global"], "replicaLocations"),
    ("administrators", [], "administrators"),
    ("administrators", ["allUsers"], "administrators.0"),
    ("administrators", [samples_gcp.ADMINISTRATOR, "x-leak"], "administrators.1"),
    ("administrators", [samples_gcp.ADMINISTRATOR] * 2, "administrators.1"),
    ("deployers", [], "deployers"),
    ("deployers", ["domain:x-leak.com"], "deployers.0"),
    ("deployers", [samples_gcp.DEPLOYER] * 2, "deployers.1"),
    ("writers", ["user:*"], "writers.0"),
    ("writers", [samples_gcp.WRITER] * 2, "writers.1"),
    ("suffix", "x-leak", "suffix"),
    ("keys", {"rotationDays": 0}, "keys.rotationDays"),
    ("keys", {"rotationDays": 36501}, "keys.rotationDays"),
    ("keys", {"deletionWindowDays": 0}, "keys.deletionWindowDays"),
    ("keys", {"deletionWindowDays": 121}, "keys.deletionWindowDays"),
    ("keys", {"existing": {"etcd": "x-leak"}}, "keys.existing.etcd"),
    ("keys", {"existing": {"etcd": GLOBAL_KEY}}, "keys.existing.etcd"),
    ("keys", {"existing": {"secrets": [GLOBAL_KEY]}}, "keys.existing.secrets"),
    ("keys", {"existing": {"tenants": [KEY, samples_gcp.key_name("b")]}}, "keys.existing.tenants"),
    ("audit", {"retentionDays": 0}, "audit.retentionDays"),
    ("audit", {"retentionDays": 3651}, "audit.retentionDays"),
    ("secretRecoveryDays", -1, "secretRecoveryDays"),
    ("secretRecoveryDays", 1001, "secretRecoveryDays"),
    ("secrets", {"x.leak": {}}, "secrets.x.leak"),
    ("secrets", {"a" * 201: {}}, f"secrets.{'a' * 201}"),
    ("secrets", {"a": {"value": "x-leak"}}, "secrets.a.value"),
    ("secrets", {"a": {"existingId": "x/leak"}}, "secrets.a.existingId"),
    ("secrets", {"a": {"existingId": "platform--prod--canary"}}, "secrets.a.existingId"),
    ("secrets", {"a": {"existingId": "platform--prod--argocd--platform"}}, "secrets.a.existingId"),
    ("secrets", {"a": {"existingId": "platform--prod--b"}, "b": {}}, "secrets.a.existingId"),
    ("secrets", {"a": {"description": "x" * 2049}}, "secrets.a.description"),
    ("firstSync", {"secret": "can.ary"}, "firstSync.secret"),
    ("cluster", {**samples_gcp.CLUSTER, "zones": []}, "cluster.zones"),
    ("cluster", {**samples_gcp.CLUSTER, "zones": ["europe-west4-a"]}, "cluster.zones.0"),
    ("cluster", {**samples_gcp.CLUSTER, "zones": ["europe-west1-b", "europe-west1-b"]}, "cluster.zones.1"),
    ("cluster", {**samples_gcp.CLUSTER, "network": "X_leak"}, "cluster.network"),
    ("cluster", {**samples_gcp.CLUSTER, "subnetwork": "X_leak"}, "cluster.subnetwork"),
    ("cluster", {**samples_gcp.CLUSTER, "name": "1leak"}, "cluster.name"),
    ("cluster", {**samples_gcp.CLUSTER, "nodesPerZone": 0}, "cluster.nodesPerZone"),
    ("cluster", {**samples_gcp.CLUSTER, "nodesPerZone": 1001}, "cluster.nodesPerZone"),
    ("cluster", {**samples_gcp.CLUSTER, "publicAccessCidrs": []}, "cluster.publicAccessCidrs"),
    ("cluster", {**samples_gcp.CLUSTER, "publicAccessCidrs": ["0.0.0.0/0"]}, "cluster.publicAccessCidrs.0"),
    ("cluster", {"kind": "gke"}, "cluster.network"),
]


def refusal(**environments: dict[str, Any]) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_config(samples.configuration(**environments))
    return caught.value


@pytest.mark.parametrize(
    ("field", "value", "named"), SPOILED, ids=[f"{field}={index}" for index, (field, *_) in enumerate(SPOILED)]
)
def test_bad_input_names_the_field_and_the_mend(field: str, value: object, named: str) -> None:
    environment = samples_gcp.environment(**{field: value})
    if value is ABSENT:
        del environment[field]
    error = refusal(prod=environment)
    path = f"environments.prod.{named}"
    problem = next(one for one in error.problems if one.field == path)
    assert problem.reason
    assert problem.mend
    assert "leak" not in str(error).replace(path, "")


# Store, identity and cluster: what of other backends is refused, with the choices that there are.
PAIRS: list[tuple[dict[str, Any], str, tuple[str, ...]]] = [
    *(
        ({"identity": {"kind": kind}}, "identity.kind", ("gkePrincipal", "gkeServiceAccount"))
        for kind in ("irsa", "podIdentity", "azureWorkloadIdentity", "vaultKubernetes", "vaultJwt")
    ),
    *(({"cluster": {**samples_gcp.CLUSTER, "kind": kind}}, "cluster.kind", ("gke",)) for kind in ("eks", "aks")),
    (
        {"cluster": {**samples_gcp.CLUSTER, "kind": "selfManaged"}},
        "cluster.kind",
        ("gke",),
    ),
    (
        {"identity": {"kind": "gkePrincipal", "serviceAccountEmail": EMAIL}},
        "identity.serviceAccountEmail",
        ("gkeServiceAccount",),
    ),
    (
        {"identity": {"kind": "gkePrincipal", "serviceAccountRef": {"namespace": "elsewhere", "name": "x"}}},
        "identity.serviceAccountRef.namespace",
        ("external-secrets",),
    ),
]


@pytest.mark.parametrize(("changes", "field", "choices"), PAIRS, ids=[f"{one[1]}={one[0]}" for one in PAIRS])
def test_impossible_pairs_are_refused_with_the_choices(
    changes: dict[str, Any], field: str, choices: tuple[str, ...]
) -> None:
    error = refusal(prod=samples_gcp.environment(**changes))
    assert error.field == f"environments.prod.{field}"
    assert all(choice in error.mend for choice in choices)


@pytest.mark.parametrize("kind", ["gkePrincipal", "gkeServiceAccount"])
def test_aws_takes_no_identity_of_google(kind: str) -> None:
    error = refusal(prod=samples.environment(identity={"kind": kind}))
    assert error.field == "environments.prod.identity.kind"
    assert "irsa" in error.mend


@pytest.mark.parametrize("kind", samples_gcp.IDENTITIES)
@pytest.mark.parametrize("reference", [None, {"namespace": "external-secrets", "name": "reader"}])
def test_possible_pairs(kind: str, reference: dict[str, str] | None) -> None:
    identity = {"kind": kind, **({"serviceAccountRef": reference} if reference else {})}
    parse_config(samples.configuration(prod=samples_gcp.environment(identity=identity)))


SHARED: dict[str, dict[str, Any]] = {
    "key": {"keys": {"existing": {"secrets": [KEY]}}},
    "service account": {"identity": {"kind": "gkeServiceAccount", "serviceAccountEmail": EMAIL}},
}


@pytest.mark.parametrize("thing", SHARED)
def test_environments_share_nothing(thing: str) -> None:
    changes = SHARED[thing]
    error = refusal(prod=samples_gcp.environment(**changes), nonprod=samples_gcp.other_environment(**changes))
    assert error.field.startswith("environments.nonprod.")
    assert f"is the same {thing} as environments.prod." in error.reason


def test_each_environment_has_a_project_of_its_own() -> None:
    """In one project the two operators would be one and the same IAM member."""
    error = refusal(prod=samples_gcp.environment(), nonprod=samples_gcp.environment())
    assert [one.field for one in error.problems if "the same project" in one.reason] == [
        "environments.nonprod.projectId",
        "environments.nonprod.projectNumber",
    ]
    parse_config(samples.configuration(prod=samples_gcp.environment(), nonprod=samples_gcp.other_environment()))


def test_one_container_cannot_be_adopted_twice() -> None:
    secrets = {"a": {"existingId": "one"}, "b": {"existingId": "one"}}
    assert "is the same secret as" in refusal(prod=samples_gcp.environment(secrets=secrets)).reason


def test_one_key_cannot_have_two_roles() -> None:
    keys = {"existing": {"secrets": [KEY], "etcd": KEY}}
    error = refusal(prod=samples_gcp.environment(keys=keys))
    assert error.field == "environments.prod.keys.existing.etcd"
    assert "is the same key as environments.prod.keys.existing.secrets.0" in error.reason


def test_clouds_live_side_by_side() -> None:
    config = parse_config(samples.configuration(prod=samples_gcp.environment(), nonprod=samples.environment()))
    assert [one.backend for one in config.environments.values()] == ["gcp", "aws"]
    assert config.names("prod").secret_name("database/password") == "platform--prod--database--password"


@pytest.mark.parametrize(
    ("environments", "field"),
    [
        ({"good": samples_gcp.environment(), "bad": samples_gcp.other_environment(location="x")}, "bad.location"),
        ({"good": samples_gcp.environment(), "bad": samples.environment()}, "bad.backend"),
    ],
    ids=["location", "backend"],
)
def test_the_topology_creates_nothing_from_bad_input(environments: dict[str, Any], field: str) -> None:
    refused: list[ConfigError] = []

    def program() -> None:
        with pytest.raises(ConfigError) as caught:
            importlib.import_module("stacks.gke").run()
        refused.append(caught.value)

    recording = run(program, stack_configuration("gke", "platform", copy.deepcopy(environments)))
    assert recording.resources == {}
    assert refused[0].field == f"environments.{field}"


@pytest.mark.parametrize("topology", ["eks", "local"])
def test_the_other_topologies_refuse_gke(topology: str) -> None:
    with pytest.raises(ConfigError, match=r"environments\.prod\.cluster\.kind"):
        run_stack(topology, "platform", {"prod": samples_gcp.environment()})
