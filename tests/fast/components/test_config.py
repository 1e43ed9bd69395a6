"""Bad input: an error that names the field and the mend, before anything is created, and that repeats no value."""

import copy
import importlib
from typing import Any

import pulumi
import pytest

from components import ConfigError, parse_config
from tests.fast.components import samples
from tests.fast.components.mock_engine import run
from tests.fast.components.spoiled import ABSENT, EKS, OTHER, SPOILED
from tests.fast.components.test_golden import machine, run_stack, stack_configuration  # noqa: F401 - a fixture


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


def test_an_environment_may_be_called_as_a_kind_of_cluster() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(samples.configuration(eks=samples.environment(region="nowhere")))
    assert caught.value.field == "environments.eks.region"


@pytest.mark.parametrize(
    ("path", "value", "mend"),
    [
        ("environments.prod.keys", {"rotationDays": 1}, "write 90 or more"),
        ("environments.prod.keys", {"rotationDays": 9999}, "write 2560 or less"),
        ("environments.prod.keys", {"rotationDays": "often"}, "write it in digits, without quotes"),
        ("environments.prod.keys", {"rotationDays": 90.5}, "write it in digits, without quotes"),
        ("environments.prod.keys", [], "write fields and values below it"),
        ("environments.prod.secrets", [], "write fields and values below it"),
        ("environments.prod.namespaces", "apps", "write one value a line, each after a hyphen"),
        ("environments.prod.operator", {"webhook": "perhaps"}, "write true or false, without quotes"),
        ("environments.prod.secrets", {"a": {"description": "x" * 2049}}, "use up to 2048 characters"),
        ("environments.prod.firstSync", {"refreshInterval": "soon"}, "write a number and s, m or h, such as 1h"),
    ],
)
def test_every_mistake_of_type_has_its_mend(path: str, value: object, mend: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(spoil(path, value))
    assert caught.value.mend == mend


@pytest.mark.parametrize(
    ("operator", "field"),
    [
        ({"version": None}, "version"),
        ({"chart": "oci://registry.example.com/external-secrets", "repository": None, "version": None}, "version"),
        ({"chart": "oci://registry.example.com/external-secrets"}, "repository"),
    ],
)
def test_the_operators_chart_is_pinned_wherever_it_comes_from(operator: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(spoil("environments.prod.operator", operator))
    assert caught.value.field == f"environments.prod.operator.{field}"


def test_a_near_miss_is_recognised() -> None:
    with pytest.raises(
        ConfigError, match=r"environments\.prod\.regoin: is not a known field\n  mend: did you mean region\?"
    ):
        parse_config(samples.configuration(prod=samples.environment(regoin="eu-west-1")))


SHARED = {
    "key": {"keys": {"existing": {"secrets": OTHER}}},
    "secret": {
        "secrets": {
            "a": {"existingArn": f"arn:aws:secretsmanager:eu-west-1:{samples.ACCOUNT}:secret:platform/prod/x-AbCdEf"}
        }
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


def test_each_sharer_is_told() -> None:
    """Three environments with one key: two mistakes, not one."""
    changed = samples.environment(**SHARED["key"])
    with pytest.raises(ConfigError) as caught:
        parse_config(samples.configuration(a=changed, b=copy.deepcopy(changed), c=copy.deepcopy(changed)))
    assert [one.field for one in caught.value.problems] == [
        "environments.b.keys.existing.secrets",
        "environments.c.keys.existing.secrets",
    ]


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


def test_the_local_topology_has_no_role_to_take() -> None:
    environment = samples.environment(deployerRoleArn=f"arn:aws:iam::{samples.ACCOUNT}:role/deployer")
    with pytest.raises(ConfigError, match=r"environments\.prod\.deployerRoleArn"):
        run_stack("local", "platform", {"prod": environment})


@pytest.mark.parametrize("deployers", [["role/deployer", "user/deployer"], ["role/a/deployer", "role/b/deployer"]])
def test_eks_refuses_deployers_of_one_name(deployers: list[str]) -> None:
    """Their access entries would be one resource."""
    arns = [f"arn:aws:iam::{samples.ACCOUNT}:{one}" for one in deployers]
    environment = samples.environment(cluster=EKS, administrators=arns, deployers=arns)
    refused: list[ConfigError] = []

    def program() -> None:
        with pytest.raises(ConfigError) as caught:
            importlib.import_module("stacks.eks").run()
        refused.append(caught.value)

    recording = run(program, stack_configuration("eks", "platform", {"prod": environment}))
    assert recording.resources == {}
    assert refused[0].field == "environments.prod.deployers.1"


def test_the_error_is_one_that_pulumi_prints_without_a_trace() -> None:
    assert issubclass(ConfigError, pulumi.RunError)
