import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from bootstrap.providers.registry import provider
from bootstrap.providers.resource import Call
from tests.fast.providers.driver import Driver

REGION = "eu-west-1"
SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"


@pytest.fixture
def aws(moto: str) -> Iterator[Driver]:
    """The aws provider on an empty account."""
    environment = {"AWS_ENDPOINT_URL": moto, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    with patch.dict(os.environ, environment):
        yield Driver(provider("aws"), {"region": REGION, "allowedAccountIds": '["123456789012"]'})


@pytest.fixture
def tls() -> Driver:
    return Driver(provider("tls"))


@pytest.fixture
def recorded_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a stack whose recorded clouds are empty."""
    monkeypatch.setenv("SECRETS_BOOTSTRAP_STATE_DIR", str(tmp_path))
    monkeypatch.setattr(Call, "pause", lambda *_: None)  # calls come one after the other here
    return tmp_path


@pytest.fixture
def gcp(recorded_state: Path) -> Driver:
    return Driver(provider("gcp"), {"project": "demo", "region": "europe-west1"})


@pytest.fixture
def azure(recorded_state: Path) -> Driver:
    return Driver(provider("azure-native"), {"subscriptionId": SUBSCRIPTION})
