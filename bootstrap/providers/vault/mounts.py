"""What Vault mounts: secrets engines, auth methods and audit devices."""

from collections.abc import Mapping
from typing import ClassVar

from typing_extensions import override

from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import ProviderError
from bootstrap.providers.vault.resource import VaultResource, api_name, body

_TEXT = Field(kind=str)


class _Mounted(VaultResource):
    """Something at a path of its own. Create takes over what has the same type and the same, non-empty description.

    The API would refuse the path as in use, and a run that was killed leaves a mount that nothing else can own. The id
    is the path.
    """

    table: ClassVar[str]
    """Where the API keeps mounts of this kind."""

    @override
    def make(self, inputs: Properties) -> str:
        path = inputs["path"]
        found = self.live(path, inputs)
        if found is None:
            self.vault.write(f"{self.table}/{path}", self._mounting(inputs))
        elif not inputs.get("description") or any(
            (found.get(key) or None) != (inputs.get(key) or None) for key in self._marks()
        ):
            raise ProviderError(f"{path}: something else is mounted there already, choose another path")
        return path

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        found = self.vault.read(f"{self.table}/{id_}")
        if found is None:
            return None
        return {"path": id_, "accessor": found.get("accessor"), **{key: found.get(key) for key in self._marks()}}

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        if old.get("description") != new.get("description"):
            self.vault.write(f"{self.table}/{id_}/tune", {"description": new.get("description", "")})

    @override
    def remove(self, id_: str, state: Properties) -> None:
        self.vault.delete(f"{self.table}/{id_}")

    def _mounting(self, inputs: Properties) -> Properties:
        return {key: inputs[key] for key in self._marks() if key in inputs}

    def _marks(self) -> tuple[str, ...]:
        return tuple(key for key in ("type", "description", "options", "local") if key in self.fields)


class Mount(_Mounted):
    """A secrets engine."""

    table = "sys/mounts"
    fields = {  # noqa: RUF012
        "path": Field(kind=str, required=True, replaces=True),
        "type": Field(kind=str, required=True, replaces=True),
        "description": _TEXT,
        "options": Field(kind=dict, replaces=True),
    }
    computed = ("accessor",)


class AuthBackend(_Mounted):
    """An auth method without settings of its own here."""

    table = "sys/auth"
    fields = {  # noqa: RUF012
        "path": Field(kind=str, required=True, replaces=True),
        "type": Field(kind=str, required=True, replaces=True),
        "description": _TEXT,
    }
    computed = ("accessor",)


class JwtAuthBackend(_Mounted):
    """An auth method of type jwt together with its settings."""

    table = "sys/auth"
    settings: ClassVar[Mapping[str, Field]] = {
        "oidcDiscoveryUrl": _TEXT,
        "oidcDiscoveryCaPem": _TEXT,
        "boundIssuer": _TEXT,
    }
    fields = {  # noqa: RUF012
        "path": Field(kind=str, required=True, replaces=True),
        "type": Field(kind=str, required=True, replaces=True, choices=("jwt",)),
        "description": _TEXT,
        **settings,
    }
    computed = ("accessor",)

    @override
    def make(self, inputs: Properties) -> str:
        id_ = super().make(inputs)
        with self.finishing(id_, inputs):
            self._set(id_, {}, inputs)
        return id_

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        mounted = super().live(id_, known)
        if mounted is None:
            return None
        config = self.vault.read(f"auth/{id_}/config") or {}
        return {**mounted, **{name: config.get(api_name(name)) for name in self.settings}}

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        super().change(id_, old, new)
        self._set(id_, old, new)

    def _set(self, id_: str, old: Properties, new: Properties) -> None:
        self.vault.write(f"auth/{id_}/config", body(self.settings, old, new))


class Audit(_Mounted):
    """An audit device. Nothing of it can be changed in place."""

    table = "sys/audit"
    fields = {  # noqa: RUF012
        "path": Field(kind=str, required=True, replaces=True),
        "type": Field(kind=str, required=True, replaces=True),
        "description": Field(kind=str, replaces=True),
        "options": Field(kind=dict, required=True, replaces=True),
        "local": Field(kind=bool, replaces=True),
    }

    @override
    def delete_before_replace(self, old: Properties, new: Properties) -> bool:
        return old["path"] == new["path"]

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        found = (self.vault.read(self.table) or {}).get(f"{id_}/")
        return None if found is None else {"path": id_, **{key: found.get(key) for key in self._marks()}}
