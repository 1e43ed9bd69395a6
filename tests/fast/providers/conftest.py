import os
from collections.abc import Iterator
from unittest.mock import patch

import httpx2
import pytest
from moto.server import ThreadedMotoServer

from bootstrap.providers.registry import provider
from tests.fast.providers.driver import Driver

REGION = "eu-west-1"


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The endpoint of a moto server in this process."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(moto: str) -> Iterator[Driver]:
    """The aws provider on an empty account."""
    httpx2.post(f"{moto}/moto-api/reset")
    environment = {"AWS_ENDPOINT_URL": moto, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    with patch.dict(os.environ, environment):
        yield Driver(provider("aws"), {"region": REGION, "allowedAccountIds": '["123456789012"]'})


@pytest.fixture
def tls() -> Driver:
    return Driver(provider("tls"))
