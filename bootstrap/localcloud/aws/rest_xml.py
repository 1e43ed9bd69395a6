"""Route 53's protocol: paths and XML documents read into parameters, and written anew from them.

An element that stands twice, an attribute, a document type or a path that is not in the table is refused: moto might
read it otherwise than the guard did.
"""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from bootstrap.localcloud.aws.answers import AwsError

_VERSION = "/2013-04-01"
_NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/"
_ZONE = f"{_VERSION}/hostedzone/{{HostedZoneId}}"
# Action, method, path, and the path's parameter.
_ROUTES = (
    ("CreateHostedZone", "POST", f"{_VERSION}/hostedzone", ""),
    ("GetHostedZone", "GET", _ZONE, "HostedZoneId"),
    ("DeleteHostedZone", "DELETE", _ZONE, "HostedZoneId"),
    ("ChangeResourceRecordSets", "POST", f"{_ZONE}/rrset", "HostedZoneId"),
    ("ListResourceRecordSets", "GET", f"{_ZONE}/rrset", "HostedZoneId"),
    ("GetChange", "GET", f"{_VERSION}/change/{{ChangeId}}", "ChangeId"),
)
_MEMBERS = {"Changes": "Change", "ResourceRecords": "ResourceRecord"}


def read(method: str, path: str, body: bytes) -> tuple[str, dict[str, Any]]:
    """The action of a request without a query, and its parameters: texts, mappings, and lists of them."""
    for action, verb, route, parameter in _ROUTES:
        pattern = re.escape(route).replace(re.escape(f"{{{parameter}}}"), "([A-Z0-9]{1,32})") if parameter else route
        match = re.fullmatch(f"{pattern}/?", path)
        if match and verb == method:
            found = {parameter: match[1]} if parameter else {}
            return action, {**(_document(action, body) if verb == "POST" else {}), **found}
    raise AwsError("UnsupportedOperation", f"The local AWS has no {method} of this path in route53.")


def write(action: str, parameters: Mapping[str, Any]) -> tuple[str, str, str]:
    """Method, path and body of a call."""
    verb, route, parameter = next((verb, route, name) for one, verb, route, name in _ROUTES if one == action)
    path = route.replace(f"{{{parameter}}}", parameters[parameter]) if parameter else route
    if verb != "POST":
        return verb, path, ""
    inner = _elements({name: value for name, value in parameters.items() if name != parameter})
    return verb, path, f'<{action}Request xmlns="{_NAMESPACE}">{inner}</{action}Request>'


def _document(action: str, body: bytes) -> dict[str, Any]:
    malformed = AwsError("MalformedXML", f"The body is no document of {action}.")
    if b"<!" in body:  # neither a document type, whose entities could grow, nor CDATA
        raise malformed
    try:
        root = ElementTree.fromstring(body)  # noqa: S314  # without a document type there is nothing to expand
    except ElementTree.ParseError:
        raise malformed from None
    if root.tag != f"{{{_NAMESPACE}}}{action}Request":
        raise malformed
    content = _content(root)
    if not isinstance(content, dict):
        raise malformed
    return content


def _content(element: ElementTree.Element) -> Any:
    name = _name(element)
    if element.attrib:
        raise AwsError("MalformedXML", f"{name} has attributes.")
    children = [(_name(child), child) for child in element]
    if name in _MEMBERS:
        if any(child != _MEMBERS[name] for child, _ in children):
            raise AwsError("MalformedXML", f"{name} has other elements than {_MEMBERS[name]}.")
        return [_content(child) for _, child in children]
    if not children:
        return element.text or ""
    if len({child for child, _ in children}) < len(children):
        raise AwsError("MalformedXML", f"{name} has an element twice.")
    return {child: _content(at) for child, at in children}


def _name(element: ElementTree.Element) -> str:
    name = element.tag.removeprefix(f"{{{_NAMESPACE}}}")
    if not name.isalpha():
        raise AwsError("MalformedXML", "The document has an element of another namespace.")
    return name


def _elements(content: Any, name: str = "") -> str:
    if isinstance(content, Mapping):
        return "".join(f"<{key}>{_elements(value, key)}</{key}>" for key, value in content.items())
    if isinstance(content, list):
        member = _MEMBERS[name]
        return "".join(f"<{member}>{_elements(one, member)}</{member}>" for one in content)
    return escape(content)
