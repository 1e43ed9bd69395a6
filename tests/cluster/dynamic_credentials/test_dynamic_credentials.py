"""Credentials that Vault makes: a real Vault and PostgreSQL, and the real generator of External Secrets."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
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
    """The program is up, and Vault is connected to the database of each environment."""

    running: Running
    databases: Mapping[str, Postgres]
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
    with ExitStack() as servers:
        databases = {name: servers.enter_context(postgres()) for name in environments}
        settings.write_text(json.dumps({"connected": False, "environments": environments}))
        engine.prepare()
        engine.up(capture=True)
        try:
            for view in running_vault.views.values():
                _connect(view, databases[view.name], engine.outputs()[f"{view.name}-connection-policy"])
            settings.write_text(json.dumps({"connected": True, "environments": environments}))
            engine.up(capture=True)
            yield Made(running_vault, databases, engine)
        finally:
            engine.operate("destroy", "--yes", "--skip-preview", capture=True)


def _seen(view: EnvironmentView) -> dict[str, Any]:
    """What a program that makes the whole environment has at hand: its store, and how the operator logs in."""
    provider = view.custom_resource("clustersecretstores", view.references["storeName"])["spec"]["provider"]["vault"]
    return {
        "kubeconfig": view.references["kubeconfigPath"],
        "kind": view.references["identityKind"],
        "principal": view.references["identityRole"],
        "serviceAccount": view.references["serviceAccount"],
        "auth": provider.pop("auth"),
        "store": provider,
    }


def _connect(view: Any, database: Postgres, policy: str) -> None:
    """Out of band: who holds the connection's policy gives Vault an administrator, whose password it then changes."""
    role = f"/v1/auth/machines/certs/{policy}"
    mount = f"/v1/platform/{view.name}/database"
    user, password = f"vault-{view.name}", f"first-of-{view.name}"
    sql = f"CREATE ROLE \"{user}\" SUPERUSER LOGIN PASSWORD '{password}'"
    assert database.ask(database.administrator, database.first_password, sql).returncode == 0
    connection = {
        "plugin_name": "postgresql-database-plugin",
        "connection_url": f"postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{database.port}/postgres",
        "allowed_roles": ["app", "report"],
        "username": user,
        "password": password,
    }
    with view.vault.login() as deployer:
        body = {
            "certificate": view.vault.machines.authority.certificate.read_text(),
            "allowed_common_names": ["writer"],
            "token_policies": [policy],
            "token_no_default_policy": True,
        }
        deployer.post(role, json=body).raise_for_status()
        with view.vault.login_as_writer(policy) as http:
            http.post(f"{mount}/config/main", json=connection).raise_for_status()
            http.post(f"{mount}/rotate-root/main").raise_for_status()
            assert http.get(f"{mount}/config/main").status_code == 403
            assert http.get(f"{mount}/creds/app").status_code == 403
        deployer.delete(role).raise_for_status()
    assert database.ask(user, password, "SELECT 1").returncode != 0  # Vault alone knows the next one


@pytest.mark.parametrize("environment", ["nonprod", "prod"])
def test_the_secret_holds_a_user_that_vault_made(made: Made, environment: str) -> None:
    user, password = made.credentials(environment)
    assert made.databases[environment].lets_in(user, password)
    assert not made.databases[environment].lets_in(user, f"{password}x")
    assert user.startswith("v-")
    stored = json.dumps(made.engine.export())
    assert password not in stored
    assert user not in stored


def test_credentials_are_made_anew_and_the_old_ones_overlap_and_end(made: Made) -> None:
    old, view, database = made.credentials("nonprod"), made.running.nonprod, made.databases["nonprod"]
    started = time.monotonic()
    force_sync(view, NAMESPACE, SECRET)

    @eventually(20)
    def there_are_new_ones() -> None:
        assert made.credentials("nonprod") != old

    there_are_new_ones()
    assert database.lets_in(*old)
    assert database.lets_in(*made.credentials("nonprod"))

    @eventually(TTL_SECONDS + 30)
    def the_old_ones_have_ended() -> None:
        assert not database.lets_in(*old)

    the_old_ones_have_ended()
    count = database.ask(database.administrator, database.first_password, _users_called(old[0]))
    assert count.stdout.strip() == "0"
    # Without anybody's doing, the Secret has been renewed meanwhile, and what it holds still works.
    assert time.monotonic() - started > 1
    assert database.lets_in(*made.credentials("nonprod"))


def _users_called(name: str) -> str:
    return f"SELECT count(*) FROM pg_roles WHERE rolname = '{name}'"


@pytest.mark.parametrize("environment", ["nonprod", "prod"])
def test_another_account_gets_no_credentials(made: Made, environment: str) -> None:
    """The very login that works for the account of the credentials is refused to the operator's own."""
    view: Any = made.running.views[environment]
    mount = view.references["identityRole"].partition("/role/")[0]
    role = f"{mount}/role/platform-{environment}-apps-database-user"
    own = view.operator_token(namespace=NAMESPACE, name="database-user")
    answer = view.try_login(own, role)
    assert answer.status_code == 200
    assert answer.json()["auth"]["policies"] == [f"platform-{environment}-database-app"]
    assert view.try_login(view.operator_token(), role).is_error


def test_vault_changes_the_password_of_a_static_user(made: Made) -> None:
    view: Any = made.running.prod
    with view.vault.login() as deployer:
        role = deployer.get("/v1/platform/prod/database/static-roles/report").raise_for_status().json()["data"]
    assert (role["username"], role["rotation_period"]) == ("report", 30 * 86400)
    assert role["last_vault_rotation"]


def test_a_second_up_changes_nothing(made: Made) -> None:
    made.engine.up("--expect-no-changes", capture=True)
