"""Names on Google Cloud: for whatever is accepted, Google accepts every name too, and no two meet."""

import re
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from components import ConfigError, ServiceAccountRef
from components.forms import SECRET_NAME
from components.gcp.forms import SECRET_NAME_SHAPE
from components.gcp.names import NODES_ACCOUNT_ID, OPERATOR_ACCOUNT_ID, GcpNames
from tests.fast.components import samples_gcp

short_names = st.from_regex(r"[a-z]([a-z0-9]|-[a-z0-9]){0,8}", fullmatch=True)
secret_names = st.from_regex(r"[a-z0-9]{1,3}([/_-][a-z0-9]{1,3}){0,3}", fullmatch=True)
PLACE = {"project_id": samples_gcp.PROJECT, "project_number": samples_gcp.NUMBER, "location": "europe-west1"}


@st.composite
def _names(draw: st.DrawFn) -> GcpNames:
    prefix, environment = draw(short_names), draw(short_names)
    assume(len(prefix) + len(environment) <= 23)
    suffix = draw(st.none() | st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True))
    return GcpNames(prefix=prefix, environment=environment, suffix=suffix, **PLACE)


@given(_names(), secret_names)
def test_every_name_fits_its_service(names: GcpNames, secret: str) -> None:
    for role in (OPERATOR_ACCOUNT_ID, NODES_ACCOUNT_ID):
        assert re.fullmatch(r"[a-z](?:[-a-z0-9]{4,28}[a-z0-9])", names.account_id(role))
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,63}", names.key_ring)
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,99}", names.log_bucket)
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,255}", names.secret_name(secret))
    for key, value in names.labels(extra="a").items():
        assert re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", key)
        assert re.fullmatch(r"[a-z0-9_-]{0,63}", value)


@given(st.lists(st.tuples(short_names, short_names, secret_names), min_size=2, max_size=4, unique=True))
def test_no_two_containers_meet(all_parts: list[tuple[str, str, str]]) -> None:
    assume(all(len(prefix) + len(environment) <= 23 for prefix, environment, _ in all_parts))
    made = [
        GcpNames(prefix=prefix, environment=environment, **PLACE).secret_name(secret)
        for prefix, environment, secret in all_parts
    ]
    assert all(one != other for one, other in combinations(made, 2))


def test_the_longest_container_fits() -> None:
    names = GcpNames(prefix="p" * 3, environment="e" * 20, **PLACE)
    longest = "a" * 200
    SECRET_NAME.require("it", longest)
    SECRET_NAME_SHAPE.require("it", longest)
    assert len(names.secret_name(longest)) <= 255


def test_members_and_resources_are_spelled_as_google_does() -> None:
    names, account = samples_gcp.NAMES, ServiceAccountRef(namespace="external-secrets", name="eso")
    assert names.principal(account) == (
        "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/"
        "example-prod.svc.id.goog/subject/ns/external-secrets/sa/eso"
    )
    assert names.workload_member(account) == "serviceAccount:example-prod.svc.id.goog[external-secrets/eso]"
    assert names.gke_agent == "serviceAccount:service-123456789012@container-engine-robot.iam.gserviceaccount.com"
    assert names.secret_manager_agent.endswith("service-123456789012@gcp-sa-secretmanager.iam.gserviceaccount.com")
    assert names.issuer_url("prod") == (
        "https://container.googleapis.com/v1/projects/example-prod/locations/europe-west1/clusters/prod"
    )


def test_an_environment_that_is_made_again_has_names_of_its_own() -> None:
    first, again = samples_gcp.NAMES, GcpNames(prefix="platform", environment="prod", suffix="2", **PLACE)
    assert (first.key_ring, again.key_ring) == ("platform-prod", "platform-prod-2")
    assert (first.log_bucket, again.log_bucket) == ("platform-prod-audit", "platform-prod-2-audit")
    assert first.secret_name("a") == again.secret_name("a")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("prefix", {"prefix": "X"}),
        ("environment", {"environment": "X"}),
        ("project_id", {"project_id": "x"}),
        ("project_number", {"project_number": "x"}),
        ("location", {"location": "global"}),
        ("suffix", {"suffix": "-"}),
        ("prefix", {"prefix": "p" * 20}),
    ],
)
def test_impossible_names(field: str, changes: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        GcpNames(**{"prefix": "platform", "environment": "prod", **PLACE, **changes})
    assert caught.value.field == f"GcpNames.{field}"
