"""Credentials that Vault makes: a real Vault and PostgreSQL, and the real generator of External Secrets."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bootstrap.engine import Engine
from bootstrap.paths import REPOSITORY
from bootstrap.verification.environment import EnvironmentView
from tests.cluster.dynamic_credentials.postgres import Postgres, postgres
from tests.local_stack import Running, eventually, force_sync

NAMESPACE, SECRET, TTL_SECONDS = "apps", "database-user", 60


@dataclass(frozen=True)
class Made:
    """The program is up, and Vault is connected to the database."""

    running: Running
    database: Postgres
    engine: Engine

    def credentials(self, environment: str) -> tuple[str, str]:
        data = self.running.views[environment].secret_data(NAMESPACE, SECRET)
        return data["username"].decode(), data["password"].decode()


@pytest.fixture(scope="module")
def made(running_vault: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """In the order of the runbook: engine and roles; the connection, out of band; then what uses it."""
    folder = tmp_path_factory.mktemp("dynamic")
    settings = folder / "settings.json"
    local = running_vault.local
    given = {"DYNAMIC_CREDENTIALS": str(settings), "PYTHONPATH": str(REPOSITORY)}
    engine = Engine(
        stack="test",
        directory=folder / "engine",
        tools=local.tools,
        cloud_environment={"SECRETS_BOOTSTRAP_CLOUD": "vault", **local.cloud.deployer_profile(), **given},
        program=Path(__file__).parent / "program",
    )
    environments = {name: _seen(view) for name, view in running_vault.views.items()}
    with postgres() as database:
        settings.write_text(json.dumps({"connected": False, "environments": environments}))
        engine.prepare()
        engine.up(capture=True)
        try:
            for view in running_vault.views.values():
                _connect(view, database, engine.outputs()[f"{view.name}-connection-policy"])
                database_password_is_vaults_own(database)
                break
            settings.write_text(json.dumps({"connected": True, "environments": environments}))
            engine.up(capture=True)
            yield Made(running_vault, database, engine)
        finally:
            engine.operate("destroy", "--yes", "--skip-preview", capture=True)
