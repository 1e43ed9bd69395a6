"""Vault: who asks for which database credentials, and whose service account becomes him."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.clusters import cluster_of
from bootstrap.proof.offline.documents import Documents, own_part
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.service_accounts import Account, audience, operators, strangers
from bootstrap.proof.offline.vault import JUDGE, JWT, KUBERNETES, bound, hosts, identities
from bootstrap.proof.offline.vault_policy import capabilities

_GENERATOR = "kubernetes:generators.external-secrets.io/v1alpha1:VaultDynamicSecret"
_KINDS = {
    "vault:database/secretBackendRole:SecretBackendRole": "",
    "vault:database/secretBackendStaticRole:SecretBackendStaticRole": "static-",
}
_WRITES = {"create", "update", "patch"}
_OTHER_AUDIENCE = "sts.amazonaws.com"


def rows(documents: Documents) -> list[Row]:
    """Each role of each environment's database against every identity; and logins for credentials."""
    return [*_access(documents), *_logins(documents)]


def _access(documents: Documents) -> Iterator[Row]:
    users = {
        (owner, own_part(_login(one)["role"], owner)): one.at("spec", "path") for owner, one in _generators(documents)
    }
    for environment, who, held in identities(documents):
        for owner, role in documents.owned(*_KINDS):
            mount, name, kind = role.at("backend"), role.at("name"), _KINDS[role.token]
            credentials, connection = f"{mount}/{kind}creds/{name}", f"{mount}/config/{role.at('dbName')}"
            # A policy is called like what it is for; whoever gets it by a login has a generator that says so.
            asks = who == f"database-{name}" or users.get((environment, who)) == credentials
            for action, path, wanted, may in (
                (f"ask for credentials of {name}", credentials, {"read"}, asks),
                (f"change the role {name}", f"{mount}/{kind}roles/{name}", _WRITES, False),
                (f"connect Vault to the database of {name}", connection, _WRITES, who == "database-connection"),
                (f"read how Vault is connected to the database of {name}", connection, {"read"}, False),
            ):
                here = environment == owner
                question = Question(
                    identity=f"{who} of {environment}", action=action, owner=owner, expected=here and may
                )
                yield Row(question=question, allowed=bool(wanted & capabilities(held, path)), judge=JUDGE)


def _generators(documents: Documents) -> list[tuple[str, Seen]]:
    """Those that get in by a role of the stack."""
    roles = {one.at("roleName") for one in documents.of(KUBERNETES, JWT)}
    return [one for one in documents.owned(_GENERATOR) if _login(one[1]).get("role") in roles]


def _login(generator: Seen) -> Mapping[str, Any]:
    """How the generator gets in: its role, and of which method."""
    return next(iter((generator.at("spec", "provider", "auth") or {}).values()), {})


def _account(owner: str, generator: Seen) -> Account:
    login = _login(generator)
    reference = (login.get("kubernetesServiceAccountToken") or login)["serviceAccountRef"]
    return Account(environment=owner, namespace=generator.at("metadata", "namespace"), name=reference["name"])


def _logins(documents: Documents) -> Iterator[Row]:
    """The account that each generator names, others beside it, and the operator, against each login for credentials."""
    generators = _generators(documents)
    made = {one.at("roleName"): one for one in documents.of(KUBERNETES, JWT)}
    trusted = hosts(documents) if generators else {}
    for environment, generator in generators:
        account = _account(environment, generator)
        cluster, own = cluster_of(documents, environment), audience(documents, environment)
        others = [*strangers(account), operators(documents)[environment]]
        for asked, (owner, target), meant_for in product((account, *others), generators, (own, _OTHER_AUDIENCE)):
            role = made[_login(target)["role"]]
            known = trusted.get(role.at("backend")) in (cluster.issuer, cluster.endpoint)
            question = Question(
                identity=str(asked),
                action=f"log in for the credentials {target.at('metadata', 'name')} by a token for {meant_for}",
                owner=owner,
                expected=(asked, meant_for) == (_account(owner, target), own),
            )
            yield Row(question=question, allowed=known and bound(role, asked, meant_for), judge=JUDGE)
