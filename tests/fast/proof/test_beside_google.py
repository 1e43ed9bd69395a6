"""CI and DNS-01 on Google Cloud in the offline matrix, and their conditions, judged by Google's evaluator of CEL.

Golden: nothing here runs Google Cloud, and what roles hold is a copy.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from cel_expr_python import cel

from bootstrap.proof.offline.ci_jobs import Subject
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from components import GcpCiIdentity, GcpCiIdentityArgs, GcpDns01Role, GcpDns01RoleArgs, GitHubSubForm, github_ci
from tests.fast.components import samples_ci, samples_gcp
from tests.fast.proof.beside import names_of, wrong
from tests.fast.proof.mutations import changed, put
from tests.fast.proof.topologies import documents

PROVIDER = "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider"
USER = "gcp:serviceaccount/iAMMember:IAMMember"
REGISTRY = "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember"
ZONE = "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember"
ROLE = "gcp:projects/iAMCustomRole:IAMCustomRole"
RECORDS = "dns.googleapis.com/ResourceRecordSet"


def _make(name: str, prefix: str, environments: dict[str, Any]) -> None:
    names = names_of(name, prefix, environments)
    registry = f"projects/{names.project_id}/locations/europe-west1/repositories/shop"
    subject = github_ci("acme", "shop", **samples_ci.IDS, environment=name, form=GitHubSubForm.BOTH)
    GcpCiIdentity(f"{name}-ci-img", GcpCiIdentityArgs(names=names, purpose="img", subject=subject, push=[registry]))
    GcpDns01Role(
        f"{name}-dns01",
        GcpDns01RoleArgs(
            names=names, cluster=samples_gcp.cluster(), zone=f"{name}.example.com", managed_zone=f"zone-{name}"
        ),
    )


@cache
def made() -> Documents:
    return documents("gke", beside=_make)


def test_each_identity_reaches_its_own() -> None:
    rows = matrix(made())
    assert [row for row in rows if not row.right] == []
    prod = [one.question for one in rows if one.allowed and one.question.owner == "prod"]
    assert {(one.identity, one.action) for one in prod if "prod-ci-img" in one.identity} == {
        ("jobs that the provider admits, prod-ci-img of prod", "act as the service account of prod-ci-img"),
        ("prod-ci-img of prod", "pull from the registry shop"),
        ("prod-ci-img of prod", "push to the registry shop"),
    }
    assert {one.identity for one in prod if one.action == "change records of prod.example.com"} == {
        "cert-manager/cert-manager of prod"
    }
    refused = {(one.question.identity, one.question.action) for one in rows if not one.allowed}
    for identity in ("CI of prod", "cert-manager of prod", "CI of nonprod"):
        assert (identity, "read the secret database") in refused
    assert ("external-secrets/external-secrets of prod", "change records of prod.example.com") in refused


def ci_account() -> str:
    (component,) = [one for one in made().resources if one.name == "prod-ci-img" and "email" in one.properties]
    return f"serviceAccount:{component.at('email')}"


POOL = "principalSet://iam.googleapis.com/projects/111122223333/locations/global/workloadIdentityPools"
# What is widened, and what is then done.
WIDENED: dict[str, tuple[str, str, Callable[[dict[str, Any]], Any], str]] = {
    "whoever is in the pool": (
        USER,
        "prod-ci-img-workload-identity-user",
        lambda one: one.update(member=one["member"].replace("attribute.ci/admitted", "*")),
        "act as the service account of prod-ci-img",
    ),
    "another attribute": (
        USER,
        "prod-ci-img-workload-identity-user",
        lambda one: one.update(member=one["member"].replace("attribute.ci/admitted", "attribute.owner/acme")),
        "act as the service account of prod-ci-img",
    ),
    "CI reads secrets": (
        "gcp:secretmanager/secretIamMember:SecretIamMember",
        "prod-identity-reads-database",
        lambda one: one.update(member=ci_account()),
        "read the secret database",
    ),
    "the zone by every account of the cluster": (
        ZONE,
        "prod-dns01-grant",
        put(member=f"{POOL}/example-platform-prod.svc.id.goog/*"),
        "change records of prod.example.com",
    ),
    "the zone itself": (
        ROLE,
        "prod-dns01-role",
        lambda one: one["permissions"].append("dns.managedZones.delete"),
        "delete the zone prod.example.com",
    ),
    "another zone": (
        ZONE,
        "prod-dns01-grant",
        put(managedZone="zone-prod-other"),
        "change records of another zone than prod.example.com",
    ),
}


@pytest.mark.parametrize("name", WIDENED)
def test_what_is_widened_is_seen(name: str) -> None:
    token, resource, change, action = WIDENED[name]
    assert action in {one.action for one in wrong(made(), token, resource, change)}


def admitted(found: Documents, name: str) -> dict[str, bool]:
    """What the condition and the mapping of a provider say of each job, if they agree with each other."""
    (provider,) = [one for one in found.of(PROVIDER) if one.name == f"{name}-provider"]
    (component,) = [one for _, one in found.components("GcpCiIdentity") if one.name == name]
    environment = cel.NewEnv(variables={"assertion": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)})
    condition, mapped = (
        environment.compile(text)
        for text in (provider.at("attributeCondition"), provider.at("attributeMapping", "attribute.ci"))
    )
    verdicts: dict[str, bool] = {}
    for job in Subject.of(component).jobs():
        if (job.issuer, job.audience) == (component.at("subject", "issuer"), component.at("subject", "audience")):
            claims = {"assertion": {**job.claims, "sub": job.sub}}
            passed, attribute = condition.eval(data=claims), mapped.eval(data=claims)
            right = Subject.of(component).means(job)
            assert (passed.plain_value() is True) is (attribute.plain_value() == "admitted")
            verdicts[job.who] = (passed.plain_value() is True) is right
    return verdicts


def test_the_condition_admits_the_jobs_that_are_meant() -> None:
    verdicts = admitted(made(), "prod-ci-img")
    assert all(verdicts.values())
    assert {one.partition(" (")[0] for one in verdicts} >= {
        "a job that is meant",
        "a job of a fork",
        "a pull request",
        "a job with another repository_id",
    }


@pytest.mark.parametrize(
    "text", ["true", "assertion.sub.startsWith('repo:acme')", "assertion.repository_id == '456789'"]
)
def test_a_wider_condition_is_seen(text: str) -> None:
    def widen(one: dict[str, Any]) -> None:
        one["attributeCondition"] = text
        one["attributeMapping"]["attribute.ci"] = f'{text} ? "admitted" : "refused"'

    found = changed(made(), PROVIDER, "prod-ci-img-provider", widen)
    assert not all(admitted(found, "prod-ci-img").values())


def records(found: Documents) -> set[str]:
    """Which record sets the grant on prod's zone is good for."""
    (grant,) = [one for one in found.of(ZONE) if one.name == "prod-dns01-grant"]
    environment = cel.NewEnv(variables={"resource": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)})
    # `extract` is Google IAM's own addition to CEL, which the evaluator does not have: it is done before.
    text = str(grant.at("condition", "expression"))
    found_records: set[str] = set()
    for record in ("_acme-challenge.a.prod.example.com./TXT", "prod.example.com./TXT", "_acme-challenge.a./A", "a./A"):
        extracted = text.replace("resource.name.extract('/rrsets/{record}')", f"'{record}'")
        resource = {"type": RECORDS, "name": f"projects/p/managedZones/z/rrsets/{record}"}
        if environment.compile(extracted).eval(data={"resource": resource}).plain_value() is True:
            found_records.add(record)
    return found_records


def test_the_grant_is_good_for_acmes_records_alone() -> None:
    assert records(made()) == {"_acme-challenge.a.prod.example.com./TXT"}


@pytest.mark.parametrize("lost", ["&& resource.name.endsWith('./TXT')", ".startsWith('_acme-challenge.') &&"])
def test_each_half_of_the_condition_is_needed(lost: str) -> None:
    def widen(one: dict[str, Any]) -> None:
        text = one["condition"]["expression"]
        assert lost in text
        kept = ".startsWith('') &&" if lost.startswith(".") else ""
        one["condition"]["expression"] = text.replace(lost, kept)

    assert records(changed(made(), ZONE, "prod-dns01-grant", widen)) > {"_acme-challenge.a.prod.example.com./TXT"}
