"""A resource type of a recorded cloud: the schema of the SDK and the rules of the cloud, on the objects in the file."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from typing_extensions import override

from bootstrap.providers.properties import UNKNOWN, Properties, has_unknown
from bootstrap.providers.recorded.records import Entry, Objects, Records, merged
from bootstrap.providers.recorded.rules import Asked, Rules
from bootstrap.providers.resource import Call, Created, ProviderError, Refreshed, Resource
from bootstrap.providers.schema import Shape, inputs_of, outputs_of


class RecordedResource(Resource):
    """One resource type. `config` gives the provider's configuration, which may come after the first check."""

    def __init__(self, token: str, rules: Rules, records: Records, config: Callable[[], Properties]) -> None:
        self._token, self._rules, self._records, self._config = token, rules, records, config
        inputs = inputs_of(token)
        self.fields = inputs | {name: replace(inputs[name], required=True) for name in rules.required}
        self._shape = outputs_of(token)

    @override
    def replaces(self, keys: tuple[str | int, ...]) -> bool:
        path = [key for key in keys if isinstance(key, str)]
        return any(path[: len(fixed)] == fixed for fixed in (one.split(".") for one in self._rules.replaces))

    @override
    def delete_before_replace(self, old: Properties, new: Properties) -> bool:
        before, after = (self._rules.id(self._asked(inputs, Objects({}))) for inputs in (old, new))
        return before == after

    @override
    def planned(self, inputs: Properties) -> Properties:
        return _expected(self._shape, inputs, None)

    @override
    def replanned(self, old: Properties, new: Properties, state: Properties) -> Properties:
        kept = {name: value for name, value in state.items() if name in new or name not in old}
        return _expected(self._shape, new, kept)

    @override
    def create(self, inputs: Properties, call: Call) -> Created:
        call.pause(self._rules.seconds)
        with self._records.open() as objects:
            asked = self._asked(inputs, objects)
            id_ = self._rules.id(asked)
            found = objects.entry(self._token, id_)
            if found is not None and not self._rules.shared:
                raise ProviderError(_conflict(self._token, id_, found))
            entry = self._entry(asked, id_, known={})
            objects.put(self._token, id_, entry)
        return Created(id_, self._state(inputs, entry))

    @override
    def refresh(self, id_: str, inputs: Properties, state: Properties, call: Call) -> Refreshed | None:
        with self._records.open() as objects:
            found = objects.find(self._token, id_)
            entry = objects.entry(self._token, id_)
        if found is None or entry is None:
            return None
        asked = self._with_values(entry["inputs"], inputs)
        return Refreshed(self._state(asked, entry), asked)

    @override
    def update(self, id_: str, old: Properties, new: Properties, call: Call) -> Properties:
        with self._records.open() as objects:
            found = objects.entry(self._token, id_)
            if found is None or found.get("left") == "name":
                raise ProviderError(f"{id_} is no longer there: run `pulumi refresh`")
            entry = self._entry(self._asked(new, objects), id_, found["outputs"])
            objects.put(self._token, id_, found | entry)
        return self._state(new, entry)

    @override
    def delete(self, id_: str, state: Properties, call: Call) -> None:
        with self._records.open() as objects:
            found = objects.entry(self._token, id_)
            if found is not None and "left" not in found:
                objects.remove(self._token, id_, self._rules.delete(self._asked(found["inputs"], objects)))

    def _state(self, inputs: Properties, entry: Entry) -> Properties:
        return merged(_presented(self._shape, inputs), entry["outputs"])

    def _asked(self, inputs: Properties, objects: Objects) -> Asked:
        return Asked(inputs, self._config(), objects)

    def _entry(self, asked: Asked, id_: str, known: Properties) -> Entry:
        """The record of an object that the cloud does not refuse. Outputs that it has already stay."""
        for reason in self._rules.refuses(asked):
            raise ProviderError(f"{self._token}: the cloud would refuse it: {reason}")
        outputs = _still(self._rules.outputs(asked, id_), known)
        inputs = deepcopy(asked.inputs)
        for path in self._rules.values:
            _take(inputs, path)
        return Entry(inputs=inputs, outputs=outputs)

    def _with_values(self, recorded: Properties, last: Properties) -> Properties:
        """The recorded inputs with the values that are not recorded, as the engine last knew them."""
        inputs, last = deepcopy(recorded), deepcopy(last)
        for path in self._rules.values:
            value = _take(last, path)
            if value is not None:
                *parents, key = path.split(".")
                inside = inputs
                for parent in parents:
                    inside = inside.setdefault(parent, {})
                inside[key] = value
        return inputs


def _conflict(token: str, id_: str, found: Entry) -> str:
    reason = {
        "object": "exists already, left by a deletion: import it, or choose another name",
        "name": "was deleted, and its name is still taken: choose another name, or purge or recover it in the cloud",
        None: "exists already",
    }
    return f"{token}: 409: {id_} {reason[found.get('left')]}"


def _expected(shape: Shape, inputs: Properties, state: Mapping[str, Any] | None) -> Properties:
    """Every output: as it is given, else as it is; unknown where there is no object yet."""
    expected: Properties = _presented(shape, inputs)
    for name, part in shape.parts.items():
        given = inputs.get(name)
        if isinstance(given, dict) and part.parts:
            inside = None if state is None else state.get(name)
            expected[name] = _expected(part, given, inside if isinstance(inside, dict) else None)
        elif given is None and state is None:
            expected[name] = UNKNOWN
        elif given is None and state is not None and name in state:
            expected[name] = state[name]
    return expected


def _presented(shape: Shape, given: Any) -> Any:
    """The input as an output. A set of names is given as a list, and comes back as a map with a key for each."""
    if shape.is_map and isinstance(given, list):
        return UNKNOWN if has_unknown(given) else {name: {} for name in given}
    if isinstance(given, dict):
        return {name: _presented(shape.parts.get(name, Shape()), value) for name, value in given.items()}
    return given


def _still(outputs: Properties, known: Properties) -> Properties:
    """The outputs; what was known of them stays, such as an id that the cloud chose once."""
    return {
        name: _still(value, known.get(name) or {}) if isinstance(value, dict) else known.get(name, value)
        for name, value in outputs.items()
    }


def _take(inputs: Properties, path: str) -> Any:
    """Remove the value at the path, and return it."""
    *parents, key = path.split(".")
    inside: Any = inputs
    for parent in parents:
        inside = inside.get(parent, {})
    return inside.pop(key, None)
