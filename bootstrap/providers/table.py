"""Base of the providers whose resource types are a fixed table."""

from collections.abc import Mapping

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
            raise ProviderError(
                f"{token} is not a resource type that the offline provider knows; it knows "
                f"{', '.join(self.resources)}. "
                "Install the official plugin to use others"
            )
        return found

    @override
    def replaces_config(self, old: Properties, new: Properties, key: str) -> bool:
        return False
