"""Rotation on stack `local`: Secrets Manager behind the guard, real API servers, controllers and External Secrets."""

import pytest
from botocore.exceptions import ClientError

from bootstrap.rotation.secrets.aws import AwsContainer
from bootstrap.rotation.secrets.consumers import RESTART_ON
from tests.cluster.rotation.application import DEPLOYMENTS, SECRET
from tests.cluster.rotation.cases import Applications, RotationCases, applications, rotate
from tests.local_stack import Running, patch_object

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


def test_variables_that_nothing_would_renew_are_refused(stack: Running, applications: Applications) -> None:
    one = applications["nonprod"]
    before = one.container.current()
    annotated, bare = ({"metadata": {"annotations": {RESTART_ON: value}}} for value in (SECRET, None))
    patch_object(one.view, f"{DEPLOYMENTS}/{SECRET}", bare)
    done = rotate(stack, "start", "--stages=nonprod", "--generate=32")
    patch_object(one.view, f"{DEPLOYMENTS}/{SECRET}", annotated)
    assert done.returncode == 1
    assert "nothing restarts it" in " ".join(done.stderr.split())
    assert one.container.current() == before
