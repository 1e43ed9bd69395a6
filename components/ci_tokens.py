"""What is known of the tokens of GitHub, GitLab and Bitbucket: who signs them, which repository a `sub` names, and
whether jobs are among them whose code nobody has reviewed."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

UUID = r"\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}"

# The ends of names that hold exactly one repository: GitHub's, GitLab's and Bitbucket's, with its environment or not.
_ONE_REPOSITORY = re.compile(rf"repo:[^/:]+/[^/:]+:|project_path:[^/:]+(?:/[^/:]+)+:|{UUID}:(?:{UUID}:)?")
_BITBUCKET_ENVIRONMENT = re.compile(rf"{UUID}:{UUID}:")
_GITHUB_REPOSITORY = re.compile(
    r"(?:\A|:)(?:repo|repository):[^/:]+/[^/:]+(?::|\Z)|(?:\A|:)repository_id:[0-9]+(?::|\Z)"
)
# What a `sub` or claim of GitHub says beside the repository: without any of it, it is that of every job.
_GITHUB_SCOPE = re.compile(r"(?:\A|:)(?:ref:refs/|(?:environment|job_workflow_ref|workflow_ref):[^:])")
_GITHUB_SCOPE_CLAIMS = frozenset({"ref", "environment", "job_workflow_ref", "workflow_ref"})
_PULL_REQUEST = re.compile(r"(?:\A|:)pull_request(?::|\Z)|(?:\A|[:@])refs/(?:pull|merge-requests)/")


def is_github(issuer: str) -> bool:
    """Whether GitHub signs there: github.com, one enterprise of it, data residency, or a server of one's own.

    However it is spelled: AWS knows no slash at an issuer's end, and no host has capitals.
    Sources: GitHub Docs, "OpenID Connect reference"; Enterprise Server, the same page (`/_services/token`).
    """
    address = urlsplit(issuer)
    host, path = address.hostname or "", address.path.lower()
    return host.startswith("token.actions.") or "/_services/token" in path


def is_one_repository(prefix: str) -> bool:
    """Whether the beginning of a `sub` ends after one whole repository."""
    return _ONE_REPOSITORY.fullmatch(prefix) is not None


def names_github_repository(sub: str) -> bool:
    return _GITHUB_REPOSITORY.search(sub) is not None


def admits_unreviewed(issuer: object, subs: Sequence[str], prefixes: Sequence[str], claims: Mapping[str, str]) -> bool:
    """Whether pull requests are among the jobs, by name or because every job of a repository is."""
    if any(_PULL_REQUEST.search(text) for text in (*subs, *claims.values())):
        return True
    if isinstance(issuer, str) and is_github(issuer):
        return not _GITHUB_SCOPE_CLAIMS & {*claims} and not all(map(_GITHUB_SCOPE.search, (*subs, *prefixes)))
    return not all(_prefix_is_reviewed(prefix, claims) for prefix in prefixes)


def _prefix_is_reviewed(prefix: str, claims: Mapping[str, str]) -> bool:
    if prefix.startswith("project_path:"):
        # Any job of a project can name an environment or make a branch; only protected ones ask who may.
        return "true" in (claims.get("environment_protected"), claims.get("ref_protected"))
    return _BITBUCKET_ENVIRONMENT.fullmatch(prefix) is not None
