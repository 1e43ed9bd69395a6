"""Bad input: an error that names the field and the mend, before anything is created, and that repeats no value."""

import copy
import importlib
from typing import Any

import pulumi
import pytest

from components import ConfigError, parse_config
from tests.fast.components import samples
from tests.fast.components.mock_engine import run
from tests.fast.components.test_golden import machine, run_stack, stack_configuration  # noqa: F401 - a fixture

OTHER = f"arn:aws:kms:eu-west-1:{samples.ACCOUNT}:key/1e1e1e1e-1111-2222-3333-444444444444"
ABSENT = object()

# Path in the configuration, the value put there (ABSENT: taken away), the field that the error has to name.
SPOILED: list[tuple[str, object, str]] = [
    ("environments.prod.region", ABSENT, "environments.prod.region"),
    ("environments.prod.store", ABSENT, "environments.prod.store"),
    ("environments.prod.regionn", "x-leak", "environments.prod.regionn"),
    ("environments.prod.identity.kinds", "x-leak", "environments.prod.identity.kinds"),
    ("environments.prod.cluster.nodes", 2, "environments.prod.cluster.nodes"),
    ("environments.prod.region", "x-leak", "environments.prod.region"),
    ("environments.prod.region", "eu-west-x-leak", "environments.prod.region"),
    ("environments.prod.accountId", 123456789012, "environments.prod.accountId"),
    ("environments.prod.accountId", "x-leak", "environments.prod.accountId"),
    ("prefix", "X-leak", "prefix"),
    ("prefix", ABSENT, "prefix"),
    ("environments", {}, "environments"),
    ("environments.Prod_leak", samples.environment(), "environments.Prod_leak"),
    ("environments.prod.secrets", {"x leak": {}}, "environments.prod.secrets.x leak"),
    ("environments.prod.secrets", {"x-leaked": {"value": "x-leak"}}, "environments.prod.secrets.x-leaked"),
    ("environments.prod.secrets", {"ok": {"value": "x-leak"}}, "environments.prod.secrets.ok.value"),
    ("environments.prod.secrets", {"canary": {}}, "environments.prod.secrets.canary"),
    ("environments.prod.secrets", {"argocd/platform": {}}, "environments.prod.secrets.argocd/platform"),
    ("environments.prod.administrators", [], "environments.prod.administrators"),
    ("environments.prod.administrators", ["x-leak"], "environments.prod.administrators.0"),
    (
        "environments.prod.administrators",
        [f"arn:aws:iam::{samples.ACCOUNT}:root"],
        "environments.prod.administrators.0",
    ),
    ("environments.prod.deployers", ["arn:aws:sts::1:x-leak"], "environments.prod.deployers.0"),
    ("environments.prod.deployers", [f"arn:aws:iam::{samples.ACCOUNT}:role/x-leak"], "environments.prod.deployers.0"),
    ("environments.prod.keys", {"existing": {"etcd": "alias/x-leak"}}, "environments.prod.keys.existing.etcd"),
    (
        "environments.prod.keys",
        {"existing": {"etcd": OTHER.replace("eu-", "us-")}},
        "environments.prod.keys.existing.etcd",
    ),
    ("environments.prod.keys", {"rotationDays": 89}, "environments.prod.keys.rotationDays"),
    ("environments.prod.keys", {"rotationDays": 2561}, "environments.prod.keys.rotationDays"),
    ("environments.prod.keys", {"deletionWindowDays": 6}, "environments.prod.keys.deletionWindowDays"),
    ("environments.prod.keys", {"deletionWindowDays": 31}, "environments.prod.keys.deletionWindowDays"),
    ("environments.prod.secretRecoveryDays", 6, "environments.prod.secretRecoveryDays"),
    ("environments.prod.secretRecoveryDays", 31, "environments.prod.secretRecoveryDays"),
    ("environments.prod.deletionProfile", "x-leak", "environments.prod.deletionProfile"),
    ("environments.prod.identity", {"kind": "x-leak"}, "environments.prod.identity.kind"),
    (
        "environments.prod.identity",
        {"kind": "podIdentity", "serviceAccountRef": {"namespace": "external-secrets", "name": "x-leak"}},
        "environments.prod.identity.serviceAccountRef",
    ),
    (
        "environments.prod.identity",
        {"kind": "irsa", "serviceAccountRef": {"namespace": "elsewhere", "name": "x"}},
        "environments.prod.identity.serviceAccountRef.namespace",
    ),
    (
        "environments.prod.identity",
        {"kind": "podIdentity", "oidcProviderArn": f"arn:aws:iam::{samples.ACCOUNT}:oidc-provider/x-leak"},
        "environments.prod.identity.oidcProviderArn",
    ),
    (
        "environments.prod.identity",
        {"kind": "irsa", "oidcProviderArn": f"arn:aws:iam::{samples.ACCOUNT}:role/x-leak"},
        "environments.prod.identity.oidcProviderArn",
    ),
    (
        "environments.prod.identity",
        {"kind": "irsa", "oidcProviderArn": "arn:aws:iam::999999999999:oidc-provider/x-leak"},
        "environments.prod.identity.oidcProviderArn",
    ),
    ("environments.prod.store.conditions", [], "environments.prod.store.conditions"),
    ("environments.prod.store.conditions", [{}], "environments.prod.store.conditions.0"),
    ("environments.prod.store.conditions", [{"namespaces": []}], "environments.prod.store.conditions.0.namespaces"),
    ("environments.prod.store.conditions", [{"namespaces": ["elsewhere"]}], "environments.prod.store.conditions"),
    ("environments.prod.store", {}, "environments.prod.store.conditions"),
    ("environments.prod.operator", {"namespace": "apps"}, "environments.prod.operator.namespace"),
    ("environments.prod.operator", {"timeoutSeconds": 5}, "environments.prod.operator.timeoutSeconds"),
    ("environments.prod.firstSync", {"refreshInterval": "x-leak"}, "environments.prod.firstSync.refreshInterval"),
    ("environments.prod.cluster", {}, "environments.prod.cluster"),
    ("environments.prod.cluster", {"kind": "x-leak"}, "environments.prod.cluster"),
    (
        "environments.prod.cluster",
        {"kind": "eks", "subnetIds": ["subnet-01234567"]},
        "environments.prod.cluster.subnetIds",
    ),
    (
        "environments.prod.argocd",
        {"repository": {"name": "a", "url": "https://user:x-leak@git.example.com/a.git"}},
        "environments.prod.argocd.repository.url",
    ),
]


