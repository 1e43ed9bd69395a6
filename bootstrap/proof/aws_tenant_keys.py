"""Tenants' keys in AWS: a tenant's key, wrapped by whoever brings tenants in, and who unwraps it.

Where nothing else brings tenants in, CI does: it is who may take the administrators' role.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bootstrap.proof.attack import Attack
from bootstrap.proof.aws_calls import KMS, refusable, session_of
from bootstrap.verification.aws import AwsView

_OTHER_CONTEXT = "InvalidCiphertextException"
"""What KMS says of a ciphertext in another encryption context, once access was given."""


def attacks(view: AwsView) -> Sequence[Attack]:
    """What is tried on an environment's tenants; none without two of them and CI."""
    if not {"ci", "tenantKeys"} <= view.references.keys():
        return []
    owner, other = list(view.references["tenantKeys"]["tenants"])[:2]
    key = view.references["tenantsKeyArn"]

    def unwrap(kms: Any, named: str) -> object:
        return kms.decrypt(KeyId=key, CiphertextBlob=_wrapped(view, owner), EncryptionContext=_context(view, named))

    def shred() -> None:
        answer = refusable(lambda: _tenant(view, owner).schedule_key_deletion(KeyId=key, PendingWindowInDays=30))
        if isinstance(answer, Mapping):
            kms = view.client(view.deployer, "kms")
            kms.cancel_key_deletion(KeyId=key)
            kms.enable_key(KeyId=key)

    def by_itself() -> object:
        return unwrap(_tenant(view, owner), owner)

    return [
        Attack(
            name=f"tenant {other} unwraps the key of tenant {owner}",
            control="the encryption context in the policy of the tenant's role",
            judge=KMS,
            rightful=by_itself,
            attempt=lambda: refusable(lambda: unwrap(_tenant(view, other), owner)),
        ),
        Attack(
            name=f"tenant {other} unwraps the key of tenant {owner} in its own name",
            control="the encryption context, which is part of the ciphertext",
            judge=KMS,
            rightful=by_itself,
            attempt=lambda: refusable(lambda: unwrap(_tenant(view, other), other), _OTHER_CONTEXT),
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
            rightful=lambda: _wrapped(view, owner),
            attempt=lambda: refusable(lambda: unwrap(_administrator(view), owner)),
        ),
    ]


def _wrapped(view: AwsView, tenant: str) -> bytes:
    """A key of a tenant, as the administrator makes it without seeing it."""
    made = _administrator(view).generate_data_key_without_plaintext(
        KeyId=view.references["tenantsKeyArn"], KeySpec="AES_256", EncryptionContext=_context(view, tenant)
    )
    return bytes(made["CiphertextBlob"])


def _context(view: AwsView, tenant: str) -> Mapping[str, str]:
    return {"tablename": view.references["tenantKeys"]["table"], "branch-key-id": tenant}


def _tenant(view: AwsView, tenant: str) -> Any:
    return view.client(session_of(view, view.references["tenantKeys"]["tenants"][tenant]), "kms")


def _administrator(view: AwsView) -> Any:
    sts = view.client(session_of(view, view.references["ci"]), "sts")
    role = view.references["tenantKeys"]["administratorRoleArn"]
    return view.client(view.session_with(sts.assume_role(RoleArn=role, RoleSessionName="proof")["Credentials"]), "kms")
