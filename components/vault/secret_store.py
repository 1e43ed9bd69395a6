"""Containers in Vault's kv engine. It never holds a value: containers are created empty and filled by others."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_vault as vault

from ..arguments import Arguments
from ..contracts import CanaryRef, StoreRef
from ..deletion import DeletionProfile
from ..forms import SECRET_NAME, TENANTS_FOLDER
from ..operator_filled import require_operator_filled
from .forms import CERTIFICATES, MOUNT
from .names import OPERATOR, WRITERS, VaultNames
from .policies import Document, operator_policy, to_json, writers_policy

PROPERTY = "value"
"""Under which key of a container the library keeps a value: Vault's kv engine keeps mappings."""
_SECONDS_A_DAY = 24 * 60 * 60


@dataclass(frozen=True, kw_only=True)
class VaultSecretSpec(Arguments):
    """One container.

    description: what it is for; up to 512 bytes; default none.
    existing: whether it is in the mount already and stays as it is; default false.
    """

    description: str | None = None
    existing: bool = False


@dataclass(frozen=True, kw_only=True)
class VaultSecretStoreArgs(Arguments):
    """Arguments of VaultSecretStore.

    names: the environment's names, with Vault's address.
    ca_certificate: the authority of Vault's own certificate, PEM; default none: a public one.
    canary: the name of the container for the first sync, not under `tenants/`; default canary.
    operator_filled: names of other containers that the operator fills, not under `tenants/`; default none.
    secrets: the other containers by name; default none.
    max_versions: how many versions of a value are kept; 1 to 1000; default 10.
    delete_versions_after_days: when a version is deleted by itself; days, 0 (never) to 3650; default 0.
    existing_mount: the path of a kv engine, version 2, to adopt; its settings stay as they are; default none.
    deletion_profile: what a destroy does; DURABLE protects the mount and the containers; default DURABLE.
    """

    names: VaultNames
    ca_certificate: str | None = None
    canary: str = "canary"
    operator_filled: Sequence[str] = ()
    secrets: Mapping[str, VaultSecretSpec] = field(default_factory=dict[str, VaultSecretSpec])
    max_versions: int = 10
    delete_versions_after_days: int = 0
    existing_mount: str | None = None
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE

    def __post_init__(self) -> None:
        if self.ca_certificate is not None:
            self.require_form("ca_certificate", self.ca_certificate, CERTIFICATES)
        if self.existing_mount is not None:
            self.require_form("existing_mount", self.existing_mount, MOUNT)
        self.require(1 <= self.max_versions <= 1000, "max_versions", "is not from 1 to 1000", "10 is usual")
        self.require(
            0 <= self.delete_versions_after_days <= 3650,
            "delete_versions_after_days",
            "is not from 0 to 3650 days",
            "0 keeps versions until newer ones push them out",
        )
        self.require(
            self.canary not in self.secrets, f"secrets.{self.canary}", "is the canary's container", "remove it"
        )
        self.require(
            not self.canary.startswith(TENANTS_FOLDER),
            "canary",
            "lies among the tenants' containers, where the operator may write nothing",
            f"choose a name that does not begin with {TENANTS_FOLDER}",
        )
        self._require_name("canary", self.canary)
        require_operator_filled(self, self.operator_filled, {self.canary, *self.secrets})
        for index, name in enumerate(self.operator_filled):
            self._require_name(f"operator_filled.{index}", name)
        for name, spec in self.secrets.items():
            self._require_name(f"secrets.{name}", name)
            self.require(
                len((spec.description or "").encode()) <= 512,
                f"secrets.{name}.description",
                "is longer than the 512 bytes that Vault keeps",
                "shorten it",
            )

    def _require_name(self, field_name: str, name: str) -> None:
        self.require_form(field_name, name, SECRET_NAME)
        self.require(
            not self.names.is_misread(name, self.mount),
            field_name,
            "begins with the mount's own path, which the operator takes off, so it would read another container",
            "choose another name",
        )

    @property
    def mount(self) -> str:
        """The path of the environment's kv engine."""
        return self.existing_mount or self.names.mount("secrets")


