"""Sealed Secrets in an environment's configuration: what is added, what it waits for, what is exported."""

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from components import SealedSecrets, SealedSecretsArgs, SecretsBootstrap, SecretsBootstrapArgs
from tests.fast.components import samples
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


@each_backend
def test_beside_a_manager_it_is_added_and_nothing_else_changes(backend: str) -> None:
    before, after = bootstrap(backend).resources, bootstrap(backend, sealedSecrets=BESIDE).resources
    added = {urn: one for urn, one in after.items() if urn not in before}
    assert all(one.name.startswith(OWN) for one in added.values())
    for urn, one in before.items():
        # The component's own outputs say that it is there.
        assert (one.inputs, one.protect, one.parent) == (after[urn].inputs, after[urn].protect, after[urn].parent)
        assert one.dependencies == after[urn].dependencies


@each_backend
def test_a_preview_knows_all_of_it(backend: str) -> None:
    preview = bootstrap(backend, preview=True, sealedSecrets=BESIDE).resources
    assert preview.keys() == bootstrap(backend, sealedSecrets=BESIDE).resources.keys()


def test_what_is_added(snapshot: SnapshotAssertion) -> None:
    recording = bootstrap("aws", sealedSecrets=BESIDE)
    assert [
        {
            "token": one.token,
            "name": one.name,
            "parent": one.parent.rpartition("::")[2],
            "protect": one.protect,
            "inputs": one.inputs,
        }
        for one in sorted(recording.resources.values(), key=lambda one: one.urn)
        if one.name.startswith(OWN)
    ] == snapshot(extension_class=JSONSnapshotExtension)


def test_it_waits_for_its_namespaces_and_not_for_the_manager() -> None:
    recording = bootstrap("aws", sealedSecrets=BESIDE)
    controller = recording.named(f"{OWN}-controller")
    assert recording.needs(controller, recording.named("prod-bootstrap-namespace-apps"))
    for later in ("prod-bootstrap-operator-controller", "prod-bootstrap-first-sync-external-secret"):
        assert not recording.needs(controller, recording.named(later)), later


def test_what_a_stack_exports_of_it() -> None:
    exported = (bootstrap("aws", sealedSecrets=BESIDE).named("prod").outputs or {})["sealedSecrets"]
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
