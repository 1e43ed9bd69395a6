"""Tenants' keys in AWS, as those use them who may: who brings tenants in makes one, and the tenant unwraps it.

Where nothing else brings tenants in, CI does: it is who may take the administrators' role.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bootstrap.verification.aws import AwsView


def tenants(view: "AwsView") -> Sequence[str]:
    """Those whom the stack's references name; none without CI."""
    return list(view.references["tenantKeys"]["tenants"]) if {"ci", "tenantKeys"} <= view.references.keys() else []


def wrapped(view: "AwsView", tenant: str) -> bytes:
    """A key of a tenant, as the administrator makes it without seeing it."""
    made = administrator(view).generate_data_key_without_plaintext(
        KeyId=view.references["tenantsKeyArn"], KeySpec="AES_256", EncryptionContext=_context(view, tenant)
    )
    return bytes(made["CiphertextBlob"])


def unwrapped(view: "AwsView", kms: Any, tenant: str, key: bytes) -> bytes:
    """A key, opened in a tenant's name by whoever `kms` is."""
    answer = kms.decrypt(
        KeyId=view.references["tenantsKeyArn"], CiphertextBlob=key, EncryptionContext=_context(view, tenant)
    )
    return bytes(answer["Plaintext"])


def kms_of(view: "AwsView", tenant: str) -> Any:
    """KMS as a tenant asks it."""
    return view.client(view.session_of(view.references["tenantKeys"]["tenants"][tenant]), "kms")


def administrator(view: "AwsView") -> Any:
    """KMS as whoever brings tenants in asks it."""
    sts = view.client(view.session_of(view.references["ci"]), "sts")
    role = view.references["tenantKeys"]["administratorRoleArn"]
    return view.client(view.session_with(sts.assume_role(RoleArn=role, RoleSessionName="proof")["Credentials"]), "kms")


def _context(view: "AwsView", tenant: str) -> Mapping[str, str]:
    return {"tablename": view.references["tenantKeys"]["table"], "branch-key-id": tenant}
