"""Who a CI job is, by the OIDC token that its platform gives it: one model for all backends.

Every `sub` is compared in full, or up to the end of one repository's name: no pattern can let another repository in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pulumi

from .arguments import Arguments, checked
from .ci_tokens import UUID, admits_unreviewed, is_github, is_one_repository, names_github_repository
from .errors import ConfigError
from .forms import Form, matches

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
GITLAB_ISSUER = "https://gitlab.com"

_SERVICE_ACCOUNT = matches(r"system:serviceaccount:[a-z0-9-]+:[a-z0-9.-]+")

_GITHUB_SCOPES = {"branch": "ref:refs/heads/", "tag": "ref:refs/tags/", "environment": "environment:"}

# OpenID Connect Discovery 1.0: without query and fragment.
_ISSUER = Form(
    matches(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?"),
    "is not the https:// address of an issuer",
    "write it as the `iss` of the tokens",
)
# No wildcard of IAM or Vault, no variable of IAM, no quote or backslash of CEL, no comma, by which Vault's provider
# splits. OpenID Connect Core 1.0 ends `sub` at 255 characters.
_WHOLE = matches(r"[A-Za-z0-9{][A-Za-z0-9 ._/@:%{}+=#~-]{0,254}")
_SUB = Form(
    _WHOLE,
    "is not a whole `sub`: up to 255 letters, digits and ` ._/@:%{}+=#~-`, without wildcards, which could stand for "
    "another repository or a fork",
    "write it as the token has it, such as repo:ORG/REPO:ref:refs/heads/main",
)
_CLAIM = Form(
    matches(r"[A-Za-z_][A-Za-z0-9_]*"), "is not the name of a claim", "write it as in the token, such as repository_id"
)
_FURTHER_CLAIM = Form(
    lambda name: name not in ("iss", "sub", "aud"),
    "holds `iss`, `sub` or `aud`, which have fields of their own",
    "give the issuer, the subs or the audience instead",
)
_CLAIM_VALUE = Form(
    _WHOLE,
    "is not a whole value: up to 255 letters, digits and ` ._/@:%{}+=#~-`, without wildcards",
    "write it as the token has it",
)
_AUDIENCE = Form(
    matches(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,252}"), "is not an audience", "write the `aud` that the token has"
)
_NAME = Form(
    matches(r"[A-Za-z0-9_.-]+"), "is not the name of an owner or a repository", "write it without slash, id or wildcard"
)
_ID = Form(matches(r"[1-9][0-9]{0,18}"), "is not an id", 'write its digits in quotes: "456789"')
_REF = Form(
    matches(r"[A-Za-z0-9_][A-Za-z0-9 ._/@%+=#-]*"),
    "is not the whole name of a branch, tag or environment",
    "write it as it is, such as main or release/1.2; `:` becomes %3A",
)
_SHORT_REF = Form(
    lambda name: not name.startswith("refs/"),
    "begins with refs/, which is put in front of it, so no job would fit",
    "write main for refs/heads/main",
)
_UUID_FORM = Form(matches(UUID), "is not a UUID in braces", "copy it from Bitbucket's settings, with the braces")
_PROJECT = Form(
    matches(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+"), "is not the whole path of a project", "write it as GROUP/PROJECT"
)
PURPOSE = Form(
    matches(r"(?=.{1,12}\Z)[a-z][a-z0-9]*(?:-[a-z0-9]+)*"),
    "is not a lower-case name of up to 12 characters",
    "say what the identity is for, such as images",
)


@dataclass(frozen=True, kw_only=True)
class CiSubject(Arguments):
    """The CI jobs that are meant: what a token has to say to be let in. `github_ci` and its like make the usual ones.

    issuer: who issues the tokens; https://. One that is known only later is a cluster's, for jobs that run in it.
    subs: the `sub`s, each compared in full; default none.
    sub_prefixes: instead of `subs`, where `sub` ends with what changes from job to job: each names one whole repository
        (or Bitbucket environment) and ends with `:`; default none.
    claims: further claims and the values that they must have; default none.
    audience: the `aud` of the tokens, where the issuer fixes it; default none: each backend's own.
    reviewed: whether only reviewed code can get such a token (a protected branch, tag or environment). Without it no
        component grants a right to write; default False.

    Raises ConfigError for wildcards, for a `sub` of GitHub that names no repository, for one of an issuer that is known
    only later and that is no service account, and for `reviewed` subjects that hold pull requests.
    """

    issuer: pulumi.Input[str]
    subs: Sequence[str] = ()
    sub_prefixes: Sequence[str] = ()
    claims: Mapping[str, str] = field(default_factory=dict[str, str])
    audience: str | None = None
    reviewed: bool = False

    def __post_init__(self) -> None:
        self.require_form("issuer", self.issuer, _ISSUER)
        self.require(
            bool(self.subs) != bool(self.sub_prefixes),
            "subs",
            "stands beside sub_prefixes, or neither is there",
            "give the whole subs, or the prefixes of repositories",
        )
        for name in ("subs", "sub_prefixes"):
            values: Sequence[str] = getattr(self, name)
            for index, value in enumerate(values):
                self.require_form(f"{name}.{index}", value, _SUB)
        for index, prefix in enumerate(self.sub_prefixes):
            self.require(
                is_one_repository(prefix),
                f"sub_prefixes.{index}",
                "does not end after one whole repository, so it could let another one in",
                "write it as repo:ORG/REPO:, project_path:GROUP/PROJECT: or {REPOSITORY UUID}:",
            )
        for claim, value in self.claims.items():
            self.require_form("claims", claim, _CLAIM, _FURTHER_CLAIM)
            self.require_form(f"claims.{claim}", value, _CLAIM_VALUE)
        if self.audience is not None:
            self.require_form("audience", self.audience, _AUDIENCE)
        self._require_repository()
        self._require_service_accounts()
        self.require(
            not self.reviewed or not admits_unreviewed(self.issuer, self.subs, self.sub_prefixes, self.claims),
            "reviewed",
            "is set, and pull requests are among these jobs, whose code nobody has reviewed yet",
            "leave it out, or name a protected branch, tag or environment",
        )

    def _require_repository(self) -> None:
        """GitHub's issuers sign for everybody: a `sub` that was customised to name no repository is anybody's."""
        if not isinstance(self.issuer, str) or not is_github(self.issuer) or "repository_id" in self.claims:
            return
        for index, sub in enumerate(self.subs):
            self.require(
                names_github_repository(sub),
                f"subs.{index}",
                "names no repository, so every repository that can have this `sub` is let in",
                "put repo or repository_id into the customised `sub`, or add the claim repository_id",
            )

    def _require_service_accounts(self) -> None:
        """A platform's address is known to whoever writes it down, and what its `sub` has to name depends on it."""
        if isinstance(self.issuer, str):
            return
        self.require(
            not self.sub_prefixes, "sub_prefixes", "is for platforms, whose issuer is known", "give whole subs"
        )
        for index, sub in enumerate(self.subs):
            self.require(
                _SERVICE_ACCOUNT(sub),
                f"subs.{index}",
                "is no service account's, and the issuer is known only later, so it has to be a cluster's",
                "write it as system:serviceaccount:NAMESPACE:NAME, or give the issuer as text",
            )


