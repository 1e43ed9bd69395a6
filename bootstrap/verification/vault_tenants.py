"""Tenants' keys in Vault: a tenant's key in transit seals its data keys, each bound to the tenant's name."""

import base64
from collections.abc import Mapping
from typing import Any

import httpx2


def seal(http: httpx2.Client, tenant: Mapping[str, Any], name: str, plaintext: str) -> httpx2.Response:
    """Vault's answer to a data key that is to be sealed under a tenant's key, in a tenant's name.

    tenant: what the stack's references say of it. plaintext: the data key, in base64.
    """
    return http.post(path(tenant, "encrypt"), json={"plaintext": plaintext, "associated_data": bound_to(name)})


def path(tenant: Mapping[str, Any], operation: str) -> str:
    """Where a tenant's key is used."""
    mount, _, key = str(tenant["keyId"]).rpartition("/keys/")
    return f"/v1/{mount}/{operation}/{key}"


def bound_to(tenant: str) -> str:
    """What a tenant's policy lets it bind to a data key: its name."""
    return base64.b64encode(f"tenant={tenant}".encode()).decode()
