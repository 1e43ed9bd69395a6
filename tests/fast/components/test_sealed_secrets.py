"""Sealed Secrets: what the controller is given, what it may do, and where its key goes."""

import json
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bootstrap.toolchain.folders import tools_dir
from bootstrap.toolchain.sealed_secrets import CHART
from components import ConfigError, DeletionProfile, SealedSecrets, SealedSecretsArgs
from tests.fast.components.mock_engine import SECRET, Recording, run

ROLE = "kubernetes:rbac.authorization.k8s.io/v1:Role"


def made(**changes: Any) -> Recording:
    return run(lambda: SealedSecrets("it", arguments(**changes)))


def arguments(**changes: Any) -> SealedSecretsArgs:
    values: Mapping[str, Any] = {"namespaces": {"apps": None}, **changes}
    return SealedSecretsArgs(**values)


@pytest.mark.parametrize("first_key", ["cluster", "state"])
def test_golden(first_key: str, snapshot: SnapshotAssertion) -> None:
    recorded = made(first_key=first_key, namespaces={"apps": None, "web": None})
    assert [
        {
            "token": one.token,
            "name": one.name,
            "parent": one.parent.rpartition("::")[2],
            "protect": one.protect,
            "inputs": one.inputs,
        }
        for one in sorted(recorded.resources.values(), key=lambda one: one.urn)
    ] == snapshot.use_extension(JSONSnapshotExtension)


def test_a_key_of_the_cluster_never_comes_to_pulumi() -> None:
    recorded = made()
    assert not [
        one for one in recorded.resources.values() if one.token.startswith("tls:") or "Secret" in one.token[-6:]
    ]
    assert recorded.reads == []


def test_a_key_of_the_state_is_marked_as_secret_and_comes_first() -> None:
    recorded = made(first_key="state")
    secret = recorded.named("it-key-secret")
    assert SECRET in secret.inputs["stringData"]
    outputs = recorded.named("it").outputs or {}
    assert outputs == {
        "namespace": "sealed-secrets",
        "namespaces": ["apps"],
        "recreate": False,
        "certificate": "(a certificate)",
    }
    assert recorded.needs(recorded.named("it-controller"), secret)


def test_no_key_comes_about_that_nobody_has_backed_up() -> None:
    assert made().named("it-controller").inputs["values"]["keyrenewperiod"] == "0"


@pytest.mark.parametrize("recreate", [False, True])
def test_it_lists_secrets_only_to_make_lost_ones_again(recreate: bool) -> None:
    (rules,) = [one.inputs["rules"] for one in made(recreate=recreate).of(ROLE) if one.name == "it-unsealer-apps"]
    (secrets,) = [rule for rule in rules if rule["resources"] == ["secrets"]]
    assert ("list" in secrets["verbs"]) == ("watch" in secrets["verbs"]) == recreate
    assert "delete" not in secrets["verbs"]


def test_nothing_holds_for_the_whole_cluster_and_all_of_it_waits_for_its_namespace() -> None:
    recorded = made()
    assert not [one for one in recorded.resources.values() if "ClusterRole" in one.token]
    home, controller = recorded.named("it-namespace"), recorded.named("it-controller")
    assert recorded.needs(controller, home)
    bindings = [one for one in recorded.resources.values() if one.token.endswith("RoleBinding")]
    assert len(bindings) == 2
    assert all(recorded.needs(controller, binding) for binding in bindings)


def test_durable_keys_are_protected() -> None:
    for profile, protected in ((DeletionProfile.DURABLE, True), (DeletionProfile.EPHEMERAL, False)):
        recorded = made(first_key="state", deletion_profile=profile)
        kept = [recorded.named(name) for name in ("it-namespace", "it-key", "it-certificate")]
        assert {one.protect for one in kept} == {protected}


def test_the_real_chart_takes_the_values() -> None:
    """The flags are those of v0.40.0's controller; Helm renders its own chart."""
    release = made(namespaces={"web": None, "apps": None}).named("it-controller").inputs
    command = [tools_dir() / "helm", "template", release["name"], tools_dir() / CHART, "--namespace=x", "--values=-"]
    done = subprocess.run(command, input=json.dumps(release["values"]), capture_output=True, text=True, check=True)
    objects = [one for one in yaml.safe_load_all(done.stdout) if one]
    assert not {one["kind"] for one in objects} & {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}
    (deployment,) = [one for one in objects if one["kind"] == "Deployment"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"].endswith("/sealed-secrets-controller:0.40.0")
    flags = " ".join(container["args"])
    for flag in ("--skip-recreate", "--key-renew-period 0", "--additional-namespaces apps,web"):
        assert flag in flags
    assert deployment["spec"]["template"]["spec"]["serviceAccountName"] == "sealed-secrets"


IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("namespaces", lambda: arguments(namespaces={})),
    ("namespaces.x leak", lambda: arguments(namespaces={"x leak": None})),
    ("namespaces.sealed-secrets", lambda: arguments(namespaces={"sealed-secrets": None})),
    ("namespace", lambda: arguments(namespace="x leak")),
    ("namespace", lambda: arguments(namespace="kube-system")),
    ("namespace", lambda: arguments(namespace="default")),
    ("first_key", lambda: arguments(first_key="x-leak")),
    ("timeout_seconds", lambda: arguments(timeout_seconds=29)),
]


@pytest.mark.parametrize(("field", "make"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, make: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as caught:
        make()
    assert caught.value.field == f"SealedSecretsArgs.{field}"
    assert caught.value.mend
    assert "x-leak" not in str(caught.value)
