"""Google Cloud and Azure: who holds a role where, and what the role holds by the catalogue.

What somebody is to an environment is read from the name of his grant, which golden files pin.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bootstrap.errors import BootstrapError
from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline import catalogue, sops_grants
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.teams import Scope, readers, scopes

_JUDGE = "role grants (own evaluator, copied catalogue)"
_HELD = ("actions", "dataActions")
_ANYBODY = ("allUsers", "allAuthenticatedUsers")
_ROLES = {
    "-identity-": "operator",
    "-admin-": "administrator",
    "-administrator-": "administrator",
    "-writer-": "writer",
    "-cluster-administrator-": "administrator of the cluster",
    "-deploy-key-": "deployer",
    "-nodes-": "node",
    "-cluster-identity-": "cluster",
    "-ci-": "CI",
    "-dns01-": "cert-manager",
}
# These stay what they are, whatever else they are granted.
_BESIDE = {"CI", "cert-manager"}
_TENANT = re.compile(r"-(tenant-[a-z0-9-]+?)-(user|admin)-")
_KEYS = "Microsoft.KeyVault/vaults/keys"
_SECRETS = "Microsoft.KeyVault/vaults/secrets"
READ_SECRET = f"{_SECRETS}/getSecret/action"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """member holds these permissions on everything at or below a resource; `role`: what he is, by the grant's name."""

    environment: str
    role: str
    member: str
    permissions: Sequence[str]
    scope: str


@dataclass(frozen=True, kw_only=True)
class Target:
    """Something that is asked about: its path, its owner, what for, the permission, and who may by the design."""

    owner: str
    path: str
    action: str
    permission: str
    roles: frozenset[str]


def rows(documents: Documents) -> list[Row]:
    """Every question about the environments' keys and containers in Google Cloud and Azure."""
    grants = [*google(documents), *azure(documents)]
    targets = [*_google_targets(documents), *azure_targets(documents)]
    held: dict[tuple[str, str], set[str]] = {}
    for grant in grants:
        held.setdefault((grant.environment, grant.member), set()).add(grant.role)
    found: list[Row] = []
    for target in targets:
        for (environment, member), roles in held.items():
            # A group may serve several environments: what it holds in another one is judged by its role there.
            there = held.get((target.owner, member), set[str]())
            if environment != target.owner and there:
                continue
            question = Question(
                identity=f"{' and '.join(sorted(roles))} of {environment}",
                action=target.action,
                owner=target.owner,
                expected=environment == target.owner and bool(roles & target.roles) and not roles & _BESIDE,
            )
            allowed = any(gives(grant, member, target) for grant in grants)
            found.append(Row(question=question, allowed=allowed, judge=_JUDGE))
    return found


def gives(grant: Grant, member: str, target: Target) -> bool:
    if grant.member != member and grant.member not in _ANYBODY:
        return False
    scope, path = grant.scope.lower(), target.path.lower()
    below = path == scope or path.startswith(f"{scope}/")
    return below and any(_matches(one, target.permission) for one in grant.permissions)


def _matches(pattern: str, permission: str) -> bool:
    return permission.startswith(pattern[:-1]) if pattern.endswith("*") else pattern == permission


def _role(name: str, owner: str, of_teams: list[Scope]) -> str:
    # A team's grants are named after its identity.
    teams = {
        one.role for one in of_teams if one.environment == owner and name.startswith(f"{owner}-{one.role}-identity-")
    }
    if teams:
        return max(teams, key=len)
    if name.endswith("-agent"):
        return "agent of the cluster" if "-etcd-" in name else "agent of the manager"
    tenant = _TENANT.search(name)
    if tenant:
        return tenant[1] if tenant[2] == "user" else "tenants-administrator"  # a tenant's key is called like its user
    # The longest part decides: a cluster's identity is no operator's.
    parts = [part for part in _ROLES if part in f"{name}-"]
    return _ROLES[max(parts, key=len)] if parts else "nobody known"