def spoil(path: str, value: object) -> dict[str, Any]:
    values = copy.deepcopy(samples.configuration())
    *parents, last = path.split(".")
    place = values
    for part in parents:
        place = place[part]
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return values


@pytest.mark.parametrize(
    ("path", "value", "field"), SPOILED, ids=[f"{path}={index}" for index, (path, *_) in enumerate(SPOILED)]
)
def test_bad_input_names_the_field_and_the_mend(path: str, value: object, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(spoil(path, value))
    problem = next(one for one in caught.value.problems if one.field == field)
    assert problem.reason
    assert problem.mend
    text = str(caught.value).replace(field, "")
    assert "x-leak" not in text
    assert "mend: " in text


def test_all_problems_are_told_at_once() -> None:
    values = samples.configuration(prod=samples.environment(region="x", accountId="y", unknown=1))
    with pytest.raises(ConfigError) as caught:
        parse_config(values)
    assert {one.field.rpartition(".")[2] for one in caught.value.problems} == {"region", "accountId", "unknown"}


def test_a_near_miss_is_recognised() -> None:
    with pytest.raises(
        ConfigError, match=r"environments\.prod\.regoin: is not a known field\n  mend: did you mean region\?"
    ):
        parse_config(samples.configuration(prod=samples.environment(regoin="eu-west-1")))


SHARED = {
    "key": {"keys": {"existing": {"secrets": OTHER}}},
    "secret": {
        "secrets": {"a": {"existingArn": f"arn:aws:secretsmanager:eu-west-1:{samples.ACCOUNT}:secret:x-AbCdEf"}}
    },
    "OIDC provider": {
        "identity": {"kind": "irsa", "oidcProviderArn": f"arn:aws:iam::{samples.ACCOUNT}:oidc-provider/issuer"}
    },
    "cluster": {"cluster": {"kind": "selfManaged", "name": "one", "kmsPluginImage": "x/y:z"}},
}


@pytest.mark.parametrize("thing", SHARED)
def test_environments_share_nothing(thing: str) -> None:
    changed = samples.environment(**SHARED[thing])
    with pytest.raises(ConfigError) as caught:
        parse_config(samples.configuration(prod=changed, nonprod=copy.deepcopy(changed)))
    assert caught.value.field.startswith("environments.nonprod.")
    assert f"is the same {thing} as environments.prod." in caught.value.reason
    parse_config(samples.configuration(prod=changed, nonprod=samples.environment()))


def test_one_key_cannot_have_two_roles() -> None:
    existing = {"existing": {"secrets": OTHER, "etcd": OTHER}}
    with pytest.raises(ConfigError, match="is the same key as"):
        parse_config(samples.configuration(prod=samples.environment(keys=existing)))


@pytest.mark.parametrize("topology", ["local", "eks"])
@pytest.mark.parametrize(
    "spoiled",
    [
        {"region": "nowhere"},
        {"identity": {"kind": "podIdentity", "serviceAccountRef": {"namespace": "external-secrets", "name": "x"}}},
        {"store": {"conditions": []}},
        {"unknown": True},
    ],
    ids=["region", "pair", "conditions", "unknown"],
)
def test_nothing_is_created_from_bad_input(topology: str, spoiled: dict[str, Any]) -> None:
    """The whole program, with a good environment before the bad one."""
    environments = {"good": samples.environment(), "prod": samples.environment(**spoiled)}
    refused: list[ConfigError] = []

    def program() -> None:
        with pytest.raises(ConfigError) as caught:
            importlib.import_module(f"stacks.{topology}").run()
        refused.append(caught.value)

    recording = run(program, stack_configuration(topology, "platform", environments))
    assert recording.resources == {}
    assert refused[0].field.startswith("environments.prod")


@pytest.mark.parametrize(
    ("topology", "cluster"),
    [
        ("eks", {"kind": "selfManaged", "kmsPluginImage": "x/y:z"}),
        ("local", {"kind": "eks", "subnetIds": ["subnet-01234567", "subnet-01234568"]}),
    ],
)
def test_a_topology_refuses_the_others_clusters(topology: str, cluster: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"environments\.prod\.cluster\.kind"):
        run_stack(topology, "platform", {"prod": samples.environment(cluster=cluster)})


def test_the_error_is_one_that_pulumi_prints_without_a_trace() -> None:
    assert issubclass(ConfigError, pulumi.RunError)
