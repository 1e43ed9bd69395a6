"""What both of Vault's identities are given."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from ..arguments import Arguments
from ..contracts import ClusterRef, ServiceAccountRef
from ..forms import DNS_SUBDOMAIN
from .forms import AUDIENCE, MOUNT, OWN_POLICY
from .names import OPERATOR, VaultNames


@dataclass(frozen=True, kw_only=True)
class VaultIdentityArgs(Arguments):
    """Arguments of both identities."""

    names: VaultNames
    cluster: ClusterRef
    service_account: ServiceAccountRef
    audience: str
    policy: pulumi.Input[str]
    existing_mount: str | None = None
    token_ttl_seconds: int = 600
    role: str = OPERATOR
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require_form("audience", self.audience, AUDIENCE)
        self.require_form("policy", self.policy, OWN_POLICY)
        self.require_form("role", self.role, DNS_SUBDOMAIN)
        if self.existing_mount is not None:
            self.require_form("existing_mount", self.existing_mount, MOUNT)
        # The operator takes a token with less than a minute left for expired (external-secrets v0.20.4, `checkToken`).
        self.require(
            120 <= self.token_ttl_seconds <= 3600, "token_ttl_seconds", "is not from 120 to 3600", "600 is usual"
        )

    @property
    def role_name(self) -> str:
        """The role in the auth method."""
        return self.names.full_name(self.role)
