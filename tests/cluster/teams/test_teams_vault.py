"""Each team's store opens its own secrets and what is shared: Vault itself refuses the rest, by both auth methods."""

from bootstrap.verification.vault import VaultView
from tests.cluster.proof.mutations_vault import policy_of_the_environment
from tests.cluster.teams.conftest import Teams

SHARED = "ClusterSecretStore/shared"


def test_a_team_reads_its_own_secrets_and_what_is_shared(vault_teams: Teams) -> None:
    assert vault_teams.outcome("payments", "payments/api") == vault_teams.values["payments/api"]
    assert vault_teams.outcome("search", "search/index") == vault_teams.values["search/index"]
    assert vault_teams.outcome("payments", vault_teams.shared, SHARED) == vault_teams.values[vault_teams.shared]


def test_vault_refuses_another_teams_prefix(vault_teams: Teams) -> None:
    for namespace, name, store in (
        ("payments", "search/index", "SecretStore/team"),
        ("search", "payments/api", "SecretStore/team"),
        ("payments", "search/index", SHARED),
        ("payments", vault_teams.shared, "SecretStore/team"),
        ("payments", "payments/../search/index", "SecretStore/team"),
    ):
        said = vault_teams.outcome(namespace, name, store)
        assert "permission denied" in said, (namespace, name, store, said)


def test_a_namespace_outside_has_no_store(vault_teams: Teams) -> None:
    assert "not found" in vault_teams.outcome("apps", "payments/api")
    assert "not allowed from namespace" in vault_teams.outcome("apps", vault_teams.shared, SHARED)


def test_another_service_account_does_not_become_the_team(vault_teams: Teams) -> None:
    view = vault_teams.view
    assert isinstance(view, VaultView)
    mount, _, _ = view.references["identityRole"].partition("/role/")
    role = f"{mount}/role/platform-{view.name}-store-payments"

    def login(namespace: str, name: str) -> int:
        token = view.service_account_token(*view.audiences, namespace=namespace, name=name)
        return view.try_login(token, role).status_code

    assert login("payments", "external-secrets-team") == 200
    assert login("search", "external-secrets-team") in (400, 403)
    assert login("payments", "default") in (400, 403)


def test_it_is_the_policy_that_refuses(vault_teams: Teams) -> None:
    view = vault_teams.view
    assert isinstance(view, VaultView)
    with policy_of_the_environment(view, f"platform-{view.name}-team-payments", "payments"):
        assert vault_teams.outcome("payments", "search/index") == vault_teams.values["search/index"]
    assert "permission denied" in vault_teams.outcome("payments", "search/index")