def google(documents: Documents) -> Iterator[Grant]:
    places = {
        "gcp:secretmanager/secretIamMember:SecretIamMember": "secretId",
        "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": "cryptoKeyId",
        "gcp:kms/keyRingIAMMember:KeyRingIAMMember": "keyRingId",
        "gcp:projects/iAMMember:IAMMember": "project",
        "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": "repository",
        "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember": "managedZone",
    }
    of_teams = scopes(documents)
    made = {one.at("name"): one.at("permissions") for one in documents.of("gcp:projects/iAMCustomRole:IAMCustomRole")}
    known = {**catalogue.GOOGLE, **made}
    for owner, one in documents.owned(*places):
        field, role = places[one.token], one.at("role")
        if role not in known:
            raise _unknown(role)
        scope, permissions = _scope(one, field), sorted(known[role])
        yield Grant(
            environment=owner,
            role=sops_grants.role(one.name, scope) or _role(one.name, owner, of_teams),
            member=one.at("member"),
            permissions=permissions,
            scope=scope,
        )


def _scope(grant: Seen, field: str) -> str:
    """The full name of what a grant is on."""
    project = f"projects/{grant.at('project')}"
    match field:
        case "project":
            return project
        case "repository":
            return f"{project}/locations/{grant.at('location')}/repositories/{grant.at(field)}"
        case "managedZone":
            return f"{project}/managedZones/{grant.at(field)}"
        case _:
            return grant.at(field)


def azure(documents: Documents) -> Iterator[Grant]:
    of_teams = scopes(documents)
    made = {
        str(one.at("roleDefinitionId")): [
            action for each in one.at("permissions") for kind in _HELD for action in each.get(kind) or ()
        ]
        for one in documents.of("azure-native:authorization:RoleDefinition")
    }
    known = {**catalogue.AZURE, **made}
    for owner, one in documents.owned("azure-native:authorization:RoleAssignment"):
        role = str(one.at("roleDefinitionId")).rpartition("/")[2]
        if role not in known:
            raise _unknown(role)
        yield Grant(
            environment=owner,
            role=sops_grants.role(one.name, one.at("scope")) or _role(one.name, owner, of_teams),
            member=one.at("principalId"),
            permissions=known[role],
            scope=one.at("scope"),
        )


def _unknown(role: str) -> BootstrapError:
    return BootstrapError(
        f"the role {role}", "its permissions are not known here", "add it to bootstrap/proof/offline/catalogue.py"
    )


def _google_targets(documents: Documents) -> Iterator[Target]:
    of_teams, secrets = scopes(documents), list(documents.owned("gcp:secretmanager/secret:Secret"))
    for owner, one in secrets:
        name = str(one.at("secretId"))
        path = f"projects/{one.at('project')}/secrets/{name}"
        short = name.rpartition(f"--{owner}--")[2]
        written = "deployer" if short.startswith("argocd--") else "writer"
        filler = "operator" if (owner, name) in documents.pushed else written
        may_read = {"operator"} | ({filler} & {"deployer"}) | readers(of_teams, owner, short, "--")
        for verb, permission, roles in (
            ("read", "versions.access", may_read),
            ("write", "versions.add", {filler}),
            ("delete", "secrets.delete", set[str]()),
            ("setIamPolicy", "secrets.setIamPolicy", set[str]()),
        ):
            yield Target(
                owner=owner,
                path=path,
                action=f"{verb} the secret {short}",
                permission=f"secretmanager.{permission}",
                roles=frozenset(roles),
            )
    for owner, project in sorted({(owner, one.at("project")) for owner, one in secrets}):
        yield Target(
            owner=owner,
            path=f"projects/{project}",
            action="list the secrets",
            permission="secretmanager.secrets.list",
            roles=frozenset(),
        )
    for owner, one in documents.owned("gcp:kms/cryptoKey:CryptoKey"):
        name = one.at("name")
        for verb, permission in (
            ("encrypt with", "cryptoKeyVersions.useToEncrypt"),
            ("decrypt with", "cryptoKeyVersions.useToDecrypt"),
            ("manage", "cryptoKeys.setIamPolicy"),
        ):
            yield Target(
                owner=owner,
                path=f"{one.at('keyRing')}/cryptoKeys/{name}",
                action=f"{verb} the {name} key",
                permission=f"cloudkms.{permission}",
                roles=_of_google_key(name, verb),
            )


