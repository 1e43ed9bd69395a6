"""The form of tenants' names, for the component that admits them and for the application that uses their keys."""

import re

from .errors import TenantKeyError

TENANT_PATTERN = r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?"
_TENANT = re.compile(TENANT_PATTERN)


def require_tenant(name: str) -> None:
    """Raise a TenantKeyError unless a text is a tenant's name."""
    if _TENANT.fullmatch(name) is None:
        raise TenantKeyError(
            "the tenant's name is not up to 48 lower-case letters, digits and hyphens inside: use an id such as acme"
        )


def tenant_key_name(tenant: str) -> str:
    """What a tenant's own key is called beside the environment's `secrets`, `etcd` and `tenants`."""
    return f"tenant-{tenant}"


def associated_data(tenant: str) -> bytes:
    """What a key service binds to everything that it wraps for a tenant, where it binds anything."""
    return f"tenant={tenant}".encode()
