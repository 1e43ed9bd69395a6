"""The kubernetes provider without a cluster: checks, differences, previews."""

import pytest

from bootstrap.providers.kubernetes import waiting
from bootstrap.providers.kubernetes.kinds import kind_of
from bootstrap.providers.properties import UNKNOWN, Properties, Secret
from bootstrap.providers.registry import provider
from bootstrap.providers.resource import Call
from tests.fast.providers.driver import CallFailedError, Driver

SECRET = "kubernetes:core/v1:Secret"
RELEASE = "kubernetes:helm.sh/v3:Release"
STORE = "kubernetes:external-secrets.io/v1:SecretStore"


@pytest.fixture
def kubernetes() -> Driver:
    return Driver(provider("kubernetes"))


def secret(**parts: object) -> Properties:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "n"}, **parts}


@pytest.mark.parametrize(
    "token",
    [
        "kubernetes:core/v1:Pod",
        "kubernetes:apps/v1:Deployment",
        "kubernetes:yaml/v2:ConfigGroup",
        "kubernetes:helm.sh/v4:Chart",
    ],
)
def test_unknown_kinds_are_named(kubernetes: Driver, token: str) -> None:
    with pytest.raises(CallFailedError, match=token):
        kubernetes.check(token, {})


def test_any_custom_resource_is_known() -> None:
    assert kind_of(STORE).parts is None


@pytest.mark.parametrize(
    ("inputs", "fault"),
    [
        (secret(strongData={}), "strongData"),
        ({**secret(), "kind": "ConfigMap"}, "kind"),
        ({**secret(), "metadata": {"namespace": "n"}}, "metadata.name"),
        ({**secret(), "metadata": {"name": "s", "generateName": "x"}}, "metadata.generateName"),
        ({"apiVersion": "v1", "kind": "Secret"}, "metadata"),
        (
            {**secret(), "metadata": {"name": "s", "annotations": {"pulumi.com/waitFor": "when ready"}}},
            'metadata.annotations["pulumi.com/waitFor"]',
        ),
    ],
)
def test_wrong_inputs_are_named(kubernetes: Driver, inputs: Properties, fault: str) -> None:
    assert set(kubernetes.check(SECRET, inputs)) == {fault}


def test_previews_need_no_cluster_and_keep_secrets(kubernetes: Driver) -> None:
    _, state = kubernetes.create(SECRET, secret(stringData={"a": UNKNOWN}), preview=True)
    assert state["stringData"] == Secret({"a": UNKNOWN})
    _, released = kubernetes.create(RELEASE, {"name": "r", "namespace": "n", "chart": "c"}, preview=True)
    assert released["status"] is UNKNOWN or repr(released["status"]) == "<unknown>"


def test_creating_needs_one(kubernetes: Driver) -> None:
    for token, inputs in ((SECRET, secret()), (RELEASE, {"name": "r", "chart": "c"})):
        with pytest.raises(CallFailedError, match="has no kubeconfig"):
            kubernetes.create(token, inputs)


def test_a_changed_secret_is_a_new_one_unless_told_otherwise(kubernetes: Driver) -> None:
    old, new = secret(stringData={"a": "1"}), secret(stringData={"a": "2"})
    assert kubernetes.changed(SECRET, old, new) == {"stringData.a": "UPDATE_REPLACE"}
    mutable = Driver(provider("kubernetes"), {"enableSecretMutable": "true"})
    assert mutable.changed(SECRET, old, new) == {"stringData.a": "UPDATE"}


READY = {"type": "Ready", "status": "True"}


@pytest.mark.parametrize(
    ("expression", "found", "reached"),
    [
        ("condition=Ready", {"status": {"conditions": [READY]}}, True),
        ("condition=Ready", {"status": {"conditions": [{**READY, "status": "False"}]}}, False),
        ("condition=Ready=False", {"status": {"conditions": [{**READY, "status": "False"}]}}, True),
        ("condition=Ready", {}, False),
        (
            "condition=Ready",
            {"metadata": {"generation": 2}, "status": {"conditions": [{**READY, "observedGeneration": 1}]}},
            False,
        ),
        ("jsonpath={.status.phase}=Bound", {"status": {"phase": "Bound"}}, True),
        ("jsonpath={.status.phase}=Bound", {"status": {"phase": "Lost"}}, False),
        ("jsonpath={.status.items[1].name}", {"status": {"items": [{}, {"name": "x"}]}}, True),
        ("jsonpath={.status.items[1].name}", {"status": {"items": [{}]}}, False),
        ('["condition=Ready", "jsonpath={.spec.done}=true"]', {"spec": {"done": True}}, False),
        (
            '["condition=Ready", "jsonpath={.spec.done}=true"]',
            {"spec": {"done": True}, "status": {"conditions": [READY]}},
            True,
        ),
    ],
)
def test_goals(expression: str, found: Properties, reached: bool) -> None:
    assert all(goal.reached(found) for goal in waiting.goals({waiting.WAIT_FOR: expression})) is reached


def test_waiting_can_be_skipped_and_limited() -> None:
    assert waiting.goals({waiting.WAIT_FOR: "condition=Ready", waiting.SKIP: "true"}) == []
    assert waiting.seconds({waiting.TIMEOUT: "7"}, Call(timeout=60)) == 7
    assert waiting.seconds({}, Call(timeout=60)) == 60
    assert waiting.seconds({}, Call()) == 600
