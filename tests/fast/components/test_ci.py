"""CI subjects: what the arguments refuse, what is created, and Google's conditions judged by Google's evaluator.

AWS's verdicts are in tests/fast/localcloud_aws/test_ci.py, Vault's in tests/engine/vault/test_ci.py. Azure compares
exactly: nothing here but the golden `sub`s.
"""

import json
from typing import Any

import pulumi
import pytest
from cel_expr_python import cel

import components
from components import (
    AwsCiRole,
    AwsCiRoleArgs,
    AzureCiIdentity,
    ConfigError,
    GcpCiIdentity,
    ServiceAccountRef,
    github_ci,
    gitlab_ci,
)
from components.ci import GITHUB_ISSUER, GITLAB_ISSUER, CiSubject, GitHubSubForm
from components.gcp.ci import attribute_condition, attribute_mapping
from tests.fast.components import samples, samples_azure, samples_ci, samples_gcp, samples_vault
from tests.fast.components.mock_engine import run

UNREVIEWED = samples_ci.SUBJECTS["github repository"]
CLAIMING = samples_ci.SUBJECTS["gitlab environment"]
BITBUCKET = samples_ci.SUBJECTS["bitbucket environment"]
PULL_REQUESTS = github_ci("acme", "shop", **samples_ci.IDS, pull_requests=True)


def verdict(expression: str, claims: dict[str, Any]) -> Any:
    """What the expression is for a token; an error of the evaluation is None, which admits nobody."""
    environment = cel.NewEnv(variables={"assertion": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)})
    value = environment.compile(expression).eval(data={"assertion": claims})
    return None if value.type() == cel.Type.ERROR else value.plain_value()