class GitHubSubForm(StrEnum):
    """Which of GitHub's two forms of `sub` are let in.

    IMMUTABLE: `repo:ORG@ID/REPO@ID:…`, the default of repositories that were made, renamed or transferred after 15 July
        2026, and of all that opt in.
    CLASSIC: `repo:ORG/REPO:…`. Who gets the name of a deleted repository gets its `sub`.
    BOTH: for the time of a change. The claim `repository_id` is compared too, so the name alone is not enough.

    Source: GitHub Docs, "OpenID Connect reference", "Immutable subject claims".
    """

    IMMUTABLE = "immutable"
    CLASSIC = "classic"
    BOTH = "both"


@checked
def github_ci(
    owner: str,
    repository: str,
    *,
    owner_id: str | None = None,
    repository_id: str | None = None,
    branch: str | None = None,
    tag: str | None = None,
    environment: str | None = None,
    pull_requests: bool = False,
    form: GitHubSubForm = GitHubSubForm.IMMUTABLE,
    issuer: str = GITHUB_ISSUER,
) -> CiSubject:
    """Jobs of one GitHub repository: of one branch, tag or environment, of pull requests, or without any of them all.

    owner, repository: their names.
    owner_id, repository_id: their ids (`GET /repos/OWNER/REPO`), which `form` needs unless it is CLASSIC.
    branch, tag, environment: at most one; protect it at GitHub. A job with an environment has no branch in its `sub`.
    pull_requests: jobs that a pull request triggers; they get no right to write.
    form: which `sub`s are let in; default IMMUTABLE.
    issuer: default that of github.com; `https://HOST/_services/token` on Enterprise Server, which knows CLASSIC only.

    Raises ConfigError for names that are not whole, and for more than one scope.
    """
    for field_name, name in (("owner", owner), ("repository", repository)):
        _NAME.require(f"github_ci.{field_name}", name)
    scopes = {"branch": branch, "tag": tag, "environment": environment}
    scope = _only_scope("github_ci", scopes, pull_requests=pull_requests)
    ending = "pull_request" if pull_requests else ""
    if scope is not None:
        ending = f"{_GITHUB_SCOPES[scope]}{scopes[scope]}"
    repositories = [f"repo:{owner}/{repository}:"]
    claims: dict[str, str] = {}
    if form is not GitHubSubForm.CLASSIC:
        if owner_id is None or repository_id is None:
            raise ConfigError(
                "github_ci.repository_id",
                f"or owner_id is missing, which the form {form} is made of",
                "ask GitHub for `GET /repos/OWNER/REPO`, or choose GitHubSubForm.CLASSIC",
            )
        _ID.require("github_ci.owner_id", owner_id)
        _ID.require("github_ci.repository_id", repository_id)
        immutable = f"repo:{owner}@{owner_id}/{repository}@{repository_id}:"
        repositories = [immutable, *repositories] if form is GitHubSubForm.BOTH else [immutable]
        claims = {"repository_id": repository_id} if form is GitHubSubForm.BOTH else {}
    subs = [f"{one}{ending}" for one in repositories]
    return CiSubject(
        issuer=issuer,
        subs=subs if ending else (),
        sub_prefixes=() if ending else subs,
        claims=claims,
        reviewed=scope is not None,
    )


