"""What ClusterSecretStore and SecretStore share: how a manager and an identity become `spec.provider`."""

from collections.abc import Mapping
from typing import Any

from ..contracts import IdentityRef, StoreRef
from ..errors import ConfigError

API_VERSION = "external-secrets.io/v1"
GENERATORS_API_VERSION = "generators.external-secrets.io/v1alpha1"


def provider_spec(field: str, store: StoreRef, identity: IdentityRef) -> Mapping[str, Any]:
    """`spec.provider` of a store. Raises ConfigError about a field if the identity cannot open the manager."""
    if store.backend not in identity.backends:
        raise ConfigError(
            field,
            f"the identity {identity.kind} does not open the manager {store.backend}",
            f"use an identity for {store.backend}, or one of: {', '.join(sorted(identity.backends))}",
        )
    return {store.backend: {**store.settings, **identity.store_settings}}
