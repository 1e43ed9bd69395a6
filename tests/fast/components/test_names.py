"""Names: for any configuration that is accepted, AWS and Kubernetes accept every name too, and no two meet."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import ConfigError, parse_config
from components.aws.forms import Arn, region_partition
from components.aws.names import EKS_CLUSTER_ROLE, EKS_NODES_ROLE, NODE_ROLE, OPERATOR_ROLE, AwsNames
from tests.fast.components import samples

short_names = st.from_regex(r"[a-z]([a-z0-9]|-[a-z0-9]){0,8}", fullmatch=True)
regions = st.sampled_from(
    ["eu-west-1", "us-east-2", "ap-southeast-5", "cn-north-1", "us-gov-west-1", "eusc-de-east-1", "mx-central-1"]
)
accounts = st.from_regex(r"[0-9]{12}", fullmatch=True)
names = st.builds(AwsNames, prefix=short_names, environment=short_names, account_id=accounts, region=regions)


@given(names)
def test_every_name_fits_its_service(name: AwsNames) -> None:
    for role in (OPERATOR_ROLE, NODE_ROLE, EKS_CLUSTER_ROLE, EKS_NODES_ROLE):
        assert re.fullmatch(r"[\w+=,.@-]{1,64}", name.role_name(role))
        assert Arn.parse(name.role_arn(role)) is not None
    assert re.fullmatch(r"alias/[a-zA-Z0-9/_-]{1,250}", name.alias("secrets"))
    assert re.fullmatch(r"[A-Za-z0-9/_+=.@-]{1,512}", name.secret_name("database/password"))


@given(names, short_names)
def test_the_pattern_of_one_secret_matches_its_arn_and_no_longer_name(name: AwsNames, secret: str) -> None:
    pattern = re.escape(name.secret_arn(secret)).replace(r"\?", ".")
    arn = name.secret_arn(secret).replace("??????", "AbC123")
    assert re.fullmatch(pattern, arn)
    assert not re.fullmatch(pattern, arn.replace(f"{secret}-", f"{secret}/other-"))


@given(st.lists(short_names, min_size=2, max_size=4, unique=True))
def test_no_two_environments_share_a_name(environments: list[str]) -> None:
    values: dict[str, Any] = {one: samples.environment() for one in environments}
    config = parse_config({"prefix": "platform", "environments": values})
    for make in (
        lambda one: config.names(one).role_name(OPERATOR_ROLE),
        lambda one: config.names(one).role_name(NODE_ROLE),
        lambda one: config.names(one).alias("secrets"),
        config.cluster_name,
    ):
        assert len({make(one) for one in environments}) == len(environments)
    prefixes = [config.names(one).secret_prefix for one in environments]
    assert not any(a != b and b.startswith(a) for a in prefixes for b in prefixes)


@given(st.text(max_size=40))
def test_region_partition_never_fails(text: str) -> None:
    partition = region_partition(text)
    assert partition is None or partition.name == "aws" or text.startswith(("cn-", "us-", "eu-", "eusc-"))


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-west-1", "aws"),
        ("cn-northwest-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eusc-de-east-1", "aws-eusc"),
        ("eu-west-1a", None),
        ("xx-west-1", None),
        ("EU-WEST-1", None),
        ("", None),
    ],
)
def test_region_partition(region: str, partition: str | None) -> None:
    found = region_partition(region)
    assert (found.name if found else None) == partition


def test_the_longest_names_make_roles_that_iam_takes() -> None:
    """IAM User Guide, "IAM and AWS STS quotas": a role's name has up to 64 characters."""
    longest = AwsNames(prefix="p" * 24, environment="e" * 20, account_id=samples.ACCOUNT, region="eu-west-1")
    roles = (OPERATOR_ROLE, NODE_ROLE, EKS_CLUSTER_ROLE, EKS_NODES_ROLE)
    assert all(len(longest.role_name(role)) <= 64 for role in roles)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("prefix", "p" * 25),
        ("prefix", "a--b"),
        ("environment", "e" * 21),
        ("environment", "a/b"),
        ("account_id", "12345678901"),
        ("account_id", "١٢٣٤٥٦٧٨٩٠١٢"),
        ("region", "nowhere"),
    ],
)
def test_names_of_the_wrong_form_are_refused(field: str, text: str) -> None:
    good = {"prefix": "platform", "environment": "prod", "account_id": samples.ACCOUNT, "region": "eu-west-1"}
    with pytest.raises(ConfigError, match=f"AwsNames.{field}: is not .*\n  mend: "):
        AwsNames(**{**good, field: text})
