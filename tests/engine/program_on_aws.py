"""A program by the real engine on a local AWS of its own, and an issuer whose service accounts take its roles."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from bootstrap.localcloud.aws.client import LocalAws
from tests.fast.localcloud_aws.issuer import Issuer
from tests.local_stack import environment_of, free_port_base
from tests.own_program import own_program

REGION = "eu-west-1"


class ProgramOnAws:
    """The stack, its AWS, and the issuer, which the program finds as TEST_ISSUER and TEST_THUMBPRINT."""

    def __init__(self, directory: Path, port: int, *, project: str) -> None:
        self.issuer = Issuer(directory / "issuer")
        self.aws = LocalAws(directory / "aws", port)
        self.aws.start()
        self.aws.register_cluster("cluster", REGION, self.issuer.url, self.issuer.ca_pem)
        given = {"TEST_ISSUER": self.issuer.url, "TEST_THUMBPRINT": self.issuer.thumbprint}
        self.engine = own_program(
            directory,
            project,
            config={"aws:region": REGION},
            environment={**self.aws.deployer_environment(), **given},
        )

    @classmethod
    @contextmanager
    def running(cls, directory: Path, *, project: str) -> Iterator[Self]:
        port = free_port_base()
        with environment_of(directory, port):
            made = cls(directory, port, project=project)
            try:
                yield made
            finally:
                made.aws.stop()
                made.issuer.close()

    def run(self, program: str) -> None:
        self.engine.write(program)
        self.engine.up(capture=True)

    def client(self, service: str, credentials: dict[str, str] | None, **more: Any) -> Any:
        keys = credentials or {}
        return boto3.client(
            service,  # pyright: ignore[reportArgumentType, reportCallIssue]
            region_name=REGION,
            endpoint_url=self.aws.endpoint,
            aws_access_key_id=keys.get("AccessKeyId"),
            aws_secret_access_key=keys.get("SecretAccessKey"),
            aws_session_token=keys.get("SessionToken"),
            **more,
        )

    def by_token(self, role_arn: str, namespace: str, account: str) -> dict[str, str]:
        """What STS gives a service account's token for a role."""
        sts = self.client("sts", None, config=Config(signature_version=UNSIGNED))
        token = self.issuer.token(sub=f"system:serviceaccount:{namespace}:{account}")
        return sts.assume_role_with_web_identity(RoleArn=role_arn, RoleSessionName="test", WebIdentityToken=token)[
            "Credentials"
        ]
