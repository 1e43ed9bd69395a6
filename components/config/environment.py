"""What an environment's configuration has on every backend, and the rules that hold on all of them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, NamedTuple, Self

from pydantic import Field, model_validator

from ..contracts import ANNOTATED_KINDS, IdentityKind, Names, SecretScope, ServiceAccountRef
from ..deletion import DeletionProfile
from ..errors import Problem
from ..faults import Distinct, fault
from ..forms import SECRET_NAME, TENANTS_FOLDER, Form
from ..teams import team_scopes
from .models import (
    ArgoCdConfig,
    ClusterConfig,
    ConfigModel,
    FirstSyncConfig,
    OperatorConfig,
    ServiceAccountConfig,
    StoreConfig,
)
from .rules import KubernetesName, require_creatable
from .sealed import SealedSecretsConfig, problems_of_sealed
from .teams import SecretPrefix, TeamConfig, TeamName, parsed, problems_of_teams


class Belonging(NamedTuple):
    """Something that only one environment may have: what it is, which one, and the field that names it."""

    kind: str
    identifier: tuple[str, ...]
    field: str


class IdentityConfig(ConfigModel, frozen=True):
    """How the operator gets into the manager; each backend has kinds of its own.

    kind: the kind.
    serviceAccountRef: another service account than the operator's own; default none.
    """

    kind: IdentityKind
    service_account_ref: ServiceAccountConfig | None = None


class EnvironmentConfig(ConfigModel, ABC, frozen=True):
    """One environment: its cluster, how the operator gets in, and who may use the store.

    backend: its secret manager: aws, gcp, azure or vault.
    cluster: the cluster.
    identity: how the operator gets into the manager.
    store: the ClusterSecretStore and who may use it.
    namespaces: your namespaces, created here; the operator writes Secrets in them; default none.
    teams: teams with stores of their own, by name; default none.
    sharedPrefixes: how the names of the containers begin that all teams may read; each ends in `/`; default none.
    deletionProfile: durable or ephemeral; default durable.
    operator: the operator and its chart.
    firstSync: the canary.
    argocd: Argo CD's first repository; default none.
    sealedSecrets: Sealed Secrets beside the manager; default none.
    """

    secret_name_forms: ClassVar[tuple[Form, ...]] = (SECRET_NAME,)
    """What the manager takes as a container's name, on top of the library's own form."""

    backend: str
    cluster: ClusterConfig
    identity: IdentityConfig
    store: StoreConfig
    namespaces: Annotated[tuple[KubernetesName, ...], Distinct] = ()
    teams: dict[TeamName, TeamConfig] = Field(default_factory=dict[str, TeamConfig])
    shared_prefixes: Annotated[tuple[SecretPrefix, ...], Distinct] = ()
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    operator: OperatorConfig = OperatorConfig()
    first_sync: FirstSyncConfig = FirstSyncConfig()
    argocd: ArgoCdConfig | None = None
    sealed_secrets: SealedSecretsConfig | None = None

    @abstractmethod
    def names(self, prefix: str, environment: str) -> Names:
        """The names of everything that belongs to this environment."""

    @abstractmethod
    def secret_names(self) -> frozenset[str]:
        """The containers that the user declares."""

    @abstractmethod
    def place(self) -> tuple[str, ...]:
        """Where its names must be unlike those of other environments, such as the account and the region."""

    def belongings(self) -> Iterator[Belonging]:
        """What is adopted, and so must not be adopted by another environment too."""
        yield from ()

    def problems(self, names: Names) -> Iterator[tuple[str, str, str]]:  # noqa: ARG002
        """What is wrong once the environment's names are known: field below the environment, reason, mend."""
        yield from ()

    @property
    def system_namespaces(self) -> tuple[str, ...]:
        """Namespaces of the program's own objects. They may use the store without being named in its conditions."""
        return (self.first_sync.namespace, *((self.argocd.namespace,) if self.argocd else ()))

    @property
    def scopes(self) -> Sequence[SecretScope]:
        """What each team's stores open, and the store that all teams share."""
        return team_scopes(parsed(self.teams), self.shared_prefixes, self.operator.namespace)

    @property
    def team_namespaces(self) -> tuple[str, ...]:
        """The namespaces of all teams."""
        return tuple(namespace for team in self.teams.values() for namespace in team.namespaces)

    @property
    def operator_account(self) -> ServiceAccountRef:
        """The operator's own service account."""
        return ServiceAccountRef(namespace=self.operator.namespace, name=self.operator.service_account)

    @property
    def store_account(self) -> ServiceAccountRef:
        """The service account that the manager trusts: the operator's own, unless another is chosen."""
        chosen = self.identity.service_account_ref
        return ServiceAccountRef(namespace=chosen.namespace, name=chosen.name) if chosen else self.operator_account

    @property
    def deploy_key_secret(self) -> str | None:
        """The container of Argo CD's deploy key."""
        return f"argocd/{self.argocd.repository.name}" if self.argocd else None

    @property
    def stated_key_secret(self) -> str | None:
        """The container of a deploy key that Pulumi makes and fills in."""
        return None if self.operator_filled else self.deploy_key_secret

    @property
    def operator_filled(self) -> tuple[str, ...]:
        """The containers that the operator fills, beside the canary: that of a deploy key made in the cluster."""
        generated = self.argocd is not None and self.argocd.repository.deploy_key == "generated"
        return (f"argocd/{self.argocd.repository.name}",) if self.argocd is not None and generated else ()

    @model_validator(mode="after")
    def _namespaces_are_known(self) -> Self:
        known = {*self.namespaces, *self.system_namespaces}
        for index, condition in enumerate(self.store.conditions):
            for place, namespace in enumerate(condition.namespaces or ()):
                if namespace not in known:
                    raise fault(
                        "is none of the environment's namespaces, so the operator may write no Secret there",
                        "add it to the environment's namespaces, or take it out of the condition",
                        f"store.conditions.{index}.namespaces.{place}",
                    )
        if self.operator.namespace in known:
            raise fault("also uses the store", "give the operator a namespace of its own", "operator.namespace")
        return self

    @model_validator(mode="after")
    def _namespaces_can_be_created(self) -> Self:
        created = [(f"namespaces.{index}", one) for index, one in enumerate(self.namespaces)]
        created.append(("firstSync.namespace", self.first_sync.namespace))
        if not self.operator.existing:
            created.append(("operator.namespace", self.operator.namespace))
        if self.argocd is not None and self.argocd.create_namespace:
            created.append(("argocd.namespace", self.argocd.namespace))
        for field, namespace in created:
            require_creatable(namespace, field)
        return self

    @model_validator(mode="after")
    def _teams(self) -> Self:
        for field, reason, mend in problems_of_teams(self):
            raise fault(reason, mend, field)
        return self

    @model_validator(mode="after")
    def _sealed_secrets(self) -> Self:
        if self.sealed_secrets is not None:
            places = (*self.namespaces, *self.team_namespaces)
            others = (*self.system_namespaces, self.operator.namespace)
            for field, reason, mend in problems_of_sealed(self.sealed_secrets, places, others):
                raise fault(reason, mend, field)
        return self

    @model_validator(mode="after")
    def _store_identity(self) -> Self:
        reference = self.identity.service_account_ref
        if reference is not None and reference.namespace != self.operator.namespace:
            raise fault(
                "lies outside the operator's namespace, where the operator may mint no token",
                f"set it to {self.operator.namespace}",
                "identity.serviceAccountRef.namespace",
            )
        if self.operator.existing and reference is None and self.identity.kind in ANNOTATED_KINDS:
            raise fault(
                "is missing: the identity stands in an annotation, and the service account of an operator that is "
                "there already stays as it is",
                f"name a service account of your own in {self.operator.namespace}; it is created",
                "identity.serviceAccountRef",
            )
        return self

    @model_validator(mode="after")
    def _own_containers(self) -> Self:
        for own, what in ((self.first_sync.secret, "the first sync"), (self.deploy_key_secret, "Argo CD's deploy key")):
            if own in self.secret_names():
                raise fault(f"is the container of {what}, which declares its own", "remove it", f"secrets.{own}")
        if self.first_sync.secret.startswith(TENANTS_FOLDER):
            raise fault(
                "lies among the tenants' containers, where the operator may write nothing",
                f"choose a name that does not begin with {TENANTS_FOLDER}",
                "firstSync.secret",
            )
        for form in self.secret_name_forms:
            if not form.holds(self.first_sync.secret):
                raise fault(form.reason, form.mend, "firstSync.secret")
            if self.deploy_key_secret is not None and not form.holds(self.deploy_key_secret):
                raise fault(
                    f"is also the end of a container's name, and there {form.reason}",
                    "choose a name such as platform",
                    "argocd.repository.name",
                )
        return self


def located(environment: str, problem: tuple[str, str, str]) -> Problem:
    """A problem of one environment under its full path."""
    field, reason, mend = problem
    return Problem(f"environments.{environment}.{field}", reason, mend)
