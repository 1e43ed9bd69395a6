"""Forms that texts must have, each with what is wrong without it and how to mend that.

The configuration and the components' arguments check the same forms. This module owns no rule between two fields.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

from .errors import ConfigError
from .tenants.names import TENANT_PATTERN

_CREDENTIAL_ENDS = ("ACCESS_KEY", "ACCESS_KEY_ID", "CLIENT_SECRET", "PASSWORD", "PRIVATE_KEY", "TOKEN")
# What Python's expressions know and Go's (RE2) do not: looking around, conditions, references, possessive repeats.
_NOT_IN_RE2 = re.compile(r"\(\?[=!<>(]|\\[1-9]|[*+?}]\+")


@dataclass(frozen=True)
class Form:
    """A form that a text must have."""

    holds: Callable[[str], bool]
    reason: str
    mend: str

    def require(self, field: str, text: object) -> None:
        """Raise a ConfigError about a field unless it is a text of this form."""
        if not (isinstance(text, str) and self.holds(text)):
            raise ConfigError(field, self.reason, self.mend)


def matches(pattern: str) -> Callable[[str], bool]:
    """A check that a whole text has a pattern."""
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _short_name(limit: int, example: str) -> Form:
    shape = matches(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
    return Form(
        lambda text: len(text) <= limit and shape(text),
        f"is not a lower-case name of up to {limit} characters",
        f"use letters, digits and single hyphens inside, such as {example}",
    )


def _is_namespace_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return _NOT_IN_RE2.search(text) is None


def _is_anchored(text: str) -> bool:
    """Whether a pattern has to match from the first to the last character: `^a|b$` has not, `^(a|b)$` has."""
    outside, replaced = text, 1
    while replaced:
        outside, replaced = re.subn(r"\([^()]*\)", "", outside)
    return text.startswith("^") and text.endswith("$") and not text.endswith(r"\$") and "|" not in outside


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text) if "/" in text else None
    except ValueError:
        return None


def _is_limited_network(text: str) -> bool:
    network = _network(text)
    return network is not None and network.prefixlen >= 8


def is_credential_variable(name: str) -> bool:
    """Whether an environment variable is called as if it held a credential, and not the path or address of one."""
    return name.upper().endswith(_CREDENTIAL_ENDS)


def is_oci(chart: str) -> bool:
    """Whether a chart is named by its whole address in a registry of images."""
    return chart.startswith("oci://")


_IMAGE_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_LABEL_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_SUBDOMAIN = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label is no number: that would be an address.
_DOMAIN = rf"(?=[a-z0-9.-]{{4,253}}\Z)(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?"

_PATH_PART = r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9_+=@!.-]+"

TENANTS_FOLDER = "tenants/"
"""Containers whose names begin so belong to tenants: they are under the tenants' key, where there is one for them."""

PREFIX = _short_name(24, "platform")
ENVIRONMENT_NAME = _short_name(20, "prod")
TEAM_NAME = _short_name(40, "payments")