@pytest.mark.parametrize("name", samples_ci.SUBJECTS)
def test_google_admits_the_subjects_tokens_alone(name: str) -> None:
    condition = attribute_condition(samples_ci.SUBJECTS[name])
    mapped = attribute_mapping(condition)["attribute.ci"]
    for claims in samples_ci.ADMITTED[name]:
        assert verdict(condition, claims) is True, claims
        assert verdict(mapped, claims) == "admitted"
    for claims in samples_ci.REFUSED[name]:
        assert verdict(condition, claims) is not True, claims
        assert verdict(mapped, claims) != "admitted"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"subs": ["repo:acme/*:ref:refs/heads/main"]}, "subs.0"),
        ({"subs": ["repo:acme/sho?:ref:refs/heads/main"]}, "subs.0"),
        ({"subs": ["repo:acme/shop:ref:refs/heads/main", "*"]}, "subs.1"),
        ({"subs": ["repo:acme/shop:ref:${aws:username}"]}, "subs.0"),
        ({"subs": ["repo:acme/shop:x' || true || '"]}, "subs.0"),
        ({"subs": ["repo:acme/shop:a,repo:mallory/x:b"]}, "subs.0"),
        ({"subs": ["repository_owner:acme:environment:prod"]}, "subs.0"),
        ({"subs": ["ref:refs/heads/main"]}, "subs.0"),
        ({"sub_prefixes": ["repo:acme/"]}, "sub_prefixes.0"),
        ({"sub_prefixes": ["repo:acme/sh"]}, "sub_prefixes.0"),
        ({"sub_prefixes": ["repo:"]}, "sub_prefixes.0"),
        ({"sub_prefixes": ["project_path:acme:"]}, "sub_prefixes.0"),
        ({"sub_prefixes": ["pipeline:"]}, "sub_prefixes.0"),
        ({"sub_prefixes": ["{aaaa"]}, "sub_prefixes.0"),
        ({"subs": ["repo:a/b:x"], "sub_prefixes": ["repo:a/b:"]}, "subs"),
        ({}, "subs"),
        ({"subs": "repo:acme/shop:x"}, "subs"),
        ({"subs": ["repo:acme/shop:x"], "claims": {"repository_id": "*"}}, "claims.repository_id"),
        ({"subs": ["repo:acme/shop:x"], "claims": {"a b": "x"}}, "claims"),
        ({"subs": ["repo:acme/shop:pull_request"], "reviewed": True}, "reviewed"),
        ({"subs": ["repo:acme/shop:x"], "claims": {"sub": "x"}}, "claims"),
        ({"subs": ["repo:acme/shop:x"], "claims": {"aud": "x"}}, "claims"),
        ({"subs": ["repo:acme/shop:x"], "issuer": "http://x.example"}, "issuer"),
        ({"subs": ["repo:acme/shop:x"], "issuer": f"{GITHUB_ISSUER}/?x"}, "issuer"),
        ({"subs": ["repo:acme/shop:x"], "audience": "*"}, "audience"),
    ],
)
def test_subjects_that_could_let_others_in(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as error:
        CiSubject(**{"issuer": GITHUB_ISSUER, **values})
    assert error.value.field == f"CiSubject.{field}"


@pytest.mark.parametrize(
    "issuer",
    [
        f"{GITHUB_ISSUER}/",
        f"{GITHUB_ISSUER}/acme",
        f"{GITHUB_ISSUER}:443",
        "https://Token.Actions.GitHubUserContent.com",
        "https://token.actions.acme.ghe.com",
        "https://github.example/_services/token",
        "https://github.example/_services/token/",
    ],
)
def test_every_issuer_of_github_signs_for_more_than_one_repository(issuer: str) -> None:
    for sub in ("environment:prod", "repository_owner:acme:environment:prod"):
        with pytest.raises(ConfigError) as error:
            CiSubject(issuer=issuer, subs=[sub], reviewed=True)
        assert error.value.field == "CiSubject.subs.0"
    assert CiSubject(issuer=issuer, subs=["repo:acme/shop:environment:prod"], reviewed=True)
    assert CiSubject(issuer=issuer, subs=["environment:prod"], claims={"repository_id": "456789"}, reviewed=True)


GITHUB, GITLAB, BITBUCKET_PLATFORM = GITHUB_ISSUER, GITLAB_ISSUER, samples_ci.BITBUCKET_ISSUER


@pytest.mark.parametrize(
    ("issuer", "values"),
    [
        (GITHUB, {"sub_prefixes": ["repo:acme/shop:"]}),
        (GITHUB, {"subs": ["repo:acme/shop"]}),
        (GITHUB, {"subs": ["repository_id:456789"]}),
        (GITHUB, {"subs": ["repo:acme/shop:pull_request"]}),
        (GITHUB, {"subs": ["repo:acme/shop:ref:refs/pull/5/merge"]}),
        (GITHUB, {"subs": ["repo:acme/shop:ref:refs/heads/main", "repo:acme/shop:ref:refs/pull/5/merge"]}),
        (GITHUB, {"subs": ["repo:acme/shop:workflow_ref:acme/shop/.github/workflows/a.yml@refs/pull/5/merge"]}),
        (GITHUB, {"sub_prefixes": ["repo:acme/shop:"], "claims": {"ref": "refs/pull/5/merge"}}),
        (GITHUB, {"sub_prefixes": ["repo:acme/shop:"], "claims": {"repository_id": "456789"}}),
        (GITHUB, {"subs": ["repo:acme/shop"], "claims": {"ref": "refs/heads/main", "event_name": "pull_request"}}),
        (GITLAB, {"sub_prefixes": ["project_path:acme/shop:"]}),
        (GITLAB, {"sub_prefixes": ["project_path:acme/shop:"], "claims": {"environment": "prod"}}),
        (GITLAB, {"sub_prefixes": ["project_path:acme/shop:"], "claims": {"environment_protected": "false"}}),
        (BITBUCKET_PLATFORM, {"sub_prefixes": [f"{samples_ci.REPOSITORY}:"]}),
    ],
)
def test_jobs_that_nobody_reviewed_are_not_called_reviewed(issuer: str, values: dict[str, Any]) -> None:
    assert CiSubject(issuer=issuer, **values)
    with pytest.raises(ConfigError) as error:
        CiSubject(issuer=issuer, **values, reviewed=True)
    assert error.value.field == "CiSubject.reviewed"


@pytest.mark.parametrize(
    ("issuer", "values"),
    [
        (GITHUB, {"subs": ["repo:acme/shop:ref:refs/tags/v1"]}),
        (GITHUB, {"sub_prefixes": ["repo:acme/shop:"], "claims": {"ref": "refs/heads/main"}}),
        (GITLAB, {"sub_prefixes": ["project_path:acme/shop:"], "claims": {"ref_protected": "true"}}),
    ],
)
def test_jobs_that_can_be_reviewed(issuer: str, values: dict[str, Any]) -> None:
    assert CiSubject(issuer=issuer, **values, reviewed=True)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"owner": "acme/*"}, "owner"),
        ({"repository": "*"}, "repository"),
        ({"repository": "shop:ref"}, "repository"),
        ({"branch": "*"}, "branch"),
        ({"branch": "release/*"}, "branch"),
        ({"branch": ""}, "branch"),
        ({"branch": "main:x"}, "branch"),
        ({"branch": "refs/heads/main"}, "branch"),
        ({"tag": "refs/tags/v1"}, "tag"),
        ({"branch": "main", "environment": "prod"}, "environment"),
        ({"branch": "main", "pull_requests": True}, "branch"),
        ({"repository_id": None}, "repository_id"),
        ({"owner_id": "12x"}, "owner_id"),
        ({"owner_id": 12}, "owner_id"),
        ({"form": "classic"}, "form"),
    ],
)
def test_names_at_github_are_whole(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as error:
        github_ci(**{"owner": "acme", "repository": "shop", **samples_ci.IDS, **values})
    assert error.value.field == f"github_ci.{field}"


def test_names_at_gitlab_are_whole() -> None:
    for values in (
        {"project": "acme"},
        {"project": "acme/*"},
        {"branch": "*"},
        {"branch": "refs/heads/main"},
        {"project_id": "x"},
    ):
        with pytest.raises(ConfigError):
            gitlab_ci(**{"project": "acme/shop", "branch": "main", **values})


NAMES = {
    "AwsCiRole": samples.NAMES,
    "GcpCiIdentity": samples_gcp.NAMES,
    "AzureCiIdentity": samples_azure.NAMES,
    "VaultCiRole": samples_vault.NAMES,
}
FOREIGN = "arn:aws:ecr:eu-west-1:999999999999:repository/shop"
LONG = github_ci("acme", "shop", branch="b" * 120, form=GitHubSubForm.CLASSIC)


@pytest.mark.parametrize(
    ("component", "values", "field"),
    [
        *((one, {"purpose": "Images"}, "purpose") for one in NAMES),
        *((one, {"subject": UNREVIEWED}, "push") for one in ("AwsCiRole", "GcpCiIdentity", "AzureCiIdentity")),
        *((one, {"subject": PULL_REQUESTS}, "push") for one in ("AwsCiRole", "GcpCiIdentity", "AzureCiIdentity")),
        ("VaultCiRole", {"subject": PULL_REQUESTS}, "subject"),
        ("AwsCiRole", {"subject": CLAIMING}, "subject"),
        ("AwsCiRole", {"push": [FOREIGN]}, "push.0"),
        ("AwsCiRole", {"pull": ["arn:aws:ecr:eu-west-1:123456789012:repository/*"]}, "pull.0"),
        ("AwsCiRole", {"session_seconds": 60}, "session_seconds"),
        ("AwsCiRole", {"oidc_provider_arn": "arn:aws:iam::999999999999:oidc-provider/x"}, "oidc_provider_arn"),
        ("GcpCiIdentity", {"pull": ["shop"]}, "pull.0"),
        ("GcpCiIdentity", {"subject": LONG}, "subject"),
        ("AzureCiIdentity", {"subject": CLAIMING, "push": []}, "subject"),
        ("AzureCiIdentity", {"subject": BITBUCKET}, "subject"),
        ("AzureCiIdentity", {"subject": samples_ci.SUBJECTS["github both"]}, "subject"),
        ("AzureCiIdentity", {"push": ["registry"]}, "push.0"),
        ("VaultCiRole", {"policies": []}, "policies"),
        ("VaultCiRole", {"policies": "images"}, "policies"),
        *(("VaultCiRole", {"policies": ["images", one]}, "policies.1") for one in samples_vault.POLICIES_NOT_OWN),
        ("VaultCiRole", {"token_ttl_seconds": 7200}, "token_ttl_seconds"),
        ("VaultCiRole", {"subject": BITBUCKET, "audience": "vault"}, "audience"),
        ("VaultCiRole", {"issuer_ca": "x"}, "issuer_ca"),
        ("VaultCiRole", {"existing_mount": "/x/"}, "existing_mount"),
    ],
)
def test_arguments_that_cannot_work(component: str, values: dict[str, Any], field: str) -> None:
    good = samples_ci.ARGUMENTS[component]()
    with pytest.raises(ConfigError) as error:
        type(good)(**{**vars(good), **values})
    assert error.value.field == f"{type(good).__name__}.{field}"


def test_jobs_that_run_in_a_cluster_of_the_same_program() -> None:
    """Its issuer is known only once the cluster is there."""
    account = ServiceAccountRef(namespace="ci", name="deploy").subject

    def role(**values: Any) -> AwsCiRole:
        subject = CiSubject(issuer=pulumi.Output.from_input(samples.ISSUER), **values)
        return AwsCiRole("ci", AwsCiRoleArgs(names=samples.NAMES, purpose="deploy", subject=subject))

    (made,) = run(lambda: role(subs=[account])).of("aws:iam/role:Role")
    (statement,) = json.loads(made.inputs["assumeRolePolicy"])["Statement"]
    host = samples.ISSUER.removeprefix("https://")
    assert statement["Condition"] == {"StringEquals": {f"{host}:aud": "sts.amazonaws.com", f"{host}:sub": [account]}}
    for values, field in (
        ({"subs": [account, "repo:acme/shop:ref:refs/heads/main"]}, "subs.1"),
        ({"subs": ["system:serviceaccount:ci:deploy:x"]}, "subs.0"),
        ({"sub_prefixes": ["repo:acme/shop:"]}, "sub_prefixes"),
    ):
        with pytest.raises(ConfigError) as error:
            run(lambda values=values: role(**values))
        assert error.value.field == f"CiSubject.{field}"
    with pytest.raises(ConfigError) as error:
        run(lambda: role(subs=[account], claims={"repository": "shop"}))
    assert error.value.field == "AwsCiRoleArgs.subject"


def test_jobs_that_nobody_reviewed_may_pull() -> None:
    for component, right in (("AwsCiRole", samples_ci.ECR), ("GcpCiIdentity", samples_ci.ARTIFACTS)):
        good = samples_ci.ARGUMENTS[component]()
        assert type(good)(**{**vars(good), "subject": UNREVIEWED, "push": [], "pull": [right]})


def test_azure_credentials_are_exact_and_come_one_by_one() -> None:
    """Golden: Azure compares issuer, subject and audience exactly, and nothing here runs it."""
    subject = CiSubject(issuer=GITHUB_ISSUER, subs=[*samples_ci.BRANCH.subs, "repo:a/b:environment:x"], reviewed=True)
    good = samples_ci.ARGUMENTS["AzureCiIdentity"]()
    recording = run(lambda: AzureCiIdentity("ci", type(good)(**{**vars(good), "subject": subject})))
    first, second = recording.of("azure-native:managedidentity:FederatedIdentityCredential")
    assert first.inputs["subject"] == "repo:acme@123456/shop@456789:ref:refs/heads/main"
    assert (first.inputs["issuer"], first.inputs["audiences"]) == (GITHUB_ISSUER, ["api://AzureADTokenExchange"])
    assert recording.needs(second, first)
    (grant,) = recording.of("azure-native:authorization:RoleAssignment")
    assert grant.inputs["roleDefinitionId"].endswith("8311e382-0749-4cb8-b61a-304f252e45ec")
    assert grant.inputs["scope"] == samples_ci.ACR


def test_google_grants_hang_on_the_mapped_attribute() -> None:
    recording = run(lambda: GcpCiIdentity("ci", samples_ci.ARGUMENTS["GcpCiIdentity"]()))
    assert (
        recording.named("ci-workload-identity-user")
        .inputs["member"]
        .endswith("/workloadIdentityPools/platform-prod-ci-images/attribute.ci/admitted")
    )
    (grant,) = recording.of("gcp:artifactregistry/repositoryIamMember:RepositoryIamMember")
    assert (grant.inputs["repository"], grant.inputs["role"]) == ("shop", "roles/artifactregistry.writer")


def test_no_component_makes_a_key() -> None:
    for component, arguments in samples_ci.ARGUMENTS.items():
        recording = run(lambda made=component, args=arguments: getattr(components, made)("ci", args()))
        assert recording.resources
        tokens = {one.token.lower() for one in recording.resources.values()}
        assert not [token for token in tokens if "key" in token or "secret:" in token or "password" in token]
        assert "(secret)" not in json.dumps([one.inputs for one in recording.resources.values()])
