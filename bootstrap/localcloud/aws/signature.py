"""Signature Version 4: whether a request was made by the holder of a key and arrived as it was sent."""

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPMessage

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from bootstrap.localcloud.aws.answers import AwsError, Fault
from bootstrap.localcloud.aws.wire import HttpRequest

_ALGORITHM = "AWS4-HMAC-SHA256"
_SKEW = timedelta(minutes=15)
_AUTHORIZATION = re.compile(
    rf"{_ALGORITHM} Credential=(?P<key>\w+)/(?P<date>\d{{8}})/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)"
    r"/aws4_request, ?SignedHeaders=(?P<headers>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class Authorization:
    """What a request claims in its `Authorization` header."""

    key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Authorization":
        header = request.headers.get("authorization", "")
        if not header.startswith(_ALGORITHM):
            raise AwsError(Fault.UNSIGNED, "Request is missing Authentication Token")
        match = _AUTHORIZATION.fullmatch(header)
        if match is None:
            raise AwsError(Fault.INCOMPLETE_SIGNATURE, "The Authorization header is not complete.")
        return cls(
            match["key"],
            match["date"],
            match["region"],
            match["service"],
            tuple(match["headers"].split(";")),
            match["signature"],
        )


def verify(
    request: HttpRequest, claimed: Authorization, secret: str, now: Callable[[], datetime] | None = None
) -> None:
    """Refuse a request unless it is signed by `secret`, whole, and fresh."""
    headers = request.headers
    must = {"host", *(name for name in headers if name.startswith("x-amz-"))}
    if not must <= set(claimed.signed_headers) or not set(claimed.signed_headers) <= set(headers):
        raise AwsError(Fault.INCOMPLETE_SIGNATURE, "The signature does not cover host and every x-amz- header.")
    stated = headers.get("x-amz-content-sha256")
    if stated is not None and stated != hashlib.sha256(request.body).hexdigest():
        raise AwsError(Fault.BAD_SIGNATURE, "The body is not the one whose hash was signed.")
    _check_time(claimed, headers.get("x-amz-date", ""), (now or (lambda: datetime.now(UTC)))())
    expected = _Verifier(claimed, secret).expected(request)
    if not hmac.compare_digest(expected, claimed.signature):
        raise AwsError(
            Fault.BAD_SIGNATURE,
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method.",
        )


def _check_time(claimed: Authorization, stamp: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise AwsError(Fault.INCOMPLETE_SIGNATURE, "X-Amz-Date is missing or not a date.") from None
    if abs(now - signed_at) > _SKEW or not stamp.startswith(claimed.date):
        raise AwsError(Fault.BAD_SIGNATURE, "Signature expired or not yet current.")


class _Verifier(SigV4Auth):
    """botocore's signer, told which headers the client signed instead of choosing them."""

    def __init__(self, claimed: Authorization, secret: str) -> None:
        super().__init__(Credentials(claimed.key_id, secret), claimed.service, claimed.region)
        self._claimed = claimed

    def headers_to_sign(self, request: AWSRequest) -> HTTPMessage:
        chosen = HTTPMessage()
        for name in self._claimed.signed_headers:
            chosen[name] = request.headers[name]
        return chosen

    def expected(self, sent: HttpRequest) -> str:
        request = AWSRequest(
            sent.method, f"http://{sent.headers['host']}{sent.target}", dict(sent.headers), data=sent.body
        )
        request.context["timestamp"] = sent.headers["x-amz-date"]
        return self.signature(self.string_to_sign(request, self.canonical_request(request)), request)
