"""What the operator's objects share: `spec.provider` of stores, and references to secrets."""

from collections.abc import Mapping
from typing import Any

import pulumi

from ..contracts import IdentityKind, IdentityRef, StoreRef
from ..errors import ConfigError

API_VERSION = "external-secrets.io/v1"
GENERATORS_API_VERSION = "generators.external-secrets.io/v1alpha1"


def provider_spec(field: str, store: StoreRef, identity: IdentityRef) -> Mapping[str, Any]:
    """`spec.provider` of a store. Raises ConfigError about a field if the identity cannot open the manager."""
    if store.backend not in identity.backends:
        raise ConfigError(
            field,
            f"the identity {identity.kind} does not open the manager {store.backend}",
            f"use an identity of kind {_kinds_for(store.backend)}, "
            f"or a store of {' or '.join(sorted(identity.backends))}",
        )
    return {store.backend: {**store.settings, **identity.store_settings}}


def _kinds_for(backend: str) -> str:
    return " or ".join(kind for kind in IdentityKind if kind.manager == backend)


def remote_ref(remote_key: pulumi.Input[str], property_: str | None, key: str = "key") -> dict[str, pulumi.Input[str]]:
    """`remoteRef` of an ExternalSecret or, with `remoteKey` as the key, of a PushSecret."""
    return {key: remote_key, **({"property": property_} if property_ else {})}