@checked
def gitlab_ci(
    project: str,
    *,
    branch: str | None = None,
    tag: str | None = None,
    environment: str | None = None,
    project_id: str | None = None,
    issuer: str = GITLAB_ISSUER,
) -> CiSubject:
    """Jobs of one GitLab project: of one branch, tag or protected environment, or without any of them all.

    project: its whole path, such as `group/project`.
    branch, tag: protect it at GitLab.
    environment: a protected environment. GitLab's `sub` has none, so its claims are compared, which AWS and Azure
        cannot do.
    project_id: its id, which is compared too, against a path that somebody else gets later; the same holds; default
        none.
    issuer: default gitlab.com.

    Raises ConfigError for names that are not whole, and for more than one scope.
    Source: GitLab Docs, "OpenID Connect (OIDC) Authentication Using ID Tokens".
    """
    _PROJECT.require("gitlab_ci.project", project)
    scope = _only_scope("gitlab_ci", {"branch": branch, "tag": tag, "environment": environment})
    path = f"project_path:{project}:"
    claims: dict[str, str] = {}
    if project_id is not None:
        _ID.require("gitlab_ci.project_id", project_id)
        claims["project_id"] = project_id
    if environment is not None:
        # Any job can name an environment; only the protected ones ask who may.
        claims |= {"environment": environment, "environment_protected": "true"}
    name = branch or tag
    return CiSubject(
        issuer=issuer,
        subs=[f"{path}ref_type:{scope}:ref:{name}"] if name else (),
        sub_prefixes=() if name else [path],
        claims=claims,
        reviewed=scope is not None,
    )


@checked
def bitbucket_ci(
    workspace: str, workspace_uuid: str, repository_uuid: str, *, environment_uuid: str | None = None
) -> CiSubject:
    """Jobs of one Bitbucket repository: of one deployment environment, or without it all.

    workspace: its name. workspace_uuid, repository_uuid, environment_uuid: as Bitbucket shows them, with braces.

    Bitbucket's `sub` is `{repository}:{environment}:{step}`, and the last part is another one in every job: AWS, Google
    Cloud and Vault compare what stands before it, Azure cannot. Raises ConfigError for UUIDs of another form.
    Source: Bitbucket Cloud Docs, "Integrate Pipelines with resource servers using OIDC".
    """
    _NAME.require("bitbucket_ci.workspace", workspace)
    uuids = {"workspace_uuid": workspace_uuid, "repository_uuid": repository_uuid, "environment_uuid": environment_uuid}
    for name, value in uuids.items():
        if value is not None:
            _UUID_FORM.require(f"bitbucket_ci.{name}", value)
    return CiSubject(
        issuer=f"https://api.bitbucket.org/2.0/workspaces/{workspace}/pipelines-config/identity/oidc",
        audience=f"ari:cloud:bitbucket::workspace/{workspace_uuid[1:-1]}",
        sub_prefixes=[":".join([repository_uuid, *([environment_uuid] if environment_uuid else []), ""])],
        reviewed=environment_uuid is not None,
    )


def described(subject: CiSubject, audience: str) -> Mapping[str, Any]:
    """The jobs that are meant, as a component registers them: what `prove` compares with what the cloud was told."""
    return {
        "issuer": subject.issuer,
        "audience": audience,
        "subs": list(subject.subs),
        "subPrefixes": list(subject.sub_prefixes),
        "claims": dict(subject.claims),
    }


def require_reviewed(subject: CiSubject, arguments: Arguments, field_name: str, *, writes: bool) -> None:
    """Raise a ConfigError about a field if it grants a right to write to code that nobody has reviewed."""
    arguments.require(
        subject.reviewed or not writes,
        field_name,
        "gives a right to write to jobs whose code nobody has reviewed: pull requests, or every branch",
        "name a protected branch, tag or environment in the subject, or grant reading only",
    )


def _only_scope(where: str, scopes: Mapping[str, str | None], *, pull_requests: bool = False) -> str | None:
    """The name of the one scope that is given, or None."""
    given = [name for name, value in scopes.items() if value is not None]
    if len(given) + pull_requests > 1:
        raise ConfigError(
            f"{where}.{given[-1]}", "stands beside another scope, and a job has one of them", "make two subjects"
        )
    for name in given:
        for form in (_REF, _SHORT_REF):
            form.require(f"{where}.{name}", scopes[name] or "")
    return given[0] if given else None
