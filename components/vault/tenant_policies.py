"""Policies of the tenants' keys in transit: who uses which tenant's key, and who rotates, retires and shreds them.

Two controls, each of which refuses alone: the path names one tenant's key, and the only `associated_data` that the path
takes is that tenant's name, which is under the seal of what was encrypted.
Source: Vault, "Policies" (`allowed_parameters`, `required_parameters`: a request with any other parameter, such as
`batch_input`, is refused).
"""

import base64
from collections.abc import Iterable
from typing import Any

from ..tenants.names import associated_data, tenant_key_name
from .policies import Document, Rule

_ANY: list[Any] = []


def tenant_policy(mount: str, tenant: str) -> Document:
    """What a tenant may do: encrypt and decrypt with its own key, in its own name.

    mount: the path of the transit engine.
    tenant: the tenant's name.
    """
    return {
        "path": {
            f"{mount}/encrypt/{tenant_key_name(tenant)}": _bound(tenant, "plaintext"),
            f"{mount}/decrypt/{tenant_key_name(tenant)}": _bound(tenant, "ciphertext"),
        }
    }


def tenants_administrator_policy(mount: str, tenants: Iterable[str]) -> Document:
    """What the tenants' administrator may do: rotate, retire and delete their keys. He encrypts and decrypts nothing.

    mount: the path of the transit engine.
    tenants: the tenants' names.

    `config` takes two parameters: another one would make a key exportable.
    """
    rules: dict[str, Rule] = {}
    for tenant in tenants:
        key = f"{mount}/keys/{tenant_key_name(tenant)}"
        settings = {"deletion_allowed": _ANY, "min_decryption_version": _ANY}
        rules[key] = {"capabilities": ["delete", "read"]}
        rules[f"{key}/config"] = {"capabilities": ["update"], "allowed_parameters": settings}
        rules[f"{key}/rotate"] = {"capabilities": ["update"]}
    return {"path": rules}


def _bound(tenant: str, data: str) -> Rule:
    name = base64.b64encode(associated_data(tenant)).decode()
    return {
        "capabilities": ["update"],
        "allowed_parameters": {data: _ANY, "associated_data": [name]},
        "required_parameters": ["associated_data", data],
    }
