"""Vault: the policies that each auth role hands out, and whose tokens it takes."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import product

from bootstrap.errors import BootstrapError
from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.ci_vault import meant_to_hold
from bootstrap.proof.offline.clusters import Cluster, cluster_of
from bootstrap.proof.offline.documents import Documents, own_part
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.service_accounts import OPERATOR, Account, asking, audience, rightful
from bootstrap.proof.offline.teams import readers, scopes
from bootstrap.proof.offline.vault_policy import Policy, capabilities

JUDGE = "Vault policies (own evaluator)"
_POLICY = "vault:index/policy:Policy"
KUBERNETES, JWT = "vault:kubernetes/authBackendRole:AuthBackendRole", "vault:jwt/authBackendRole:AuthBackendRole"
_OTHER_AUDIENCE = "sts.amazonaws.com"
_CERTIFICATE = "vault:index/certAuthBackendRole:CertAuthBackendRole"


def rows(documents: Documents) -> list[Row]:
    """Every question about the environments' containers, keys and auth roles in Vault."""
    found = [
        Row(
            question=Question(identity=f"{role} of {environment}", action=action, owner=owner, expected=expected),
            allowed=bool(wanted & capabilities(held, path)),
            judge=JUDGE,
        )
        for environment, role, held in identities(documents)
        for owner, path, wanted, action, roles in targets(documents)
        for expected in [owner == environment and role in roles]
    ]
    return [*found, *_logins(documents)]


def identities(documents: Documents) -> Iterator[tuple[str, str, list[Policy]]]:
    """Environment, role and policies of who logs in by an auth role, and of writers, who may log in elsewhere."""
    texts = policies(documents)
    handed: set[str] = set()
    own = rightful(documents)
    for token, field in ((KUBERNETES, "roleName"), (JWT, "roleName"), (_CERTIFICATE, "name")):
        for owner, one in documents.owned(token):
            handed.update(one.at("tokenPolicies") or ())
            yield owner, _who(one.at(field), owner, own), policies_of(one, texts)
    for owner, one in documents.owned(_POLICY):
        if one.at("name") not in handed:
            yield owner, _who(one.at("name"), owner, own), [json.loads(one.at("policy"))]


def policies(documents: Documents) -> dict[str, Policy]:
    """Every policy by its name."""
    return {one.at("name"): json.loads(one.at("policy")) for one in documents.of(_POLICY)}


def policies_of(role: Seen, texts: Mapping[str, Policy]) -> list[Policy]:
    """The policies that an auth role hands out. Raises BootstrapError for one that is not there."""
    for name in role.at("tokenPolicies") or ():
        if name not in texts:
            raise BootstrapError(
                f"the policy {name}",
                "is handed out and is not among the resources, so nobody can say what it allows",
                "add the state of the stack that made it",
            )
    return [texts[name] for name in role.at("tokenPolicies") or ()]


def _who(name: str, owner: str, own: Mapping[Account, str]) -> str:
    """What the holder of a role or policy is in its environment, by the role's or policy's name."""
    stores = {_role(one, who): who for one, who in own.items() if one.environment == owner}
    return stores.get(own_part(name, owner), own_part(name, owner))


def _role(account: Account, who: str) -> str:
    """The role that an account logs in by: a team has one for each of its namespaces."""
    return "external-secrets" if who == OPERATOR else f"store-{account.namespace}"


