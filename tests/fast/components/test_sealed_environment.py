"""Sealed Secrets in the configuration, beside a manager and without one: what there is of it, and what a move keeps."""

from functools import cache
from typing import Any

import pulumi
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from components import (
    ClusterRef,
    ConfigError,
    SealedBootstrap,
    SealedBootstrapArgs,
    SealedSecrets,
    SealedSecretsArgs,
    SecretsBootstrap,
    SecretsBootstrapArgs,
    parse_config,
)
from tests.fast.components import samples, samples_sealed
from tests.fast.components.backends import SAMPLES
from tests.fast.components.mock_engine import Recording, run

OWN = "prod-sealed-secrets"
BESIDE = {"namespaces": ["apps"], "firstKey": "state"}
each_backend = pytest.mark.parametrize("backend", SAMPLES)


def bootstrap(backend: str, *, preview: bool = False, **changes: Any) -> Recording:
    names, environment = SAMPLES[backend].parse(**changes)

    def program() -> None:
        arguments = SecretsBootstrapArgs(names=names, environment=environment, create_cluster=samples.create_cluster())
        SecretsBootstrap("prod", arguments)

    return run(program, preview=preview)


@cache
def beside(backend: str) -> Recording:
    return bootstrap(backend, sealedSecrets=BESIDE)


@each_backend
def test_beside_a_manager_it_is_added_and_nothing_else_changes(backend: str) -> None:
    before, after = bootstrap(backend).resources, beside(backend).resources
    added = {urn: one for urn, one in after.items() if urn not in before}
    assert all(one.name.startswith(OWN) for one in added.values())
    for urn, one in before.items():
        # The component's own outputs say that it is there.
        assert (one.inputs, one.protect, one.parent) == (after[urn].inputs, after[urn].protect, after[urn].parent)
        assert one.dependencies == after[urn].dependencies


@each_backend
def test_a_preview_knows_all_of_it(backend: str) -> None:
    preview = bootstrap(backend, preview=True, sealedSecrets=BESIDE).resources
    assert preview.keys() == beside(backend).resources.keys()


def as_golden(recording: Recording, prefix: str = "") -> list[dict[str, Any]]:
    return [
        {
            "token": one.token,
            "name": one.name,
            "parent": one.parent.rpartition("::")[2],
            "protect": one.protect,
            "inputs": one.inputs,
        }
        for one in sorted(recording.resources.values(), key=lambda one: one.urn)
        if one.name.startswith(prefix)
    ]


def test_what_is_added(snapshot: SnapshotAssertion) -> None:
    recording = beside("aws")
    assert as_golden(recording, OWN) == snapshot(extension_class=JSONSnapshotExtension)


def sealed(*, preview: bool = False, **changes: Any) -> Recording:
    """An environment without a manager."""

    def create_cluster(_name: str, options: pulumi.ResourceOptions) -> ClusterRef:
        machine = pulumi.CustomResource("test:index:Machine", "machine", None, options)
        made = samples.cluster()
        return ClusterRef(name=made.name, issuer_url=made.issuer_url, provider=made.provider, gates=[machine])

    def program() -> None:
        config = parse_config(samples_sealed.configuration(prod=samples_sealed.environment(**changes)))
        arguments = SealedBootstrapArgs(environment=config.sealed_environments["prod"], create_cluster=create_cluster)
        SealedBootstrap("prod", arguments)

    return run(program, preview=preview)


def test_without_a_manager(snapshot: SnapshotAssertion) -> None:
    assert as_golden(sealed()) == snapshot(extension_class=JSONSnapshotExtension)
    assert sealed(preview=True).resources.keys() == sealed().resources.keys()


def test_without_a_manager_all_of_it_waits_for_the_cluster_and_goes_through_its_provider() -> None:
    recording = sealed()
    machine = recording.named("machine")
    for name in ("prod-bootstrap-namespace-apps", "prod-bootstrap-namespace-web", "prod-sealed-secrets-controller"):
        assert recording.needs(recording.named(name), machine), name
        assert recording.provider_names(recording.named(name)) == ["cluster"]
    assert recording.needs(recording.named("prod-sealed-secrets-namespace"), machine)


def test_what_a_stack_exports_without_a_manager() -> None:
    assert sealed().named("prod").outputs == {
        "clusterName": "prod",
        "issuerUrl": samples.ISSUER,
        "sealedSecrets": {"namespace": "sealed-secrets", "namespaces": ["apps"], "certificate": "(a certificate)"},
    }


