"""Rotation on stack `local-vault`: a real Vault, real API servers, controllers and External Secrets."""

import pytest

from bootstrap.rotation.secrets.vault import VaultContainer
from tests.cluster.rotation.cases import Applications, RotationCases, applications
from tests.local_stack import Running

__all__ = ["applications"]


@pytest.fixture(scope="module")
def stack(running_vault: Running) -> Running:
    return running_vault


class TestOnVault(RotationCases):
    """Every case."""


def test_what_stands_beside_the_value_stays(stack: Running, applications: Applications) -> None:
    for one in applications.values():
        read = one.container.read()
        assert not isinstance(read, str)
        assert read["username"] == "app"


def test_the_writer_reads_nothing(stack: Running, applications: Applications) -> None:
    container = applications["prod"].container
    assert isinstance(container, VaultContainer)
    path = f"/v1/{container.mount}/data/{container.remote_key}"
    with container.writer() as http, container.reader() as reader:
        assert (http.get(path).status_code, reader.get(path).status_code) == (403, 200)