def _of_google_key(name: str, verb: str) -> frozenset[str]:
    """Who may do something with a key by the design."""
    if name == sops_grants.KEY:
        return sops_grants.USERS.get(verb, frozenset({sops_grants.ADMINISTRATOR}))
    if name.startswith("tenant-"):
        return frozenset({"tenants-administrator" if verb == "manage" else name})
    user = "agent of the cluster" if name == "etcd" else "agent of the manager"
    return frozenset({"administrator" if verb == "manage" else user})


def azure_targets(documents: Documents) -> Iterator[Target]:
    """Azure has no built-in role that manages a key or writes a secret and cannot use or read it: administrators use
    keys, and writers read what they write."""
    grants, of_teams = list(azure(documents)), scopes(documents)
    groups = {str(grant.scope).partition("/vaults/")[0] for grant in grants if "/vaults/" in grant.scope}
    of_keys: set[tuple[str, str]] = set()
    for owner, one in documents.owned("azure-native:keyvault:Key"):
        vault, name = one.at("vaultName"), one.at("keyName")
        of_keys.add((owner, vault))
        users = {"administrator"} | ({"cluster"} if name == "etcd" else set[str]())
        wrappers = users | ({name} if name.startswith("tenant-") else set[str]())
        for verb, permission, roles in (
            ("encrypt with", "encrypt/action", users),
            ("decrypt with", "decrypt/action", users),
            ("wrap with", "wrap/action", wrappers),
            ("unwrap with", "unwrap/action", wrappers),
            ("delete", "delete", {"administrator"}),
        ):
            of_sops = sops_grants.USERS.get(verb, frozenset()) if name == sops_grants.KEY else frozenset()
            yield Target(
                owner=owner,
                path=f"{_root(groups, one.at('resourceGroupName'))}/vaults/{vault}/keys/{name}",
                action=f"{verb} the {name} key",
                permission=f"{_KEYS}/{permission}",
                roles=frozenset(roles) | of_sops,
            )
    for owner, one in documents.owned("azure-native:keyvault:Vault"):
        if (owner, one.at("vaultName")) in of_keys:
            continue
        vault = f"{_root(groups, one.at('resourceGroupName'))}/vaults/{one.at('vaultName')}"
        yield Target(
            owner=owner,
            path=vault,
            action="list the secrets",
            permission=f"{_SECRETS}/readMetadata/action",
            roles=frozenset({"operator"}),
        )
        # No document lists the secrets: those of teams are known by the grants on them.
        granted = {
            grant.scope.rpartition("/secrets/")[2]
            for grant in grants
            if grant.scope.lower().startswith(f"{vault}/secrets/".lower())
        }
        of_some_team = sorted(name for name in granted if readers(of_teams, owner, name, "--"))
        for short in ("canary", "database", "any-other", *of_some_team):
            written = {"writer"} if short in ("database", *of_some_team) else set[str]()
            filler = {"operator"} if (owner, short) in documents.pushed else written
            for verb, permission, roles in (
                ("read", READ_SECRET, {"operator"} | filler | readers(of_teams, owner, short, "--")),
                ("write", f"{_SECRETS}/setSecret/action", filler),
            ):
                yield Target(
                    owner=owner,
                    path=f"{vault}/secrets/{short}",
                    action=f"{verb} the secret {short}",
                    permission=permission,
                    roles=frozenset(roles),
                )


def _root(groups: set[str], group: str) -> str:
    return next((one for one in sorted(groups) if f"/resourcegroups/{group}/".lower() in f"{one}/".lower()), "")
