"""Credentials of a database that Vault makes itself: for a while (roles), or by changing a password (static roles)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_vault as vault

from ..arguments import Arguments
from ..deletion import DeletionProfile
from ..forms import DNS_LABEL
from .forms import DATABASE_USER
from .names import VaultNames
from .policies import connection_policy, credentials_policy, to_json

_DAY_SECONDS = 86400
# A text behind PASSWORD or IDENTIFIED BY of SQL that is not what Vault puts there.
_OWN_PASSWORD = re.compile(
    r"\b(?:PASSWORD|IDENTIFIED\s+(?:WITH\s+\S+\s+)?BY)\s*=?\s*N?['\"](?!\{\{password\}\}['\"])", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class VaultDatabaseRole(Arguments):
    """A kind of user that Vault makes when somebody asks, and removes.

    creation: the statements that make the user `{{name}}` with `{{password}}` until `{{expiration}}`; at least one.
    revocation: the statements that remove it; default the database plugin's own.
    ttl_seconds: how long a user lives; seconds, 60 to 86400; default 3600.
    """

    creation: Sequence[str]
    revocation: Sequence[str] = ()
    ttl_seconds: int = 3600


@dataclass(frozen=True, kw_only=True)
class VaultStaticRole(Arguments):
    """A user of the database whose password Vault changes by itself.

    username: the user, who exists.
    rotation_days: days between two passwords; 1 to 365; default 30.
    """

    username: str
    rotation_days: int = 30


@dataclass(frozen=True, kw_only=True)
class VaultDatabaseArgs(Arguments):
    """Arguments of VaultDatabase.

    names: the environment's names.
    connection: the connection's name; lower-case letters, digits and hyphens; default main.
    roles: the kinds of users that Vault makes, by name; default none.
    static_roles: the users whose passwords it changes, by name; default none. Vault changes a password as soon as it
        knows the role, so the connection must be there already.
    deletion_profile: what a destroy does; DURABLE protects the mount; default DURABLE.
    """

    names: VaultNames
    connection: str = "main"
    roles: Mapping[str, VaultDatabaseRole] = field(default_factory=dict[str, VaultDatabaseRole])
    static_roles: Mapping[str, VaultStaticRole] = field(default_factory=dict[str, VaultStaticRole])
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE

    def __post_init__(self) -> None:
        self.require_form("connection", self.connection, DNS_LABEL)
        for name, role in self.roles.items():
            self.require_form(f"roles.{name}", name, DNS_LABEL)
            self.require(bool(role.creation), f"roles.{name}.creation", "is empty", "say how the user is made")
            self.require(
                all(any(part in one for one in role.creation) for part in ("{{name}}", "{{password}}")),
                f"roles.{name}.creation",
                "makes no user `{{name}}` with the `{{password}}` that Vault chooses",
                "use both; a user of a fixed name is a static role",
            )
            for place, statements in (("creation", role.creation), ("revocation", role.revocation)):
                for index, statement in enumerate(statements):
                    self.require(
                        _OWN_PASSWORD.search(statement) is None,
                        f"roles.{name}.{place}.{index}",
                        "holds a password, which would end up in the state",
                        "write '{{password}}', which Vault fills in",
                    )
            self.require(
                name != "connection",
                f"roles.{name}",
                "is the name of the connection's policy",
                "choose another name",
            )
            self.require(
                60 <= role.ttl_seconds <= _DAY_SECONDS,
                f"roles.{name}.ttl_seconds",
                "is not from 60 to 86400",
                "3600 is usual",
            )
        self.require_distinct(
            {f"static_roles.{name}.username": static.username for name, static in self.static_roles.items()},
            "is another role's user, and each would change the other's password",
            "give each user one role",
        )
        for name, static in self.static_roles.items():
            self.require_form(f"static_roles.{name}", name, DNS_LABEL)
            self.require_form(f"static_roles.{name}.username", static.username, DATABASE_USER)
            self.require(
                1 <= static.rotation_days <= 365,
                f"static_roles.{name}.rotation_days",
                "is not from 1 to 365",
                "30 is usual",
            )
            self.require(
                name not in self.roles and name != "connection",
                f"static_roles.{name}",
                "is a role's name or the connection's policy too, and each has a policy of its name",
                "choose another name",
            )


class VaultDatabase(pulumi.ComponentResource):
    """The environment's database engine, and who may ask it for credentials. It holds no password.

    Creates:
    - the mount `<prefix>/<environment>/database`;
    - each role, and each static role;
    - for each of them the policy `<prefix>-<environment>-database-<name>`: ask for its credentials, nothing else;
    - the policy `<prefix>-<environment>-database-connection`: set the connection and change its password, read nothing.

    The connection itself, with the password of the database's administrator, is written out of band and rotated at
    once, so that nobody but Vault knows it: it passes neither through Pulumi nor through its state.

    Outputs:
    - `mount`: the path of the engine.
    - `credentials`: the paths that credentials are read from, by the name of the role.
    - `policies`: the names of the policies, by the name of the role.
    - `connection_policy`: the name of the connection's policy.
    - `gates`: everything that was created.

    Raises ConfigError for names, statements or times that cannot work.
    Sources: Vault, "Database secrets engine (API)" (`config`, `rotate-root`, `roles`, `static-roles`); "PostgreSQL
    database plugin".
    """

    mount: str
    credentials: Mapping[str, str]
    policies: Mapping[str, pulumi.Output[str]]
    connection_policy: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: VaultDatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:VaultDatabase", name, None, opts)
        self._name, self._args, self.mount = name, args, args.names.mount("database")
        engine = vault.Mount(
            f"{name}-mount",
            path=self.mount,
            type="database",
            description=args.names.description,
            opts=pulumi.ResourceOptions(parent=self, protect=args.deletion_profile.protect),
        )
        roles: list[pulumi.Resource] = [self._role(engine, key, role) for key, role in args.roles.items()]
        roles += [self._static_role(engine, key, role) for key, role in args.static_roles.items()]
        self.credentials = {
            **{key: f"{self.mount}/creds/{key}" for key in args.roles},
            **{key: f"{self.mount}/static-creds/{key}" for key in args.static_roles},
        }
        policies = {key: self._policy(key, to_json(credentials_policy(path))) for key, path in self.credentials.items()}
        connection = self._policy("connection", to_json(connection_policy(self.mount, args.connection)))
        self.policies = {key: policy.name for key, policy in policies.items()}
        self.connection_policy = connection.name
        self.gates = [engine, *roles, *policies.values(), connection]
        self.register_outputs({"mount": self.mount, "credentials": self.credentials})

    def _role(self, engine: vault.Mount, key: str, role: VaultDatabaseRole) -> pulumi.Resource:
        return vault.database.SecretBackendRole(
            f"{self._name}-{key}",
            backend=engine.path,
            name=key,
            db_name=self._args.connection,
            creation_statements=list(role.creation),
            revocation_statements=list(role.revocation) or None,
            default_ttl=role.ttl_seconds,
            max_ttl=role.ttl_seconds,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _static_role(self, engine: vault.Mount, key: str, role: VaultStaticRole) -> pulumi.Resource:
        return vault.database.SecretBackendStaticRole(
            f"{self._name}-{key}",
            backend=engine.path,
            name=key,
            db_name=self._args.connection,
            username=role.username,
            rotation_period=role.rotation_days * _DAY_SECONDS,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _policy(self, key: str, document: str) -> vault.Policy:
        return vault.Policy(
            f"{self._name}-{key}-policy",
            name=self._args.names.full_name(f"database-{key}"),
            policy=document,
            opts=pulumi.ResourceOptions(parent=self),
        )
