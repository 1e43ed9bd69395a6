"""AwsSopsKey by the real engine on the local AWS, then used by the real sops: who opens which environment's files."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pytest
import yaml

from tests.engine.program_on_aws import REGION, ProgramOnAws
from tests.sops_repository import SopsRepository

ENVIRONMENTS = ("prod", "nonprod")
CONTAINER = "platform/prod/sops-age"
PROGRAM = """
import json, os
import pulumi, pulumi_aws as aws
import components
from components.aws.statements import to_json
from components.aws.trust import irsa_trust

issuer_url, account = os.environ["TEST_ISSUER"], "123456789012"
issuer = aws.iam.OpenIdConnectProvider(
    "issuer", url=issuer_url, client_id_lists=["sts.amazonaws.com"], thumbprint_lists=[os.environ["TEST_THUMBPRINT"]])
container = aws.secretsmanager.Secret("container", name=CONTAINER, recovery_window_in_days=0)
for environment in ("prod", "nonprod"):
    names = components.AwsNames(prefix="platform", environment=environment, account_id=account, region="eu-west-1")
    trust = {who: irsa_trust(provider_arn=names.oidc_provider_arn(issuer_url), issuer_url=issuer_url,
                             namespace=environment, service_account=who) for who in ("team", "pipeline")}
    roles = {who: aws.iam.Role(f"{environment}-{who}", name=f"{environment}-{who}", assume_role_policy=to_json(one),
                               opts=pulumi.ResourceOptions(depends_on=[issuer])) for who, one in trust.items()}
    for who, action in (("team", "PutSecretValue"), ("pipeline", "GetSecretValue")):
        may = {"Effect": "Allow", "Action": f"secretsmanager:{action}", "Resource": names.secret_arn("sops-age")}
        aws.iam.RolePolicy(f"{environment}-{who}-policy", name="age", role=roles[who].name,
                           policy=json.dumps({"Version": "2012-10-17", "Statement": [may]}))
    made = components.AwsSopsKey(
        f"{environment}-sops",
        components.AwsSopsKeyArgs(
            names=names,
            administrators=[f"arn:aws:iam::{account}:user/deployer"],
            editors=[f"arn:aws:iam::{account}:role/{environment}-team"],
            appliers=[f"arn:aws:iam::{account}:role/{environment}-pipeline"],
            deletion_profile=components.DeletionProfile.EPHEMERAL,
        ),
        pulumi.ResourceOptions(depends_on=list(roles.values())),  # KMS refuses a policy that names who is not there
    )
    pulumi.export(environment, made.key.id)
"""


class Place(ProgramOnAws):
    """Its issuer's tokens are those that people have."""

    @cached_property
    def keys(self) -> dict[str, str]:
        """The key of each environment."""
        return self.engine.outputs()

    def role(self, environment: str, who: str) -> dict[str, str]:
        """The variables of somebody who took a role."""
        keys = self.by_token(f"arn:aws:iam::123456789012:role/{environment}-{who}", environment, who)
        return {
            "AWS_ENDPOINT_URL": self.aws.endpoint,
            "AWS_DEFAULT_REGION": REGION,  # the one that every version of the AWS CLI reads
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Place.running(tmp_path_factory.mktemp("sops"), project="sops") as made:
        made.run(f"CONTAINER = {CONTAINER!r}\n{PROGRAM}")
        yield made


@pytest.fixture
def repository(tmp_path: Path) -> SopsRepository:
    return SopsRepository.create(tmp_path)


def test_nothing_changes_when_nothing_changed(place: Place) -> None:
    place.engine.operate("up", "--yes", "--skip-preview", "--expect-no-changes", capture=True)
    place.engine.operate("refresh", "--yes", "--skip-preview", "--expect-no-changes", capture=True)


def test_who_opens_which_files(place: Place, repository: SopsRepository) -> None:
    repository.recipients(**{one: {"kms": [place.keys[one]]} for one in ENVIRONMENTS})
    team, pipeline = (repository.by(**place.role("prod", who)) for who in ("team", "pipeline"))
    other = repository.by(**place.role("nonprod", "team"))
    file, foreign = team.encrypt("prod"), other.encrypt("nonprod")
    assert yaml.safe_load(file.read_text())["sops"]["kms"][0]["context"] == {"environment": "prod"}
    repository.bootstrap("check")

    assert team.opens(file)
    assert pipeline.opens(file)
    team.bootstrap("updatekeys", str(file))
    assert pipeline.opens(file)
    for stranger in (other, repository.by(**place.role("nonprod", "pipeline"))):
        assert not stranger.opens(file)
    assert not repository.by(**place.aws.deployer_environment()).opens(file)  # an administrator of the key
    assert not team.opens(foreign)
    for refused in (pipeline.try_to_encrypt("prod"), other.try_to_encrypt("prod")):
        assert refused.returncode != 0
        assert "AccessDenied" in refused.stderr


def test_a_file_of_another_environment_under_this_key_cannot_be_made(place: Place, repository: SopsRepository) -> None:
    """Even by who may use the key: with a `.sops.yaml` by hand, so that nothing but the key's policy refuses."""
    repository.recipients(prod={"kms": [place.keys["prod"]]})
    team = repository.by(**place.role("prod", "team"))
    configuration = repository.root / ".sops.yaml"
    generated = configuration.read_text()
    for context in ("environment: nonprod", "{}"):
        spoiled = generated.replace("environment: prod", context)
        assert spoiled != generated
        configuration.write_text(spoiled)
        assert "AccessDenied" in team.try_to_encrypt("prod").stderr
    configuration.write_text(generated)
    assert team.try_to_encrypt("prod").returncode == 0


@pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI is the reader's, not one of the project's tools")
def test_both_keys_are_needed_and_the_age_key_lives_in_the_manager(place: Place, repository: SopsRepository) -> None:
    """The commands are those of the runbook, with the AWS CLI."""
    keeper = repository.by(**place.role("prod", "team"))
    store = ("aws", "secretsmanager", "put-secret-value", "--secret-id", CONTAINER)
    made = keeper.bootstrap("age-key", "--", *store, "--secret-string", "file:///dev/stdin")
    public = made.stdout.strip()
    assert public.startswith("age1")

    both = {"age": [public], "kms": [place.keys["prod"]], "both": True}
    repository.recipients(prod=both)
    file = keeper.encrypt("prod")
    repository.bootstrap("check")
    ask = f"aws secretsmanager get-secret-value --secret-id {CONTAINER} --query SecretString --output text"
    pipeline = repository.by(**place.role("prod", "pipeline"))
    assert pipeline.by(SOPS_AGE_KEY_CMD=ask).opens(file)
    assert not pipeline.opens(file)  # the KMS key alone
    private = _printed(pipeline, ask)
    alone = repository.by(SOPS_AGE_KEY_CMD=f"printf %s {private}")
    assert not alone.opens(file)  # the age key alone
    repository.recipients(prod={"age": [public]})
    elsewhere = alone.encrypt("prod")
    assert alone.opens(elsewhere)  # it is the age key


def _printed(who: SopsRepository, command: str) -> str:
    environment = {**os.environ, **who.environment}
    return subprocess.run(command.split(), env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_the_end(place: Place) -> None:
    place.engine.operate("destroy", "--yes", "--skip-preview", capture=True)
