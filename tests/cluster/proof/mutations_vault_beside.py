"""The same controls in front of CI, of teams and of tenants' keys: how each attack's own is taken away."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from bootstrap.proof import teams
from bootstrap.proof.tenants import PREFIX
from bootstrap.proof.vault_teams import login_of
from bootstrap.verification.vault import VaultView
from tests.cluster.proof.mutations import everybody_uses_the_store
from tests.cluster.proof.mutations_vault import allowed, any_account, login_changed

Mutations = Mapping[str, Callable[[], AbstractContextManager[None]]]


def of_ci(view: VaultView) -> Mutations:
    """Of the role by which CI logs in."""
    ci = view.references["ci"]
    return {
        "another service account logs in as CI": lambda: login_changed(view, ci["role"], bound_claims={}),
        "a token of CI's for another audience logs in as CI": lambda: login_changed(
            view, ci["role"], bound_audiences=[*ci["audiences"], *view.audiences]
        ),
        "CI logs in as the operator": lambda: any_account(view),
        "CI reads the secret that it fills": lambda: allowed(view, view.address_of(f"{PREFIX}secret"), role="writers"),
        "CI fills what the operator alone fills": lambda: allowed(view, view.canary_address, role="writers"),
    }


def of_teams(view: VaultView) -> Mutations:
    """Of the policies and roles of two teams, and of the environment's own store."""
    payments, search = (view.address_of(teams.container_of(view, one)) for one in ("payments", "search"))
    folder = f"{view.references['secretsMount']}/metadata/payments"
    return {
        "the store of team payments reads a secret of team search": lambda: allowed(view, search, role="team-payments"),
        "the store of team search reads a secret of team payments": lambda: allowed(view, payments, role="team-search"),
        "the store that all teams share reads a secret of team payments": lambda: allowed(
            view, payments, role="shared"
        ),
        "team payments uses the environment's own store": lambda: everybody_uses_the_store(view, "payments"),
        "team search logs in as team payments": lambda: any_account(view, login_of(view, "payments")["role"]),
        "team payments writes its own secret": lambda: allowed(view, payments, role="team-payments"),
        "team payments lists its own secrets": lambda: allowed(view, folder, f"{folder}/", role="team-payments"),
    }


def of_tenants(view: VaultView) -> Mutations:
    """Of the policies and roles in front of the tenants' keys."""
    own = view.references["tenantKeys"]["tenants"]["acme"]
    key: str = own["keyId"]
    encrypt, decrypt = (key.replace("/keys/", f"/{one}/") for one in ("encrypt", "decrypt"))
    return {
        "tenant globex logs in as tenant acme": lambda: login_changed(view, own["role"], bound_subject=""),
        "tenant globex opens a data key of tenant acme": lambda: allowed(view, decrypt, role="tenant-globex"),
        "the operator opens a data key of tenant acme": lambda: allowed(view, decrypt),
        "tenant acme seals in the name of tenant globex": lambda: allowed(view, encrypt, role="tenant-acme"),
        "tenant acme rotates its key": lambda: allowed(view, f"{key}/rotate", role="tenant-acme"),
        "tenant acme deletes its key": lambda: allowed(view, key, role="tenant-acme"),
    }
