"""Credentials that are known by their shape, in any text, also inside base64.

The base is the rules of detect-secrets, run on whole texts and without its network verification. A private key needs a
body here, where detect-secrets refuses each mention of the header. What it lacks is added below.
"""

import re
from collections.abc import Iterator
from functools import cache

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector

from bootstrap.leaks.documents import TextFile
from bootstrap.leaks.finding import Finding, found
from bootstrap.leaks.material import decode, is_example, is_material

_BASE = {
    "aws-key": (AWSKeyDetector,),
    "azure-credential": (AzureStorageKeyDetector,),
    "git-host-token": (GitHubTokenDetector, GitLabTokenDetector),
    "slack-token": (SlackDetector,),
    "service-token": (
        *(MailchimpDetector, NpmDetector, OpenAIDetector, PypiTokenDetector, SendGridDetector),
        *(SquareOAuthDetector, StripeDetector),
    ),
    "url-password": (BasicAuthDetector,),
}
_BETWEEN = r"(?:\s|\\[nrt]|[\"'+|>,(])*"  # a line break as it is written in YAML, JSON or source code
_ADDED = {
    "private-key": (
        rf"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----{_BETWEEN}"
        rf"(?:(?:Proc-Type|DEK-Info|Version|Comment|Hash): [^\n\\]*{_BETWEEN})*(?P<value>[A-Za-z0-9+/]{{32}})",
        r"PuTTY-User-Key-File-\d: [\s\S]{1,4000}?Private-Lines: \d+\s+(?P<value>[A-Za-z0-9+/]{32})",
        r"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----(?:\s+[A-Za-z-]+: [^\n]*)*\s+(?P<value>[A-Za-z0-9+/]{32})",
    ),
    "age-key": (r"\bAGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{58,}",),
    "aws-key": (
        r"(?i)(?:aws.{0,20}(?:secret|key)|secret.?access.?key).{0,10}?[:=]\s*[\"']?"
        r"(?P<value>(?![0-9a-f]{40})[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    ),
    "gcp-key": (r"\bAIza[0-9A-Za-z_-]{35}(?![\w-])", r"\bGOCSPX-[A-Za-z0-9_-]{28}"),
    "azure-credential": (
        r"(?<![\w~.-])[a-zA-Z0-9_~.]{3}\dQ~[a-zA-Z0-9_~.-]{31,34}(?![\w~.-])",
        r"SharedAccessKey=[A-Za-z0-9+/]{42,}={0,2}",
        r"[?&](?=[^\s\"'<>]*\bsv=20\d\d-)(?=[^\s\"'<>]*\bse=)[^\s\"'<>]*?\bsig=(?P<value>[A-Za-z0-9%/+=]{40,})",
    ),
    "vault-token": (
        r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}",
        r"(?i:vault).{0,20}(?i:token).{0,10}?[\s\"':=](?P<value>s\.[A-Za-z0-9]{24})\b",
    ),
    "git-host-token": (r"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",),
    "slack-token": (r"\bxapp-\d-[A-Z0-9]+-\d+-[a-z0-9]{32,}", r"\bxoxe-\d-[A-Za-z0-9]{60,}"),
    "json-web-token": (r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}",),
}
_PASSWORDS_OF_PATTERNS = {"password", "passwd", "pass", "pwd", "pw", "secret", "token"}  # https://user:password@host
_INSIDE_A_WORD = re.compile(r"[A-Za-z0-9]{2}")
_ENCODED = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/]{40,}={0,2}")


def shapes(file: TextFile) -> Iterator[Finding]:
    for rule, start, value in find_shapes(file.text):
        yield found(rule, file.path, file.text.count("\n", 0, start) + 1, value)


def find_shapes(text: str) -> Iterator[tuple[str, int, str]]:
    """Rule, place and value of each credential in the text, and of those inside base64 in it."""
    yield from _plain(text)
    for run in _ENCODED.finditer(text):
        encoded = run[0].rstrip("=")
        decoded = decode(encoded + "=" * (-len(encoded) % 4))
        if decoded and decoded.isascii():
            yield from ((rule, run.start(), value) for rule, _, value in _plain(decoded.decode()))


def _plain(text: str) -> Iterator[tuple[str, int, str]]:
    for rule, pattern in _patterns():
        for match in pattern.finditer(text):
            value = match["value"] if "value" in pattern.groupindex else match[0]
            before = text[max(match.start() - 1, 0) : match.start() + 1]
            if not _INSIDE_A_WORD.fullmatch(before) and _is_credential(rule, value):
                yield rule, match.start(), value


def _is_credential(rule: str, value: str) -> bool:
    if rule == "json-web-token":
        return JwtTokenDetector.is_formally_valid(value)
    if rule == "url-password":
        password = value.rpartition(":")[2].rstrip("@")
        return password not in _PASSWORDS_OF_PATTERNS and is_material(password)
    return not is_example(value)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    base = [(rule, pattern) for rule, plugins in _BASE.items() for plugin in plugins for pattern in plugin.denylist]
    return base + [(rule, re.compile(pattern)) for rule, patterns in _ADDED.items() for pattern in patterns]
