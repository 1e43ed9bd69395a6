"""Tenants' keys in AWS: a tenant's key, wrapped by whoever brings tenants in, and who unwraps it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bootstrap.proof.attack import Attack
from bootstrap.proof.aws_calls import KMS, refusable
from bootstrap.verification.aws import AwsView
from bootstrap.verification.aws_tenants import administrator, kms_of, tenants, unwrapped, wrapped

_OTHER_CONTEXT = "InvalidCiphertextException"
"""What KMS says of a ciphertext in another encryption context, once access was given."""


def attacks(view: AwsView) -> Sequence[Attack]:
    """What is tried on an environment's tenants; none without two of them and CI."""
    if len(tenants(view)) < 2:
        return []
    owner, other = tenants(view)[:2]
    key = view.references["tenantsKeyArn"]

    def unwrap(kms: Any, named: str) -> object:
        return unwrapped(view, kms, named, wrapped(view, owner))

    def shred() -> None:
        answer = refusable(lambda: kms_of(view, owner).schedule_key_deletion(KeyId=key, PendingWindowInDays=30))
        if isinstance(answer, Mapping):
            kms = view.client(view.deployer, "kms")
            kms.cancel_key_deletion(KeyId=key)
            kms.enable_key(KeyId=key)

    def by_itself() -> object:
        return unwrap(kms_of(view, owner), owner)

    return [
        Attack(
            name=f"tenant {other} unwraps the key of tenant {owner}",
            control="the encryption context in the policy of the tenant's role",
            judge=KMS,
            rightful=by_itself,
            attempt=lambda: refusable(lambda: unwrap(kms_of(view, other), owner)),
        ),
        Attack(
            name=f"tenant {other} unwraps the key of tenant {owner} in its own name",
            control="the encryption context, which is part of the ciphertext",
            judge=KMS,
            rightful=by_itself,
            attempt=lambda: refusable(lambda: unwrap(kms_of(view, other), other), _OTHER_CONTEXT),
        ),
        Attack(
            name=f"tenant {owner} has the key of all tenants deleted",
            control="the key's policy and that of the tenant's role",
            judge=KMS,
            rightful=by_itself,
            attempt=shred,
        ),
        Attack(
            name="whoever brings tenants in unwraps a tenant's key",
            control="the key's policy and that of the administrator's role",
            judge=KMS,
            rightful=lambda: wrapped(view, owner),
            attempt=lambda: refusable(lambda: unwrap(administrator(view), owner)),
        ),
    ]
