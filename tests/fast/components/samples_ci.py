"""Inputs of the CI components that work, and tokens in the shape of the platforms', to use and to spoil."""

from collections.abc import Callable, Mapping
from typing import Any

from components import (
    AwsCiRoleArgs,
    AzureCiIdentityArgs,
    CiSubject,
    GcpCiIdentityArgs,
    GitHubSubForm,
    VaultCiRoleArgs,
    bitbucket_ci,
    github_ci,
    gitlab_ci,
)
from components.ci import GITHUB_ISSUER, GITLAB_ISSUER
from tests.fast.components import samples, samples_azure, samples_gcp, samples_vault

WORKSPACE, REPOSITORY, DEPLOYMENT, STEP = (f"{{{digit * 8}-0000-4000-8000-{digit * 12}}}" for digit in "abcd")
BITBUCKET_ISSUER = "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc"
IDS: dict[str, Any] = {"owner_id": "123456", "repository_id": "456789"}
BRANCH = github_ci("acme", "shop", **IDS, branch="main")
ECR = f"arn:aws:ecr:eu-west-1:{samples.ACCOUNT}:repository/shop"
ARTIFACTS = f"projects/{samples_gcp.PROJECT}/locations/europe-west1/repositories/shop"
ACR = f"{samples_azure.GROUP}/Microsoft.ContainerRegistry/registries/acmeshop"

SUBJECTS: dict[str, CiSubject] = {
    "github immutable": BRANCH,
    "github classic": github_ci("acme", "shop", branch="main", form=GitHubSubForm.CLASSIC),
    "github both": github_ci("acme", "shop", **IDS, branch="main", form=GitHubSubForm.BOTH),
    "github environment": github_ci("acme", "shop", **IDS, environment="prod"),
    "github repository": github_ci("acme", "shop", **IDS),
    "github customised": CiSubject(
        issuer=GITHUB_ISSUER, subs=["repo:acme/shop:job_workflow_ref:acme/ci/.github/workflows/a.yaml@refs/heads/main"]
    ),
    "gitlab branch": gitlab_ci("acme/web/shop", branch="main"),
    "gitlab environment": gitlab_ci("acme/web/shop", environment="prod", project_id="77"),
    "bitbucket environment": bitbucket_ci("acme", WORKSPACE, REPOSITORY, environment_uuid=DEPLOYMENT),
    "bitbucket repository": bitbucket_ci("acme", WORKSPACE, REPOSITORY),
    "generic": CiSubject(issuer="https://ci.example.com", subs=["pipeline:shop:main"], reviewed=True),
}


def github(start: str = "acme@123456/shop@456789", end: str = "ref:refs/heads/main", **changes: Any) -> dict[str, Any]:
    claims = {
        "repository": "acme/shop",
        "repository_id": "456789",
        "repository_owner": "acme",
        "ref": "refs/heads/main",
    }
    return {"iss": GITHUB_ISSUER, "sub": f"repo:{start}:{end}", **claims, **changes}


def gitlab(project: str = "acme/web/shop", ref: str = "main", **changes: Any) -> dict[str, Any]:
    sub = f"project_path:{project}:ref_type:branch:ref:{ref}"
    return {"iss": GITLAB_ISSUER, "sub": sub, "project_path": project, "project_id": "77", "ref": ref, **changes}


def bitbucket(*sub: str, **changes: Any) -> dict[str, Any]:
    audience = f"ari:cloud:bitbucket::workspace/{WORKSPACE[1:-1]}"
    return {"iss": BITBUCKET_ISSUER, "aud": audience, "sub": ":".join(sub), "workspaceUuid": WORKSPACE, **changes}


def generic(sub: str = "pipeline:shop:main", **changes: Any) -> dict[str, Any]:
    return {"iss": "https://ci.example.com", "sub": sub, **changes}


PROTECTED = {"environment": "prod", "environment_protected": "true"}
OTHER = "{eeeeeeee-0000-4000-8000-eeeeeeeeeeee}"
CLASSIC = "acme/shop"

