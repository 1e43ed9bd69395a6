"""Two environments in two AWS accounts, made by one program: each is reached by a role of its own account."""

import copy
import json
from typing import Any

import pytest

from tests.fast.components import samples
from tests.fast.components.mock_engine import Recording
from tests.fast.components.test_golden import CLUSTERS, machine, run_stack  # noqa: F401 - a fixture

SECOND = "210987654321"
ACCOUNTS = {"prod": samples.ACCOUNT, "nonprod": SECOND}


def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/deployer"


def in_account(account: str, **changes: Any) -> dict[str, Any]:
    environment = samples.environment(cluster=copy.deepcopy(CLUSTERS["eks"]), **changes)
    return json.loads(json.dumps(environment).replace(samples.ACCOUNT, account))


def token_arguments(recording: Recording, environment: str) -> list[str]:
    provider = recording.named(f"{environment}-cluster-kubernetes")
    return json.loads(provider.inputs["kubeconfig"])["users"][0]["user"]["exec"]["args"]


@pytest.fixture(scope="module")
def recording() -> Recording:
    environments = {name: in_account(account, deployerRoleArn=role(account)) for name, account in ACCOUNTS.items()}
    return run_stack("eks", "platform", environments)


@pytest.mark.parametrize("environment", ACCOUNTS)
def test_each_provider_takes_the_role_of_its_own_account(recording: Recording, environment: str) -> None:
    inputs = recording.named(f"{environment}-aws").inputs
    account = ACCOUNTS[environment]
    assert json.loads(inputs["allowedAccountIds"]) == [account]
    assert [one["roleArn"] for one in json.loads(inputs["assumeRoles"])] == [role(account)]


@pytest.mark.parametrize("environment", ACCOUNTS)
def test_each_cluster_is_reached_by_the_same_role(recording: Recording, environment: str) -> None:
    arguments = token_arguments(recording, environment)
    assert arguments[arguments.index("--role-arn") + 1] == role(ACCOUNTS[environment])


def test_nothing_of_one_account_is_named_in_the_other(recording: Recording) -> None:
    for one in recording.resources.values():
        # The mocks answer with one account for everything, so look at what is not an answer.
        if one.token == "pulumi:providers:aws" or one.token.startswith("aws:eks/accessEntry"):
            other = SECOND if one.name.startswith("prod-") else samples.ACCOUNT
            assert other not in json.dumps(one.inputs), one.name


def test_without_a_role_the_callers_credentials_are_used() -> None:
    recording = run_stack("eks", "platform", {"prod": in_account(samples.ACCOUNT)})
    assert "assumeRoles" not in recording.named("prod-aws").inputs
    assert "--role-arn" not in token_arguments(recording, "prod")
