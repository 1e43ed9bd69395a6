"""Nobody is everybody: no wildcard as a principal or as an action, no public access, no role that holds them all."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from .resource import Check, Rule, Seen, Settings, every

_EVERYBODY = ("allUsers", "allAuthenticatedUsers")
# Roles that hold every permission or nearly so (Google Cloud, "Basic roles").
_GOOGLE_BASIC = ("roles/owner", "roles/editor", "roles/viewer")
# Owner, Contributor and User Access Administrator (Azure, "Azure built-in roles").
_AZURE_WIDE = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
)
_AZURE_SUBSCRIPTION = re.compile(r"/subscriptions/[^/]+(/resourceGroups/[^/]+)?", re.IGNORECASE)
_VAULT_PATH = re.compile(r'path\s+"(?P<path>[^"]*)"\s*\{(?P<body>[^}]*)\}')


def _aws(*fields: str) -> Check:
    def check(seen: Seen, _settings: Settings) -> Iterator[str]:
        for field in fields:
            for statement in _statements(seen.at(field)):
                yield from _too_wide(field, statement)

    return check


def _statements(document: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(document, str) and document:
        statements = json.loads(document).get("Statement", [])
        for one in statements if isinstance(statements, list) else [statements]:
            if one.get("Effect") == "Allow":
                yield one


def _too_wide(field: str, statement: Mapping[str, Any]) -> Iterator[str]:
    if "NotAction" in statement or "NotPrincipal" in statement:
        yield f"{field}: a statement allows all but what it names; name what it allows"
    if any("*" in action for action in _list(statement.get("Action"))):
        yield f"{field}: a statement allows actions by a wildcard; name each action"
    principal = statement.get("Principal")
    named = cast(Mapping[str, Any], principal).values() if isinstance(principal, Mapping) else [principal]
    if any("*" in str(one) for several in named for one in _list(several)):
        yield f"{field}: a statement allows everybody; name the principals"


def _list(value: Any) -> Sequence[str]:
    if value is None:
        return ()
    return value if isinstance(value, list) else [value]


def _aws_public(seen: Seen, _settings: Settings) -> Iterator[str]:
    if seen.at("blockPublicPolicy") is not True:
        yield "a public policy would be taken; set block_public_policy"


def _google(seen: Seen, _settings: Settings) -> Iterator[str]:
    for member in _list(seen.at("members") or seen.at("member")):
        if member in _EVERYBODY:
            yield f"{member} has access; name the members"
    if seen.at("role") in _GOOGLE_BASIC:
        yield "the role holds every permission; grant a role of the one service"


def _google_project(seen: Seen, settings: Settings) -> Iterator[str]:
    yield from _google(seen, settings)
    if str(seen.at("role")).startswith(("roles/secretmanager.", "roles/cloudkms.")):
        yield "the role holds for every secret or key of the project; grant it on the one secret or key"


def _azure(seen: Seen, _settings: Settings) -> Iterator[str]:
    role, scope = str(seen.at("roleDefinitionId")), str(seen.at("scope"))
    if role.rsplit("/", 1)[-1] in _AZURE_WIDE:
        yield "the role holds nearly every permission; assign a role of the one service"
    if _AZURE_SUBSCRIPTION.fullmatch(scope.rstrip("/")):
        yield "the role is assigned on a whole subscription or resource group; assign it on one vault, key or secret"


def _vault(seen: Seen, _settings: Settings) -> Iterator[str]:
    for rule in _VAULT_PATH.finditer(str(seen.at("policy") or "")):
        if re.fullmatch(r"[*+/]*", rule["path"]):
            yield "a rule holds for every path; name the mount"
        if '"sudo"' in rule["body"] or '"root"' in rule["body"]:
            yield f'path "{rule["path"]}": the rule gives root\'s powers; take sudo out'


RULES = {
    "no-wildcards": Rule(
        description="Grants name their principals, their actions and what they are for.",
        checks={
            "aws:iam/role:Role": _aws("assumeRolePolicy"),
            "aws:iam/rolePolicy:RolePolicy": _aws("policy"),
            "aws:iam/policy:Policy": _aws("policy"),
            "aws:kms/key:Key": _aws("policy"),
            "aws:secretsmanager/secretPolicy:SecretPolicy": _aws("policy"),
            "aws:s3/bucketPolicy:BucketPolicy": _aws("policy"),
            **every(
                "gcp:secretmanager/secretIamMember:SecretIamMember",
                "gcp:secretmanager/secretIamBinding:SecretIamBinding",
                "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
                "gcp:serviceaccount/iAMMember:IAMMember",
                check=_google,
            ),
            "gcp:projects/iAMMember:IAMMember": _google_project,
            "azure-native:authorization:RoleAssignment": _azure,
            "vault:index/policy:Policy": _vault,
        },
    ),
    "no-public-secret-policy": Rule(
        description="A secret's own policy can never be public.",
        checks={"aws:secretsmanager/secretPolicy:SecretPolicy": _aws_public},
    ),
}
