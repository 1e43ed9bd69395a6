"""One container in a secret manager, as a rotation needs it."""

from importlib import import_module
from typing import Protocol, cast

from bootstrap.verification.environment import EnvironmentView


class Container(Protocol):
    """Versions of one container. Whoever writes does not read; what is read is read as the operator."""

    @property
    def remote_key(self) -> str:
        """What an ExternalSecret calls it."""
        ...

    @property
    def written_property(self) -> str | None:
        """Which key of the value a write replaces, for managers that keep mappings."""
        ...

    def current(self) -> str | None:
        """The id of the version that readers get; None if there is none."""
        ...

    def read(self) -> dict[str, str] | str:
        """What readers get: a mapping where the manager keeps one."""
        ...

    def next_version(self, current: str) -> str:
        """The id that the next write will give; known before, so that a killed run knows what it has written."""
        ...

    def write(self, value: str, *, version: str, replacing: str) -> None:
        """Write a version, which readers get from then on."""
        ...

    def restored_version(self, previous: str, replacing: str) -> str:
        """The id of the current version once `previous` is put back in the place of `replacing`."""
        ...

    def restore(self, previous: str, *, replacing: str) -> None:
        """Let readers get an earlier version again. Refused by the manager if `replacing` is not the current one."""
        ...


def container_of(view: EnvironmentView, secret: str) -> Container:
    """The container of a declared name in an environment."""
    manager = str(view.references["backend"])
    return cast(Container, import_module(f"bootstrap.rotation.secrets.{manager}").container(view, secret))