def targets(documents: Documents) -> Iterator[tuple[str, str, set[str], str, set[str]]]:
    """Owner, path, capabilities of which one is enough, what they are for, and who may by the design."""
    writing, of_teams = {"create", "update", "patch"}, scopes(documents)
    for owner, one in documents.owned("vault:generic/endpoint:Endpoint"):
        mount, _, name = str(one.at("path")).partition("/metadata/")
        writers = {"writers"} | meant_to_hold(documents, owner, "writers")
        fillers = {OPERATOR} if (owner, name) in documents.pushed else writers
        may_read = {OPERATOR} | readers(of_teams, owner, name)
        yield owner, f"{mount}/data/{name}", {"read"}, f"read the secret {name}", may_read
        yield owner, f"{mount}/data/{name}", writing, f"write the secret {name}", fillers
        yield owner, f"{mount}/data/{name}", {"delete"}, f"delete the secret {name}", set()
        yield owner, f"{mount}/destroy/{name}", {"update"}, f"destroy versions of the secret {name}", set()
        yield owner, f"{mount}/metadata/", {"list"}, "list the secrets", set()
    for owner, one in documents.owned("vault:transit/secretBackendKey:SecretBackendKey"):
        mount, name = one.at("backend"), one.at("name")
        # A tenant's key and its user are called alike. Nobody else in the stack manages a key.
        tenants = name.startswith("tenant-")
        users = {"node"} if name == "etcd" else {name} if tenants else set[str]()
        managers = {"tenants-administrator"} if tenants else set[str]()
        for use in ("encrypt", "decrypt"):
            yield owner, f"{mount}/{use}/{name}", {"update"}, f"{use} with the {name} key", users
        yield owner, f"{mount}/keys/{name}/rotate", {"update"}, f"rotate the {name} key", managers
        yield owner, f"{mount}/keys/{name}", {"delete"}, f"delete the {name} key", managers
        yield owner, f"{mount}/export/encryption-key/{name}", {"read"}, f"take out the {name} key", set()


def hosts(documents: Documents) -> dict[str, str]:
    """Whose tokens each auth method takes: the cluster that it asks, or the issuer."""
    return {
        **{
            one.at("backend"): one.at("kubernetesHost")
            for one in documents.of("vault:kubernetes/authBackendConfig:AuthBackendConfig")
        },
        **{one.at("path"): one.at("boundIssuer") for one in documents.of("vault:jwt/authBackend:AuthBackend")},
    }


def _logins(documents: Documents) -> Iterator[Row]:
    trusted, own = hosts(documents), rightful(documents)
    roles = list(documents.owned(KUBERNETES, JWT))
    for asked in asking(documents) if roles else ():
        cluster, right = cluster_of(documents, asked.environment), audience(documents, asked.environment)
        for (owner, role), meant_for in product(roles, (right, _OTHER_AUDIENCE, str(cluster.issuer))):
            called, who = own_part(role.at("roleName"), owner), own.get(asked)
            whose = "the cluster" if meant_for == cluster.issuer else meant_for
            question = Question(
                identity=str(asked),
                action=f"log in as {'the operator' if called == 'external-secrets' else called} by a token for {whose}",
                owner=owner,
                expected=who is not None
                and (asked.environment, _role(asked, who), meant_for) == (owner, called, right),
            )
            yield Row(question=question, allowed=lets_in(role, trusted, cluster, asked, meant_for), judge=JUDGE)


def lets_in(role: Seen, trusted: Mapping[str, str], cluster: Cluster, account: Account, audience: str) -> bool:
    """Whether a role takes the token of a cluster's account. trusted: whose tokens each auth method takes."""
    return trusted.get(role.at("backend")) in (cluster.issuer, cluster.endpoint) and bound(role, account, audience)


def bound(role: Seen, account: Account, audience: str) -> bool:
    """Whether a role takes a token. Without an audience a role of the JWT method takes none that has one, and a role of
    the Kubernetes method is said to take any. Bound claims only narrow, and are not counted on.

    Sources: Vault, "Kubernetes auth method (API)" and "JWT/OIDC auth method (API)", parameters of a role.
    """

    def among(field: str, value: str) -> bool:
        return any(re.fullmatch(re.escape(name).replace(r"\*", ".*"), value) for name in role.at(field) or ())

    if role.token == JWT:
        subject = role.at("boundSubject") in (None, "", account.subject)
        return subject and audience in (role.at("boundAudiences") or ())
    namespaced = among("boundServiceAccountNamespaces", account.namespace)
    selected = bool(role.at("boundServiceAccountNamespaceSelector"))  # by labels that no document shows
    meant = role.at("audience") in (None, "", audience)
    return among("boundServiceAccountNames", account.name) and (namespaced or selected) and meant