# For each subject the tokens that are let in, and those that are not.
ADMITTED: Mapping[str, list[dict[str, Any]]] = {
    "github immutable": [github()],
    "github classic": [github(CLASSIC)],
    "github both": [github(), github(CLASSIC)],
    "github environment": [github(end="environment:prod")],
    "github repository": [github(), github(end="pull_request"), github(end="environment:prod")],
    "github customised": [
        github(CLASSIC, "job_workflow_ref:acme/ci/.github/workflows/a.yaml@refs/heads/main"),
    ],
    "gitlab branch": [gitlab()],
    "gitlab environment": [gitlab(**PROTECTED), gitlab(ref="release", **PROTECTED)],
    "bitbucket environment": [bitbucket(REPOSITORY, DEPLOYMENT, STEP)],
    "bitbucket repository": [bitbucket(REPOSITORY, STEP), bitbucket(REPOSITORY, DEPLOYMENT, STEP)],
    "generic": [generic()],
}
REFUSED: Mapping[str, list[dict[str, Any]]] = {
    "github immutable": [
        github(CLASSIC),
        github(end="ref:refs/heads/main2"),
        github(end="ref:refs/heads/other"),
        github(end="pull_request"),
        github(end="environment:prod"),
        github("mallory@9/shop@8"),
        github("acme@123456/shop@999"),
        github("acme@123456/shop@456789x"),
        github(sub="repo:ACME@123456/shop@456789:ref:refs/heads/main"),
        github(sub="repo:*"),
    ],
    "github classic": [github(), github("acme/shop2"), github("mallory/shop"), github(CLASSIC, "pull_request")],
    "github both": [
        github(CLASSIC, repository_id="999"),  # somebody else has the name now
        github(repository_id="999"),
        github("acme/shop2"),
        github(CLASSIC, "pull_request"),
    ],
    "github environment": [github(), github(end="environment:prod2"), github("acme@123456/x@1", "environment:prod")],
    "github repository": [github(CLASSIC), github("acme@123456/shop@4567890"), github("acme@123456/shop2@1")],
    "github customised": [github(CLASSIC, "job_workflow_ref:mallory/ci/a.yaml@refs/heads/main")],
    "gitlab branch": [gitlab("mallory/shop"), gitlab("acme/web/shop/x"), gitlab(ref="main2")],
    "gitlab environment": [
        gitlab(),
        gitlab(environment="prod", environment_protected="false"),
        gitlab(environment="dev", environment_protected="true"),
        gitlab(**{**PROTECTED, "project_id": "78"}),
        gitlab("mallory/shop", **PROTECTED),
    ],
    "bitbucket environment": [
        bitbucket(REPOSITORY, STEP),
        bitbucket(REPOSITORY, OTHER, STEP),
        bitbucket(OTHER, DEPLOYMENT, STEP),
    ],
    "bitbucket repository": [bitbucket(OTHER, STEP), bitbucket(OTHER, REPOSITORY, STEP)],
    "generic": [generic("pipeline:shop:other"), generic("pipeline:shop:main:x")],
}

ARGUMENTS: Mapping[str, Callable[[], Any]] = {
    "AwsCiRole": lambda: AwsCiRoleArgs(names=samples.NAMES, purpose="images", subject=BRANCH, push=[ECR]),
    "GcpCiIdentity": lambda: GcpCiIdentityArgs(
        names=samples_gcp.NAMES, purpose="images", subject=BRANCH, push=[ARTIFACTS]
    ),
    "AzureCiIdentity": lambda: AzureCiIdentityArgs(
        names=samples_azure.NAMES, purpose="images", subject=BRANCH, push=[ACR]
    ),
    "VaultCiRole": lambda: VaultCiRoleArgs(
        names=samples_vault.NAMES, purpose="images", subject=BRANCH, policies=["images"]
    ),
}
"""Arguments of each component by its name, made inside a program."""
