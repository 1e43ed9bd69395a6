from collections.abc import Iterator

import pytest

from bootstrap.providers.registry import provider
from tests.engine.vault.server import ROOT_TOKEN, Vault, started
from tests.fast.providers.driver import Driver


@pytest.fixture(scope="session")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    with started(tmp_path_factory.mktemp("vault")) as server:
        yield server


@pytest.fixture
def driver(vault: Vault) -> Driver:
    """The offline provider, as root."""
    config = {"address": vault.address, "caCertFile": str(vault.authority), "token": ROOT_TOKEN}
    return Driver(provider("vault"), config)
