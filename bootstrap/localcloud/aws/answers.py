"""Answers and refusals in the shapes of AWS. It decides nothing; it knows how each protocol spells them."""

import enum
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

Protocol = str  # "json", "query", "rest-json" or "rest-xml"


class Fault(enum.Enum):
    """Refusals that each protocol names differently: code and HTTP status for json, query and rest-json."""

    ACCESS_DENIED = (("AccessDeniedException", 400), ("AccessDenied", 403), ("AccessDeniedException", 403))
    UNKNOWN_KEY = (
        ("UnrecognizedClientException", 400),
        ("InvalidClientTokenId", 403),
        ("UnrecognizedClientException", 403),
    )
    BAD_SIGNATURE = (
        ("InvalidSignatureException", 400),
        ("SignatureDoesNotMatch", 403),
        ("InvalidSignatureException", 403),
    )
    EXPIRED_TOKEN = (("ExpiredTokenException", 400), ("ExpiredToken", 403), ("ExpiredTokenException", 403))
    UNSIGNED = (
        ("MissingAuthenticationTokenException", 400),
        ("MissingAuthenticationToken", 403),
        ("MissingAuthenticationTokenException", 403),
    )
    INCOMPLETE_SIGNATURE = (
        ("IncompleteSignatureException", 400),
        ("IncompleteSignature", 400),
        ("IncompleteSignatureException", 400),
    )
    VALIDATION = (("ValidationException", 400), ("ValidationError", 400), ("InvalidParameterException", 400))
    INTERNAL = (("InternalFailure", 500), ("InternalFailure", 500), ("InternalFailure", 500))
    UNAVAILABLE = (
        ("ServiceUnavailableException", 503),
        ("ServiceUnavailable", 503),
        ("ServiceUnavailableException", 503),
    )


_COLUMNS = {"json": 0, "query": 1, "rest-json": 2, "rest-xml": 1}


class AwsError(Exception):
    """A refusal: a code that one service uses, or a `Fault` that every protocol spells its own way. Holds no value."""

    def __init__(self, code: str | Fault, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status

    def in_protocol(self, protocol: Protocol) -> tuple[str, int]:
        """The code and the HTTP status that the protocol uses."""
        if isinstance(self.code, Fault):
            return self.code.value[_COLUMNS[protocol]]
        return self.code, self.status


@dataclass(frozen=True)
class Answer:
    """A finished HTTP answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @classmethod
    def json(cls, body: object, status: int = 200, content_type: str = "application/json") -> "Answer":
        return cls(status, [("Content-Type", content_type)], json.dumps(body).encode())

    @classmethod
    def text(cls, body: str, status: int = 200) -> "Answer":
        return cls(status, [("Content-Type", "text/plain")], body.encode())


def error_answer(error: AwsError, protocol: Protocol) -> Answer:
    """The refusal as a client of the protocol expects it."""
    code, status = error.in_protocol(protocol)
    if protocol in ("query", "rest-xml"):
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(code)}</Code>"
            f"<Message>{escape(error.message)}</Message></Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
        )
        return Answer(status, [("Content-Type", "text/xml")], body.encode())
    content_type = "application/x-amz-json-1.1" if protocol == "json" else "application/json"
    answer = Answer.json({"__type": code, "message": error.message, "Message": error.message}, status, content_type)
    answer.headers.append(("x-amzn-ErrorType", code))
    return answer


def query_answer(action: str, result: Mapping[str, Any] | None) -> Answer:
    """The answer to a call of the query protocol; without a result there is only that it was done."""
    inner = f"<{action}Result>{_xml(result)}</{action}Result>" if result is not None else ""
    body = (
        f"<{action}Response>{inner}<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata>"
        f"</{action}Response>"
    )
    return Answer(200, [("Content-Type", "text/xml")], body.encode())


def _xml(fields: Mapping[str, Any]) -> str:
    return "".join(
        f"<{name}>{_xml(value) if isinstance(value, dict) else escape(value)}</{name}>"
        for name, value in fields.items()
    )
