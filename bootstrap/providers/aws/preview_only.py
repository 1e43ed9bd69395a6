"""Resource types that the local cloud has not: creating one is an error that says so."""

from collections.abc import Mapping

from typing_extensions import override

from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import Call, Created, ProviderError, Resource


class PreviewOnly(Resource):
    """A resource type that exists on the real AWS only."""

    def __init__(self, token: str, fields: Mapping[str, Field], computed: tuple[str, ...]) -> None:
        self._token = token
        self.fields = fields
        self.computed = computed

    @override
    def create(self, inputs: Properties, call: Call) -> Created:
        raise self._absent()

    @override
    def read(self, id_: str, inputs: Properties, state: Properties, call: Call) -> Properties | None:
        raise self._absent()

    def _absent(self) -> ProviderError:
        service = self._token.split(":")[1].split("/")[0].upper()
        return ProviderError(
            f"{self._token}: the local cloud has no {service}. Use the official aws plugin and a real account here, "
            "or the local stack, whose clusters run on this machine"
        )