@each_backend
def test_a_move_to_a_manager_finds_all_of_it_under_the_same_name(backend: str) -> None:
    """Type, name, what it is in, and what it says: with the composite's alias it is the same resource."""

    def kept(recording: Recording) -> dict[str, Any]:
        return {
            one.urn.replace(":SealedBootstrap", ":SecretsBootstrap"): (one.inputs, one.protect)
            for one in recording.resources.values()
            if one.token.startswith(("kubernetes:", "tls:", "secrets-bootstrap:"))
        }

    before = kept(sealed())
    after = kept(bootstrap(backend, namespaces=["apps", "web"], sealedSecrets=BESIDE))
    assert before.items() <= after.items()
    assert any("Namespace::prod-bootstrap-namespace-web" in urn for urn in before)


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"namespaces": []}, "namespaces"),
    ({"namespaces": ["apps", "apps"]}, "namespaces.1"),
    ({"namespaces": ["apps", "default"]}, "namespaces.1"),
    ({"sealedSecrets": {"namespaces": ["x-leak"]}}, "sealedSecrets.namespaces.0"),
    ({"sealedSecrets": {"namespaces": ["apps"], "namespace": "web"}}, "sealedSecrets.namespace"),
    ({"sealedSecrets": {"namespaces": ["apps"], "firstKeys": "x-leak"}}, "sealedSecrets.firstKeys"),
    ({"backend": "x-leak"}, "backend"),
]


@pytest.mark.parametrize(("changes", "field"), IMPOSSIBLE, ids=[field for _, field in IMPOSSIBLE])
def test_an_impossible_environment(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(samples_sealed.configuration(prod=samples_sealed.environment(**changes)))
    assert caught.value.field == f"sealedEnvironments.prod.{field}"
    assert caught.value.mend
    assert "x-leak" not in str(caught.value)


def test_an_environment_is_of_one_kind_and_has_a_cluster_of_its_own() -> None:
    both = {**samples.configuration(), **samples_sealed.configuration()}
    with pytest.raises(ConfigError, match=r"sealedEnvironments\.prod: has a manager as well"):
        parse_config(both)
    one = samples_sealed.environment(clusterName="one")
    with pytest.raises(ConfigError, match="is the same cluster as") as caught:
        parse_config(samples_sealed.configuration(prod=one, nonprod=one))
    assert caught.value.field == "sealedEnvironments.nonprod.clusterName"


def test_it_waits_for_its_namespaces_and_not_for_the_manager() -> None:
    recording = beside("aws")
    controller = recording.named(f"{OWN}-controller")
    assert recording.needs(controller, recording.named("prod-bootstrap-namespace-apps"))
    for later in ("prod-bootstrap-operator-controller", "prod-bootstrap-first-sync-external-secret"):
        assert not recording.needs(controller, recording.named(later)), later


def test_what_a_stack_exports_of_it() -> None:
    exported = (beside("aws").named("prod").outputs or {})["sealedSecrets"]
    assert exported == {"namespace": "sealed-secrets", "namespaces": ["apps"], "certificate": "(a certificate)"}
    of_the_cluster = bootstrap("aws", sealedSecrets={"namespaces": ["apps"]}).named("prod").outputs or {}
    assert of_the_cluster["sealedSecrets"] == {"namespace": "sealed-secrets", "namespaces": ["apps"]}
    assert "sealedSecrets" not in (bootstrap("aws").named("prod").outputs or {})


def test_the_configuration_reaches_the_controller() -> None:
    given = {
        "namespaces": ["payments", "apps"],
        "namespace": "seals",
        "recreate": True,
        "chart": "oci://registry.example.com/sealed-secrets",
        "repository": None,
        "version": "2.19.0",
        "timeoutSeconds": 60,
    }
    recording = bootstrap("aws", namespaces=["apps", "payments"], deletionProfile="ephemeral", sealedSecrets=given)
    release = recording.named(f"{OWN}-controller").inputs
    assert (release["chart"], release["version"], release["namespace"]) == (given["chart"], "2.19.0", "seals")
    assert release["timeout"] == 60
    assert release["values"]["additionalNamespaces"] == ["apps", "payments"]
    assert release["values"]["skipRecreate"] is False
    assert not recording.named(f"{OWN}-namespace").protect


def test_what_is_not_configured_is_as_the_components_own_defaults_are() -> None:
    recording = bootstrap("aws", sealedSecrets={"namespaces": ["apps"]})
    alone = run(lambda: SealedSecrets("it", SealedSecretsArgs(namespaces={"apps": None})))
    assert recording.named(f"{OWN}-controller").inputs == alone.named("it-controller").inputs
    assert recording.named(f"{OWN}-namespace").protect is alone.named("it-namespace").protect is True
