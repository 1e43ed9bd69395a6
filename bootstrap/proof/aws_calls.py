"""How an attack asks AWS: with whose credentials, who decides, and what counts as a refusal."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from bootstrap.verification.aws import AwsView
from bootstrap.verification.environment import RefusedError

STS, IAM = "STS (checks in front of moto)", "IAM (checks in front of moto)"
MANAGER, KMS = "Secrets Manager (checks in front of moto)", "KMS (checks in front of moto)"
ROUTE53 = "Route 53 (checks in front of moto)"
_REFUSALS = {"AccessDenied", "AccessDeniedException", "ExpiredTokenException", "InvalidIdentityToken"}


def refusable(call: Callable[[], Any], *also: str) -> Any:
    """The call's answer. A refusal of access is a RefusedError; any other answer means that access was given.

    also: further codes that are refusals.
    """
    try:
        return call()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _REFUSALS or code in also:
            raise RefusedError(f"{code} on {error.operation_name}") from error
        return code


def assume(view: AwsView, token: str, role: str | None = None) -> Any:
    """Take a role, by default the environment's, with a token: the session. Raises RefusedError."""
    return refusable(lambda: view.session_by_token(token, role or view.references["identityRoleArn"]))
