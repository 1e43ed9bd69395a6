"""A tenant with a store, a service account and a prefix of its own, and what it reaches beside them.

The grants are the environment's own, as the manager holds them, with the tenant's prefix, namespace and role put in
their place: so what is tried is what the library writes. Each manager's module knows how to do that.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from bootstrap.canaries.planting import FOLDER
from bootstrap.proof import stage
from bootstrap.proof.attack import Attack
from bootstrap.verification.environment import EnvironmentView
from bootstrap.waiting import wait_until

TENANT = "proof-tenant"
PREFIX, NEIGHBOURS_PREFIX = f"{FOLDER}{TENANT}/", f"{FOLDER}proof-neighbour/"
"""Where the tenant's containers are, and another tenant's. The deployer fills them, which it may in one folder only."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a tenant was given. provider: `spec.provider` of its store. annotations: of its service account."""

    provider: Mapping[str, Any]
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])


def reads_its_neighbours_secret(
    view: EnvironmentView, judge: str, granted: Callable[[], AbstractContextManager[Grant]]
) -> Attack:
    """The attack: one store, two prefixes."""

    def read(prefix: str) -> None:
        container = f"{prefix}secret"
        with filled(view, container), granted() as grant, stage.foreign_namespace(view, grant.annotations):
            stage.let_the_operator_write(view)
            stage.let_the_operator_mint(view)
            store = stage.store_of_its_own(view, grant.provider)
            wait_until(lambda: stage.own_store_is_ready(view))
            stage.open_container(view, stage.OUTSIDE, store, container)

    return Attack(
        name="a tenant points its own store at another tenant's prefix",
        control="the prefix in the policy of the tenant's role",
        judge=judge,
        rightful=lambda: read(PREFIX),
        attempt=lambda: read(NEIGHBOURS_PREFIX),
    )


@contextmanager
def filled(view: EnvironmentView, container: str) -> Iterator[None]:
    """A container with a random value, which goes again."""
    view.remove(container)
    view.fill(container, secrets.token_urlsafe(24))
    try:
        yield
    finally:
        view.remove(container)
