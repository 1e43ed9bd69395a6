"""What the AWS resource types share: clients, errors as text, tags. It owns no service's API."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import Call, Created, PartlyDoneError, ProviderError, Resource

if TYPE_CHECKING:
    from bootstrap.providers.aws.clients import Clients

TAGS = Field(kind=dict)


class AwsResource(Resource):
    """A resource type of AWS: `make`, `live`, `change` and `remove` are its API calls."""

    def __init__(self, clients: "Clients") -> None:
        self.clients = clients

    def make(self, inputs: Properties) -> str:
        """Create it; returns the id. What it already made when it fails half-way goes into `IncompleteError`."""
        raise NotImplementedError

    def live(self, id_: str, known: Properties) -> Properties | None:
        """Its properties, or None if it is gone. `known` are the last known inputs and outputs."""
        raise NotImplementedError

    def change(self, id_: str, old: Properties, new: Properties) -> None:
        """Bring it from the old to the new inputs."""
        raise NotImplementedError

    def remove(self, id_: str, state: Properties) -> None:
        """Remove it; `NotFound` errors count as done."""
        raise NotImplementedError

    @override
    def create(self, inputs: Properties, call: Call) -> Created:
        with aws_errors():
            try:
                id_ = self.make(inputs)
            except IncompleteError as error:
                raise PartlyDoneError(error.id, self._present(error.id, inputs), str(error)) from None
            return Created(id_, self._present(id_, inputs))

    @override
    def read(self, id_: str, inputs: Properties, state: Properties, call: Call) -> Properties | None:
        with aws_errors():
            return self._live(id_, {**state, **inputs})

    @override
    def update(self, id_: str, old: Properties, new: Properties, call: Call) -> Properties:
        with aws_errors():
            self.change(id_, old, new)
            return self._present(id_, new)

    @override
    def delete(self, id_: str, state: Properties, call: Call) -> None:
        with aws_errors():
            try:
                self.remove(id_, state)
            except Exception as error:
                if not is_not_found(error):
                    raise

    def _live(self, id_: str, known: Properties) -> Properties | None:
        try:
            live = self.live(id_, known)
        except Exception as error:
            if is_not_found(error):
                return None
            raise
        if live is not None and "tags" in self.fields:
            live["tagsAll"] = live.get("tags") or {}
        return live

    def _present(self, id_: str, known: Properties) -> Properties:
        live = self._live(id_, known)
        if live is None:
            raise ProviderError(f"{id_} is gone right after it was changed")
        return live


class IncompleteError(Exception):
    """`make` created the resource and then failed: the engine must record it."""

    def __init__(self, id_: str, reason: str) -> None:
        super().__init__(reason)
        self.id = id_


@contextmanager
def finishing(id_: str) -> Iterator[None]:
    """The steps after the creating call: if one fails, the resource exists all the same."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise IncompleteError(id_, error_text(error)) from None


@contextmanager
def aws_errors() -> Iterator[None]:
    """AWS's refusals as text for people."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise ProviderError(error_text(error)) from None


def error_text(error: Exception) -> str:
    """What AWS said. The client's own complaints may quote a parameter's value, so of those only the type is told."""
    response: Mapping[str, Any] = getattr(error, "response", {})
    if not response:
        return f"{type(error).__name__} from the AWS client"
    said = response.get("Error", {})
    return f"{getattr(error, 'operation_name', 'AWS')}: {said.get('Code', 'Error')}: {said.get('Message', '')}"


def is_not_found(error: Exception) -> bool:
    """Whether AWS says that the thing does not exist."""
    code = getattr(error, "response", {}).get("Error", {}).get("Code", "")
    return code in {"NotFoundException", "ResourceNotFoundException", "NoSuchEntity", "NoSuchHostedZone"}


def tag_list(tags: Mapping[str, str] | None, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in (tags or {}).items()]


def tag_map(tags: list[Any] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    return {tag[key]: tag[value] for tag in tags or []}


def tag_changes(old: Properties, new: Properties) -> tuple[dict[str, str], list[str]]:
    """The tags to set and the names of those to remove."""
    before, after = old.get("tags") or {}, new.get("tags") or {}
    return {name: text for name, text in after.items() if before.get(name) != text}, [
        n for n in before if n not in after
    ]
