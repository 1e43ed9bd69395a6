"""Base of the providers whose resource types are a fixed table."""

from collections.abc import Iterable, Mapping

from typing_extensions import override

from bootstrap.providers.base import Provider
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import ProviderError, Resource


class TableProvider(Provider):
    """A provider with a table of resource types."""

    resources: Mapping[str, Resource]

    @override
    def resource(self, token: str) -> Resource:
        found = self.resources.get(token)
        if found is None:
            raise unknown_type(token, self.resources)
        return found

    @override
    def replaces_config(self, old: Properties, new: Properties, key: str) -> bool:
        return False


def unknown_type(token: str, known: Iterable[str]) -> ProviderError:
    """For a resource type that is not in the table."""
    return ProviderError(
        f"{token} is not a resource type that the offline provider knows; it knows {', '.join(known)}. "
        "Install the official plugin to use others"
    )
