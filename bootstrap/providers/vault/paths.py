"""Resource types that are one path of the API each: policies, roles, settings, and any path at all."""

import json

from typing_extensions import override

from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties
from bootstrap.providers.vault.resource import VaultResource, Written

_NAME = Field(kind=str, required=True, replaces=True)
_SET = Field(kind=list, unordered=True)
_TOKEN = {
    "tokenPolicies": _SET,
    "tokenTtl": Field(kind=int),
    "tokenMaxTtl": Field(kind=int),
    "tokenNoDefaultPolicy": Field(kind=bool),
    "tokenType": Field(kind=str, chosen_by_cloud=True),
}


class Policy(Written):
    """A policy. Its id is its name."""

    fields = {"name": _NAME, "policy": Field(kind=str, required=True, json_text=True)}  # noqa: RUF012
    in_path = ("name",)

    @override
    def identify(self, inputs: Properties) -> str:
        return inputs["name"]

    @override
    def path(self, id_: str) -> str:
        return f"sys/policies/acl/{id_}"


class _Role(Written):
    """A role of an auth method."""

    in_path = ("backend", "roleName")

    @override
    def identify(self, inputs: Properties) -> str:
        return f"auth/{inputs['backend']}/role/{inputs['roleName']}"


class KubernetesRole(_Role):
    fields = {  # noqa: RUF012
        "backend": _NAME,
        "roleName": _NAME,
        "boundServiceAccountNames": Field(kind=list, required=True, unordered=True),
        "boundServiceAccountNamespaces": Field(kind=list, required=True, unordered=True),
        "audience": Field(kind=str, required=True),
        "aliasNameSource": Field(kind=str, chosen_by_cloud=True),
        **_TOKEN,
    }


class JwtRole(_Role):
    """A role of an auth method of type jwt. A claim's value is a text, several ones stand in it between commas."""

    fields = {  # noqa: RUF012
        "backend": _NAME,
        "roleName": _NAME,
        "roleType": Field(kind=str, required=True, choices=("jwt",)),
        "boundAudiences": Field(kind=list, required=True, unordered=True),
        "boundSubject": Field(kind=str),
        "boundClaims": Field(kind=dict, items=Field(kind=str)),
        "boundClaimsType": Field(kind=str, choices=("string", "glob"), chosen_by_cloud=True),
        "userClaim": Field(kind=str, required=True),
        **_TOKEN,
    }

    @override
    def body(self, old: Properties, new: Properties) -> Properties:
        written = super().body(old, new)
        claims = new.get("boundClaims") or {}
        return {**written, "bound_claims": {name: text.split(",") for name, text in claims.items()}}

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        found = super().live(id_, known)
        if found is None:
            return None
        claims = found["boundClaims"] or {}
        return {**found, "boundClaims": {name: ",".join(_listed(value)) for name, value in claims.items()}}


class CertificateRole(Written):
    """A role of an auth method of type cert."""

    fields = {  # noqa: RUF012
        "backend": _NAME,
        "name": _NAME,
        "certificate": Field(kind=str, required=True),
        "allowedCommonNames": _SET,
        "displayName": Field(kind=str, chosen_by_cloud=True),
        **_TOKEN,
    }
    in_path = ("backend", "name")

    @override
    def identify(self, inputs: Properties) -> str:
        return f"auth/{inputs['backend']}/certs/{inputs['name']}"


class _Settings(Written):
    """Settings of a mount, which go with it: the API deletes none."""

    @override
    def remove(self, id_: str, state: Properties) -> None:
        return


class KubernetesConfig(_Settings):
    fields = {  # noqa: RUF012
        "backend": _NAME,
        "kubernetesHost": Field(kind=str, required=True),
        "kubernetesCaCert": Field(kind=str),
        "disableLocalCaJwt": Field(kind=bool),
        "disableIssValidation": Field(kind=bool, chosen_by_cloud=True),
    }
    in_path = ("backend",)

    @override
    def identify(self, inputs: Properties) -> str:
        return f"auth/{inputs['backend']}/config"


class Endpoint(VaultResource):
    """Any path of the API. Only the fields that were given are looked at again (`ignoreAbsentFields`)."""

    fields = {  # noqa: RUF012
        "path": _NAME,
        "dataJson": Field(kind=str, required=True, json_text=True),
        "ignoreAbsentFields": Field(kind=bool),
    }
    secret_outputs = frozenset({"dataJson"})

    @override
    def make(self, inputs: Properties) -> str:
        self.vault.write(inputs["path"], json.loads(inputs["dataJson"]))
        return inputs["path"]

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        found = self.vault.read(id_)
        if found is None:
            return None
        given = json.loads(known["dataJson"])
        seen = {key: found[key] for key in given if key in found} if known.get("ignoreAbsentFields") else found
        text = known["dataJson"] if seen == given else json.dumps(seen, sort_keys=True)
        return {"path": id_, "dataJson": text, "ignoreAbsentFields": known.get("ignoreAbsentFields")}

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        self.vault.write(id_, json.loads(new["dataJson"]))

    @override
    def remove(self, id_: str, state: Properties) -> None:
        self.vault.delete(id_)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
