"""What every provider does alike, shown on the small ones."""

import pytest
from pulumi.runtime.proto import provider_pb2 as rpc

from bootstrap.errors import BootstrapError
from bootstrap.providers.fields import Field, faults
from bootstrap.providers.properties import UNKNOWN, Secret, encode
from bootstrap.providers.registry import provider
from bootstrap.providers.resource import Created
from tests.fast.providers.driver import CallFailedError, Context, Driver

KEY = "aws:kms/key:Key"
CLUSTER = "localcloud:index:Cluster"


@pytest.fixture
def aws() -> Driver:
    return Driver(provider("aws"), {"region": "eu-west-1"})


def test_unknown_types_are_named(aws: Driver, tls: Driver) -> None:
    for driver, token in ((aws, "aws:sqs/queue:Queue"), (tls, "tls:index/certRequest:CertRequest")):
        with pytest.raises(CallFailedError, match=f"{token} is not a resource type that the offline provider knows"):
            driver.check(token, {})


def test_functions_are_refused(aws: Driver) -> None:
    with pytest.raises(CallFailedError, match="aws:index/getCallerIdentity"):
        aws.provider.Invoke(rpc.InvokeRequest(tok="aws:index/getCallerIdentity:getCallerIdentity"), aws.context)


def test_wrong_inputs_are_named_without_their_values(aws: Driver) -> None:
    found = aws.check(KEY, {"descripton": "hush", "enableKeyRotation": "hush", "tags": ["hush"]})
    assert set(found) == {"descripton", "enableKeyRotation", "tags"}
    assert "hush" not in str(found)
    assert set(aws.check("aws:kms/alias:Alias", {})) == {"name", "targetKeyId"}
    nested = {"type": "cluster", "namespace": "x"}
    inputs = {"clusterName": "c", "principalArn": "p", "policyArn": "a", "accessScope": nested}
    assert set(aws.check("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", inputs)) == {
        "accessScope.namespace"
    }


def test_unknown_and_secret_inputs_pass_the_check(aws: Driver) -> None:
    assert aws.check("aws:kms/alias:Alias", {"name": Secret("alias/a"), "targetKeyId": UNKNOWN}) == {}


def test_items_of_lists_are_checked() -> None:
    known = {"rules": Field(kind=list, fields={"verb": Field(kind=str, required=True)})}
    assert [fault.path for fault in faults(known, {"rules": [{"verb": "get"}, {"verbs": 1}]})] == [
        "rules[1].verbs",
        "rules[1].verb",
    ]


def test_unknown_configuration_is_named(aws: Driver) -> None:
    news = encode({"region": "eu-west-1", "reigon": "x", "version": "7.51.1"})
    response = aws.provider.CheckConfig(rpc.CheckRequest(news=news), aws.context)
    assert [failure.property for failure in response.failures] == ["reigon"]


@pytest.mark.parametrize(
    ("name", "old", "new", "replaces"),
    [
        ("aws", {"region": "a"}, {"region": "b"}, ["region"]),
        ("aws", {"region": "a"}, {"region": "a", "allowedAccountIds": "[]"}, []),
        ("kubernetes", {"kubeconfig": "a"}, {"kubeconfig": "b"}, ["kubeconfig"]),
        (
            "kubernetes",
            {"kubeconfig": "a", "clusterIdentifier": "c"},
            {"kubeconfig": UNKNOWN, "clusterIdentifier": "c"},
            [],
        ),
        ("kubernetes", {"clusterIdentifier": "c"}, {"clusterIdentifier": "d"}, ["clusterIdentifier"]),
    ],
)
def test_another_cloud_means_other_resources(
    name: str, old: dict[str, object], new: dict[str, object], replaces: list[str]
) -> None:
    request = rpc.DiffRequest(old_inputs=encode(old), news=encode(new))
    response = provider(name).DiffConfig(request, Context())  # pyright: ignore[reportAbstractUsage]
    assert list(response.replaces) == replaces
    assert response.changes == rpc.DiffResponse.DIFF_SOME


def test_a_difference_says_what_it_means(aws: Driver) -> None:
    old = {"name": "a", "tags": {"x": "1"}}
    difference = aws.diff("aws:secretsmanager/secret:Secret", old, {"name": "b", "tags": {}, "description": UNKNOWN})
    assert list(difference.replaces) == ["name"]
    assert set(difference.diffs) == {"name", "tags", "description"}
    same = aws.diff("aws:secretsmanager/secret:Secret", old, {**old, "name": "b"}, ignore=("name",))
    assert same.changes == rpc.DiffResponse.DIFF_NONE


def test_a_preview_of_an_update_keeps_what_cannot_change(aws: Driver) -> None:
    state = {"arn": "the arn", "keyId": "id", "tagsAll": {}}
    preview = aws.update(KEY, "id", {}, {"description": "new"}, state, preview=True)
    assert preview == {"arn": "the arn", "keyId": "id", "description": "new", "tagsAll": UNKNOWN}


def test_a_fault_of_ours_shows_its_place_and_no_value(aws: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Created:
        raise ValueError("the value hush")

    monkeypatch.setattr(type(aws.provider.resource(KEY)), "create", broken)
    with pytest.raises(CallFailedError, match=r"ValueError in test_base.py:\d+") as failed:
        aws.create(KEY, {})
    assert "hush" not in failed.value.text


def test_an_error_for_people_reaches_them(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(provider("localcloud"))
    inputs = {"clusterName": "prod", "region": "eu-west-1"}
    monkeypatch.delenv("SECRETS_BOOTSTRAP_STATE_DIR", raising=False)
    with pytest.raises(CallFailedError, match="made by `make up`"):
        driver.create(CLUSTER, inputs)

    def broken(*_: object) -> Created:
        raise BootstrapError("etcd", "did not start", "read its log")

    monkeypatch.setattr(type(driver.provider.resource(CLUSTER)), "create", broken)
    with pytest.raises(CallFailedError, match="etcd: did not start\n  mend: read its log"):
        driver.create(CLUSTER, inputs)
