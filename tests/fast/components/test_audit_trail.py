"""The account's trail: records everything, into a bucket that only it writes to, once for an account."""

import json
from typing import Any

import pytest

from components import AwsAuditTrail, AwsAuditTrailArgs, ConfigError, DeletionProfile
from tests.fast.components import samples
from tests.fast.components.mock_engine import Recording, run
from tests.fast.components.test_accounts import SECOND, in_account
from tests.fast.components.test_golden import machine, run_stack  # noqa: F401 - a fixture

TRAIL = "aws:cloudtrail/trail:Trail"
TRAIL_ARN = f"arn:aws:cloudtrail:eu-west-1:{samples.ACCOUNT}:trail/platform-audit"
BUCKET_ARN = f"arn:aws:s3:::platform-audit-{samples.ACCOUNT}-eu-west-1"


def trail(**changes: Any) -> Recording:
    values = {"prefix": "platform", "account_id": samples.ACCOUNT, "region": "eu-west-1", **changes}
    return run(lambda: AwsAuditTrail("it", AwsAuditTrailArgs(**values)))


def test_it_records_every_management_event_of_every_region_and_signs_its_files() -> None:
    inputs = trail().named("it-trail").inputs
    assert inputs["isMultiRegionTrail"] is inputs["includeGlobalServiceEvents"] is True
    assert inputs["enableLogFileValidation"] is True
    assert not {"eventSelectors", "advancedEventSelectors"} & inputs.keys()  # the default leaves nothing out


def test_only_this_trail_writes_and_nobody_comes_without_tls() -> None:
    check, write, tls = json.loads(trail().named("it-policy").inputs["policy"])["Statement"]
    for statement in (check, write):
        assert statement["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
        assert statement["Condition"]["StringEquals"]["aws:SourceArn"] == TRAIL_ARN
    assert (check["Action"], check["Resource"]) == (["s3:GetBucketAcl"], BUCKET_ARN)
    assert (write["Action"], write["Resource"]) == (["s3:PutObject"], f"{BUCKET_ARN}/AWSLogs/{samples.ACCOUNT}/*")
    assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_bucket_is_guarded_before_the_first_log_file() -> None:
    recording = trail(retention_days=400)
    private = recording.named("it-private").inputs
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert all(private[flag] is True for flag in flags)
    assert recording.named("it-versions").inputs["versioningConfiguration"] == {"status": "Enabled"}
    (rule,) = recording.named("it-retention").inputs["rules"]
    assert (rule["status"], rule["expiration"]) == ("Enabled", {"days": 400})
    for guard in ("it-private", "it-versions", "it-encryption", "it-retention", "it-policy"):
        assert recording.needs(recording.named("it-trail"), recording.named(guard)), guard


@pytest.mark.parametrize("profile", DeletionProfile)
def test_deletion(profile: DeletionProfile) -> None:
    recording = trail(deletion_profile=profile)
    durable = profile is DeletionProfile.DURABLE
    assert recording.named("it-trail").protect is recording.named("it-bucket").protect is durable
    assert recording.named("it-bucket").inputs["forceDestroy"] is not durable


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prefix", "X-leak"),
        ("account_id", "x-leak"),
        ("region", "x-leak"),
        ("retention_days", 89),
        ("retention_days", 3651),
    ],
)
def test_arguments_that_cannot_work(field: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=rf"AwsAuditTrailArgs\.{field}: ") as caught:
        trail(**{field: value})
    assert "leak" not in str(caught.value)


def test_names_fit_at_their_longest() -> None:
    args = AwsAuditTrailArgs(prefix="p" * 24, account_id=samples.ACCOUNT, region="ap-northeast-1")
    assert len(args.bucket_name) <= 63
    assert 3 <= len(args.trail_name) <= 128


def named(cluster: str, environment: dict[str, Any]) -> dict[str, Any]:
    """The environment with a cluster of its own."""
    environment["cluster"]["name"] = cluster
    return environment


@pytest.mark.parametrize("topology", ["eks", "foundation"])
def test_one_trail_for_an_account(topology: str) -> None:
    environments = {
        "prod": in_account(samples.ACCOUNT),
        "staging": named("staging", in_account(samples.ACCOUNT, deletionProfile="ephemeral")),
        "nonprod": in_account(SECOND, deletionProfile="ephemeral"),
    }
    recording = run_stack(topology, "platform", environments)
    made = {one.name: one for one in recording.of(TRAIL)}
    assert made.keys() == {f"audit-{samples.ACCOUNT}-trail", f"audit-{SECOND}-trail"}
    assert made[f"audit-{samples.ACCOUNT}-trail"].protect is True
    assert made[f"audit-{SECOND}-trail"].protect is False
    assert recording.provider_names(made[f"audit-{SECOND}-trail"]) == ["nonprod-aws"]


def test_a_trail_that_is_there_is_left_alone() -> None:
    foreign = "arn:aws:cloudtrail:eu-west-1:999999999999:trail/organization"
    recording = run_stack("eks", "platform", {"prod": in_account(samples.ACCOUNT, audit={"existingTrailArn": foreign})})
    assert not [one for one in recording.resources.values() if one.token.split(":")[1].startswith(("s3", "cloudtrail"))]


def test_environments_of_one_account_agree() -> None:
    environments = {"prod": in_account(samples.ACCOUNT), "nonprod": named("nonprod", in_account(samples.ACCOUNT))}
    environments["nonprod"]["audit"] = {"retentionDays": 90}
    with pytest.raises(ConfigError, match=r"environments\.nonprod\.audit"):
        run_stack("eks", "platform", environments)