class VaultSecretStore(pulumi.ComponentResource):
    """The environment's containers in a kv engine of their own, and who may use them.

    Creates:
    - unless one is adopted, the kv mount (version 2) `<prefix>/<environment>/secrets` and its settings;
    - for each name that is not adopted, an empty container: metadata without a version;
    - the policy `<prefix>-<environment>-external-secrets`: read the mount's values, fill the canary;
    - the policy `<prefix>-<environment>-writers`: put values, read none. You give it to people and programs.

    A value is a mapping; what the library keeps itself stands under the key `value`. The canary's metadata says what
    the operator would write there, so that nothing changes back and forth.

    Outputs:
    - `store`: the secret manager (StoreRef).
    - `canary`: the container for the first sync (CanaryRef).
    - `mount`: the path of the kv engine.
    - `operator_policy`, `writers_policy`: the policies' names.
    - `gates`: everything that was created.

    Vault keeps no deleted mount or container for later: DURABLE protects them from Pulumi. A deleted version can be
    restored until it is destroyed or pushed out.

    Raises ConfigError for names, numbers, paths or certificates that cannot work.
    Sources: Vault, "KV secrets engine - version 2 (API)" (metadata without a version; `custom_metadata` up to 512
    bytes a value); external-secrets v0.20.4, `pkg/provider/vault`.
    """

    store: StoreRef
    canary: CanaryRef
    mount: str
    operator_policy: pulumi.Output[str]
    writers_policy: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: VaultSecretStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:VaultSecretStore", name, None, opts)
        self._name, self._args, self.mount = name, args, args.mount
        engine: Sequence[pulumi.Resource] = () if args.existing_mount is not None else self._engine()
        # The operator writes exactly this into the metadata of what it fills, and takes nothing else for its own.
        filled = (args.canary, *args.operator_filled)
        containers = [self._container(key, {"managed-by": "external-secrets"}, engine) for key in filled]
        for key, spec in args.secrets.items():
            if not spec.existing:
                described = {"description": spec.description} if spec.description else {}
                containers.append(self._container(key, {**args.names.metadata(), **described}, engine))
        operator = self._policy(OPERATOR, operator_policy(args.mount, canary=args.canary, filled=args.operator_filled))
        writers = self._policy(WRITERS, writers_policy(args.mount, canary=args.canary, filled=args.operator_filled))

        self.store = store_ref(args.names, args.mount, args.ca_certificate)
        self.canary = canary_ref(args.names, args.canary)
        self.operator_policy, self.writers_policy = operator.name, writers.name
        self.gates = [*engine, *containers, operator, writers]
        self.register_outputs({"mount": args.mount, "writersPolicy": self.writers_policy})

    def _engine(self) -> Sequence[pulumi.Resource]:
        args = self._args
        mount = vault.Mount(
            f"{self._name}-mount",
            path=args.mount,
            type="kv",
            options={"version": "2"},
            description=args.names.description,
            opts=pulumi.ResourceOptions(parent=self, protect=args.deletion_profile.protect),
        )
        settings = vault.kv.SecretBackendV2(
            f"{self._name}-settings",
            mount=mount.path,
            max_versions=args.max_versions,
            delete_version_after=args.delete_versions_after_days * _SECONDS_A_DAY,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return [mount, settings]

    def _container(
        self, key: str, metadata: Mapping[str, str], after: Sequence[pulumi.Resource]
    ) -> vault.generic.Endpoint:
        args = self._args
        # pulumi-vault has no type for metadata alone: `kv.SecretV2` writes a version too.
        return vault.generic.Endpoint(
            f"{self._name}-{key}",
            path=f"{args.mount}/metadata/{args.names.secret_name(key)}",
            data_json=to_json({"custom_metadata": metadata}),
            ignore_absent_fields=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=after, protect=args.deletion_profile.protect),
        )

    def _policy(self, role: str, document: Document) -> vault.Policy:
        return vault.Policy(
            f"{self._name}-{role}-policy",
            name=self._args.names.full_name(role),
            policy=to_json(document),
            opts=pulumi.ResourceOptions(parent=self),
        )


def store_ref(names: VaultNames, mount: str, ca_certificate: str | None) -> StoreRef:
    """The environment's secret manager."""
    settings: dict[str, Any] = {"server": names.address, "path": mount, "version": "v2"}
    if ca_certificate is not None:
        settings["caBundle"] = base64.b64encode(ca_certificate.encode()).decode()
    return StoreRef(backend="vault", settings=settings, property=PROPERTY)


def canary_ref(names: VaultNames, canary: str) -> CanaryRef:
    """The container for the first sync."""
    return CanaryRef(remote_key=names.secret_name(canary), property=PROPERTY)