SECRET_NAME = Form(
    matches(r"(?=.{1,400}\Z)[a-z0-9]+(?:[/._-][a-z0-9]+)*"),
    "the name is not lower-case words joined by `/`, `-`, `_` or `.`, up to 400 characters",
    "choose a name such as database/password; the environment is put in front of it",
)
SECRET_PREFIX = Form(
    matches(r"(?=.{2,200}\Z)[a-z0-9]+(?:[/._-][a-z0-9]+)*/"),
    "is not the beginning of containers' names: lower-case words that end in `/`, no wildcard, up to 200 characters",
    "write a folder such as payments/; the environment is put in front of it",
)
FILE_PATH = Form(
    matches(r"/[A-Za-z0-9_./-]*[A-Za-z0-9_-]"),
    "is not the absolute path of a file",
    "write it from the root, such as /var/log/vault/audit.log",
)
FILE_NAME = Form(
    matches(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}"),
    "is not the name of one file",
    "use letters, digits, `-`, `_` and `.`, without a folder",
)
SECRET_IN_MANAGER = Form(
    # A part `..` would lead out of the environment's folder in Vault.
    matches(rf"{_PATH_PART}(?:/{_PATH_PART})*"),
    "is not the name of a secret in its manager (no ARN, no URL, no `..`)",
    "write it as names.secret_name(…) gives it",
)
TENANT_NAME = Form(
    matches(TENANT_PATTERN),
    "is not up to 48 lower-case letters, digits and hyphens inside",
    "use an id such as acme",
)
DNS_LABEL = Form(
    matches(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"),
    "is not a Kubernetes name (RFC 1123 label)",
    "use up to 63 lower-case letters, digits and hyphens inside",
)
DNS_SUBDOMAIN = Form(
    matches(rf"(?=.{{1,253}}\Z){_SUBDOMAIN}"),
    "is not a Kubernetes name (RFC 1123 subdomain)",
    "use lower-case letters, digits, hyphens and dots inside, up to 253 characters",
)
LABEL_KEY = Form(
    matches(rf"(?:(?=.{{1,253}}/){_SUBDOMAIN}/)?{_LABEL_NAME}"),
    "is not the key of a Kubernetes label",
    "write it as in `metadata.labels`, such as team or example.com/team",
)
LABEL_VALUE = Form(
    matches(rf"(?:{_LABEL_NAME})?"),
    "is not the value of a Kubernetes label",
    "use up to 63 letters, digits, and `-`, `_` or `.` inside",
)
NAMESPACE_PATTERN = Form(
    _is_namespace_pattern,
    "is not a regular expression that Go understands (RE2)",
    "write one such as ^team-[a-z0-9-]+$",
)
# The operator searches the pattern anywhere in the name (external-secrets v0.20.4, `regexp.MatchString`).
WHOLE_NAMESPACE_PATTERN = Form(
    _is_anchored,
    "matches parts of names, so it lets in namespaces that it does not mean",
    "begin it with ^ and end it with $, and put alternatives in parentheses",
)
DNS_ZONE = Form(
    matches(_DOMAIN),
    "is not the name of a DNS zone of at least two labels (no wildcard, no dot at the end)",
    "write it in lower case, such as example.com",
)
DNS_NAME = Form(
    matches(rf"(?:\*\.)?{_DOMAIN}"),
    "is not a DNS name that a certificate can have",
    "write it in lower case, such as www.example.com or *.example.com",
)
BASE64 = Form(
    matches(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})"),
    "is not base64",
    "encode the PEM text, without line breaks",
)
EMAIL = Form(
    matches(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    "is not an e-mail address",
    "write it as certificates@example.com",
)
DURATION = Form(matches(r"[1-9][0-9]*[smh]"), "is not a duration", "write a number and s, m or h, such as 1h")
IMAGE = Form(
    matches(
        r"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"
        rf"(?::(?!latest\Z){_IMAGE_TAG}|(?::{_IMAGE_TAG})?@sha256:[0-9a-f]{{64}})"
    ),
    "is not an image with a version: a tag other than latest, or a digest",
    "write it as REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:DIGEST",
)
GIT_SSH_URL = Form(
    matches(r"(?:git@[A-Za-z0-9.-]+:|ssh://git@[A-Za-z0-9.-]+(?::[0-9]+)?/)[A-Za-z0-9_./~-]+"),
    "is not the address of a Git repository by SSH",
    "write it as git@HOST:PATH or ssh://git@HOST/PATH",
)
HTTPS_URL = Form(
    matches(r"https://[A-Za-z0-9.:\[\]-]+(?:/[^\s@]*)?"),
    "is not an https:// address without a user's name in it",
    "write it as https://HOST/PATH",
)

CIDR = Form(
    lambda text: _network(text) is not None,
    "is not the CIDR of a network",
    "write its first address and length, such as 203.0.113.0/24",
)
LIMITED_CIDR = Form(
    _is_limited_network,
    "opens the API to more than a /8 network, which is as good as everybody",
    "name the networks that you administer from, such as 203.0.113.0/24",
)
KUBERNETES_VERSION = Form(matches(r"1\.[0-9]{2}"), "is not a version of Kubernetes", 'write it in quotes: "1.34"')
