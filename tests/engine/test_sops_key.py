"""AwsSopsKey by the real engine on the local AWS, then used by the real sops: who opens which environment's files."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore import UNSIGNED
from botocore.config import Config

from bootstrap.engine import Engine
from bootstrap.localcloud.aws.client import LocalAws
from bootstrap.paths import REPOSITORY
from bootstrap.toolchain.folders import tools_dir
from tests.fast.localcloud_aws.issuer import Issuer
from tests.local_stack import environment_of, free_port_base
from tests.sops_repository import SopsRepository

REGION = "eu-west-1"
ENVIRONMENTS = ("prod", "nonprod")
CONTAINER = "platform/prod/sops-age"
PROGRAM = """
import json, os
import pulumi, pulumi_aws as aws
import components
from components.aws.policies import irsa_trust, to_json

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


class Place:
    """The stack, its AWS, and the issuer whose tokens people have."""

    def __init__(self, directory: Path, port: int) -> None:
        self.issuer = Issuer(directory / "issuer")
        self.aws = LocalAws(directory / "aws", port)
        self.aws.start()
        self.aws.register_cluster("people", REGION, self.issuer.url, self.issuer.ca_pem)
        program = directory / "program"
        (program / "stacks").mkdir(parents=True)
        (program / "Pulumi.yaml").write_text("name: sops\nruntime: python\nstackConfigDir: stacks\n")
        (program / "stacks" / "Pulumi.test.yaml").write_text(f"config: {{'aws:region': {REGION}}}\n")
        (program / "__main__.py").write_text(f"CONTAINER = {CONTAINER!r}\n{PROGRAM}")
        given = {
            "PYTHONPATH": str(REPOSITORY),
            "TEST_ISSUER": self.issuer.url,
            "TEST_THUMBPRINT": self.issuer.thumbprint,
        }
        self.engine = Engine(
            stack="test",
            directory=directory / "state",
            tools=tools_dir(),
            cloud_environment={**self.aws.deployer_environment(), **given},
            program=program,
        )
        self.engine.prepare()
        self.engine.up(capture=True)
        self.keys: dict[str, str] = self.engine.outputs()

    def role(self, environment: str, who: str) -> dict[str, str]:
        """The variables of somebody who took a role."""
        connect: Any = boto3.client
        sts = connect(
            "sts", region_name=REGION, endpoint_url=self.aws.endpoint, config=Config(signature_version=UNSIGNED)
        )
        token = self.issuer.token(sub=f"system:serviceaccount:{environment}:{who}")
        arn = f"arn:aws:iam::123456789012:role/{environment}-{who}"
        given = sts.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="test", WebIdentityToken=token)
        keys = given["Credentials"]
        return {
            "AWS_ENDPOINT_URL": self.aws.endpoint,
            "AWS_DEFAULT_REGION": REGION,  # the one that every version of the AWS CLI reads
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory, port = tmp_path_factory.mktemp("sops"), free_port_base()
    with environment_of(directory, port):
        made = Place(directory, port)
        try:
            yield made
        finally:
            made.aws.stop()
            made.issuer.close()


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
