import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from bootstrap.providers.registry import provider
from tests.fast.providers.driver import Driver

REGION = "eu-west-1"


@pytest.fixture
def aws(moto: str) -> Iterator[Driver]:
    """The aws provider on an empty account."""
    environment = {"AWS_ENDPOINT_URL": moto, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    with patch.dict(os.environ, environment):
        yield Driver(provider("aws"), {"region": REGION, "allowedAccountIds": '["123456789012"]'})


@pytest.fixture
def tls() -> Driver:
    return Driver(provider("tls"))
