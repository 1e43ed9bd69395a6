"""HTTP requests as the AWS SDKs send them, and the API call that each one is. It trusts nothing it reads."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from bootstrap.localcloud.aws import rest_xml
from bootstrap.localcloud.aws.answers import AwsError, Fault, Protocol

ACCOUNT = "123456789012"
PROTOCOLS: Mapping[str, Protocol] = {
    "kms": "json",
    "secretsmanager": "json",
    "dynamodb": "json",
    "iam": "query",
    "sts": "query",
    "eks": "rest-json",
    "route53": "rest-xml",
}
TARGETS = {"kms": "TrentService", "secretsmanager": "secretsmanager", "dynamodb": "DynamoDB_20120810"}

_ASSOCIATIONS = "/clusters/(?P<name>[^/]+)/pod-identity-associations"
_EKS_ROUTES: tuple[tuple[str, str, str], ...] = (
    ("POST", _ASSOCIATIONS, "CreatePodIdentityAssociation"),
    ("GET", _ASSOCIATIONS, "ListPodIdentityAssociations"),
    ("GET", _ASSOCIATIONS + "/(?P<associationId>[^/]+)", "DescribePodIdentityAssociation"),
    ("POST", _ASSOCIATIONS + "/(?P<associationId>[^/]+)", "UpdatePodIdentityAssociation"),
    ("DELETE", _ASSOCIATIONS + "/(?P<associationId>[^/]+)", "DeletePodIdentityAssociation"),
    ("GET", "/tags/(?P<resourceArn>.+)", "ListTagsForResource"),
    ("POST", "/tags/(?P<resourceArn>.+)", "TagResource"),
    ("DELETE", "/tags/(?P<resourceArn>.+)", "UntagResource"),
)


@dataclass(frozen=True)
class HttpRequest:
    """One request. `target` is the path with its query as it stood on the wire; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)


@dataclass(frozen=True)
class Call:
    """One API call: `parameters` as the service's API names them (flat for the query protocol)."""

    service: str
    action: str
    region: str
    parameters: Mapping[str, Any]

    @property
    def event(self) -> str:
        return f"{self.service}:{self.action}"

    def text(self, name: str, default: str = "") -> str:
        """A parameter that must be a text."""
        value = self.parameters.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise AwsError(Fault.VALIDATION, f"{name} must be a string.")
        return value

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise AwsError(Fault.VALIDATION, f"{name} is required.")
        return value

    def blob(self, name: str) -> bytes:
        try:
            return base64.b64decode(self.required(name), validate=True)
        except ValueError:
            raise AwsError(Fault.VALIDATION, f"{name} is not base64.") from None

    def members(self, name: str, *fields: str) -> list[dict[str, str]]:
        """A list of structures in the query protocol: `Tags.member.1.Key`. Without fields, texts under `""`."""
        found: list[dict[str, str]] = []
        while True:
            at = f"{name}.member.{len(found) + 1}"
            entry = (
                {field: self.text(f"{at}.{field}") for field in fields if f"{at}.{field}" in self.parameters}
                if fields
                else ({"": self.text(at)} if at in self.parameters else {})
            )
            if not entry:
                return found
            found.append(entry)


def parse(request: HttpRequest, service: str, region: str) -> Call:
    """The API call of a request to a service. What the guard does not know is refused, never passed on."""
    protocol = PROTOCOLS.get(service)
    if protocol is None:
        raise AwsError("UnsupportedOperation", f"The local AWS has no service {service}.")
    if protocol == "json":
        return _json(request, service, region)
    if protocol == "query":
        return _query(request, service, region)
    if protocol == "rest-xml":
        return _rest_xml(request, service, region)
    return _rest_json(request, service, region)


def _json(request: HttpRequest, service: str, region: str) -> Call:
    prefix, _, action = request.headers.get("x-amz-target", "").partition(".")
    if prefix != TARGETS[service] or not action or request.method != "POST" or request.target != "/":
        raise AwsError("UnknownOperationException", f"The request names no operation of {service}.")
    return Call(service, action, region, _json_object(request.body))


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise AwsError("SerializationException", "The request's body is not a JSON object.")
    return data


def _query(request: HttpRequest, service: str, region: str) -> Call:
    parameters = query_parameters(request)
    action = parameters.pop("Action", "")
    parameters.pop("Version", None)
    if not action or request.method != "POST" or request.target != "/":
        raise AwsError("InvalidAction", f"The request names no operation of {service}.")
    return Call(service, action, region, parameters)


def query_parameters(request: HttpRequest) -> dict[str, str]:
    """The form of a request in the query protocol. A name that stands twice is refused: two readers might differ."""
    try:
        fields = parse_qs(request.body.decode(), keep_blank_values=True)
    except ValueError:
        raise AwsError("MalformedQueryString", "The request's form cannot be read.") from None
    if any(len(values) > 1 for values in fields.values()):
        raise AwsError("MalformedQueryString", "The request's form names a parameter twice.")
    return {name: values[0] for name, values in fields.items()}


def _rest_json(request: HttpRequest, service: str, region: str) -> Call:
    for method, route, action in _EKS_ROUTES:
        match = re.fullmatch(route, request.path)
        if method == request.method and match:
            query = {name: values if name == "tagKeys" else values[0] for name, values in request.query.items()}
            return Call(service, action, region, {**_json_object(request.body), **query, **match.groupdict()})
    raise AwsError("UnsupportedOperation", f"The local AWS has no {request.method} of this path in {service}.")


def _rest_xml(request: HttpRequest, service: str, region: str) -> Call:
    if request.query:
        raise AwsError("UnsupportedOperation", f"The local AWS takes no query in {service}.")
    action, parameters = rest_xml.read(request.method, request.path, request.body)
    return Call(service, action, region, parameters)
