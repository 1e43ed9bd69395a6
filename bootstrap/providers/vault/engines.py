"""What the secrets engines keep: keys of transit, settings and values of kv, roles of databases."""

import json
import re
from typing import Any

from typing_extensions import override

from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import ProviderError
from bootstrap.providers.vault.resource import VaultResource, Written, api_name

_NAME = Field(kind=str, required=True, replaces=True)
_UNITS = {"h": 3600, "m": 60, "s": 1}


class TransitKey(VaultResource):
    """A key of the transit engine. Its id is `<mount>/keys/<name>`."""

    fields = {  # noqa: RUF012
        "backend": _NAME,
        "name": _NAME,
        "type": Field(kind=str, replaces=True, chosen_by_cloud=True),
        "exportable": Field(kind=bool, replaces=True),
        "allowPlaintextBackup": Field(kind=bool, replaces=True),
        "autoRotatePeriod": Field(kind=int),
        "deletionAllowed": Field(kind=bool),
    }
    computed = (
        "latestVersion",
        "minAvailableVersion",
        "supportsDecryption",
        "supportsDerivation",
        "supportsEncryption",
        "supportsSigning",
    )

    @override
    def make(self, inputs: Properties) -> str:
        id_ = f"{inputs['backend']}/keys/{inputs['name']}"
        # For a key that is there already the API answers as for a new one, and changes nothing.
        made = {key: inputs[key] for key in ("type", "exportable", "allowPlaintextBackup") if key in inputs}
        self.vault.write(id_, {api_name(key): value for key, value in made.items()})
        with self.finishing(id_, inputs):
            self._set(id_, inputs)
        live = self._present(id_, inputs)
        if any(live[key] != value for key, value in made.items()):
            raise ProviderError(f"{id_}: a key of another kind is there already, choose another name")
        return id_

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        found = self.vault.read(id_)
        if found is None:
            return None
        shown = {name: found.get(api_name(name)) for name in (*self.fields, *self.computed)}
        return {**shown, "backend": known["backend"]}

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        self._set(id_, new)

    @override
    def remove(self, id_: str, state: Properties) -> None:
        if self.vault.read(id_) is not None:
            self.vault.delete(id_)

    def _set(self, id_: str, inputs: Properties) -> None:
        chosen = {
            "auto_rotate_period": inputs.get("autoRotatePeriod", 0),
            "deletion_allowed": inputs.get("deletionAllowed", False),
        }
        self.vault.write(f"{id_}/config", chosen)


class KvSettings(VaultResource):
    """Settings of a kv engine of version 2, which go with it. The id is `<mount>/config`."""

    fields = {  # noqa: RUF012
        "mount": _NAME,
        "maxVersions": Field(kind=int),
        "deleteVersionAfter": Field(kind=int),
        "casRequired": Field(kind=bool),
    }

    @override
    def make(self, inputs: Properties) -> str:
        id_ = f"{inputs['mount']}/config"
        self.change(id_, {}, inputs)
        return id_

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        found = self.vault.read(id_)
        if found is None:
            return None
        return {
            "mount": known["mount"],
            "maxVersions": found["max_versions"],
            "deleteVersionAfter": _seconds(found["delete_version_after"]),
            "casRequired": found["cas_required"],
        }

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        chosen = {
            "max_versions": new.get("maxVersions", 0),
            "delete_version_after": f"{new.get('deleteVersionAfter', 0)}s",
            "cas_required": new.get("casRequired", False),
        }
        self.vault.write(id_, chosen)

    @override
    def remove(self, id_: str, state: Properties) -> None:
        return


class KvSecret(VaultResource):
    """A value in a container of a kv engine of version 2. The id is `<mount>/data/<name>`.

    A change writes a new version. Deleting it deletes the newest version, which Vault can restore; the container stays.
    """

    fields = {  # noqa: RUF012
        "mount": _NAME,
        "name": _NAME,
        "dataJson": Field(kind=str, required=True, json_text=True),
    }
    computed = ("path", "data", "metadata")
    volatile = ("data", "metadata")
    secret_outputs = frozenset({"data", "dataJson"})

    @override
    def make(self, inputs: Properties) -> str:
        id_ = f"{inputs['mount']}/data/{inputs['name']}"
        self.change(id_, {}, inputs)
        return id_

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        found = self.vault.read(id_)
        if found is None:
            return None
        data: Any = found["data"]
        text = known["dataJson"] if json.loads(known["dataJson"]) == data else json.dumps(data, sort_keys=True)
        return {
            "mount": known["mount"],
            "name": known["name"],
            "path": id_,
            "dataJson": text,
            "data": data,
            "metadata": {key: str(value) for key, value in found["metadata"].items() if not isinstance(value, dict)},
        }

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        self.vault.write(id_, {"data": json.loads(new["dataJson"])})

    @override
    def remove(self, id_: str, state: Properties) -> None:
        self.vault.delete(id_)


class DatabaseRole(Written):
    """A role of the database engine. Its id is `<mount>/roles/<name>`."""

    fields = {  # noqa: RUF012
        "backend": _NAME,
        "name": _NAME,
        "dbName": Field(kind=str, required=True),
        "creationStatements": Field(kind=list, required=True),
        "revocationStatements": Field(kind=list),
        "defaultTtl": Field(kind=int),
        "maxTtl": Field(kind=int),
    }
    in_path = ("backend", "name")

    @override
    def identify(self, inputs: Properties) -> str:
        return f"{inputs['backend']}/roles/{inputs['name']}"


class DatabaseStaticRole(Written):
    """A static role of the database engine. Its id is `<mount>/static-roles/<name>`."""

    fields = {  # noqa: RUF012
        "backend": _NAME,
        "name": _NAME,
        "dbName": Field(kind=str, required=True, replaces=True),
        "username": Field(kind=str, required=True, replaces=True),
        "rotationPeriod": Field(kind=int, required=True),
    }
    in_path = ("backend", "name")

    @override
    def identify(self, inputs: Properties) -> str:
        return f"{inputs['backend']}/static-roles/{inputs['name']}"


def _seconds(duration: str) -> int:
    """A duration as Go writes it, such as 720h0m0s, in seconds."""
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"([0-9]+)([hms])", duration))
