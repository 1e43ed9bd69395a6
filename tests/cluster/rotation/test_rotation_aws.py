"""Rotation on stack `local`: Secrets Manager behind the guard, real API servers, controllers and External Secrets."""

import pytest
from botocore.exceptions import ClientError

from bootstrap.rotation.secrets.aws import AwsContainer
from tests.cluster.rotation.application import application
from tests.cluster.rotation.cases import Applications, RotationCases, applications, rotate
from tests.local_stack import Running

__all__ = ["applications"]


@pytest.fixture(scope="module")
def stack(running: Running) -> Running:
    return running


class TestOnAws(RotationCases):
    """Every case."""


def test_the_writer_reads_nothing(stack: Running, applications: Applications) -> None:
    container = applications["prod"].container
    assert isinstance(container, AwsContainer)
    with pytest.raises(ClientError, match="AccessDenied"):
        container.writes.get_secret_value(SecretId=container.remote_key)
    assert container.reads.get_secret_value(SecretId=container.remote_key)["SecretString"]


def test_variables_that_nothing_would_renew_are_refused(stack: Running) -> None:
    with application(stack, "nonprod", annotated=False) as one:
        before = one.container.current()
        done = rotate(stack, "start", "--stages=nonprod", "--generate=32")
        assert done.returncode == 1
        assert "nothing restarts it" in " ".join(done.stderr.split())
        assert one.container.current() == before
