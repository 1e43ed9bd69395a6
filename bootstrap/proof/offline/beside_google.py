"""Google Cloud: who is let in as CI's service account, which registries it reaches, and who changes which DNS zone.

Conditions are not evaluated here. That a provider's condition and mapping admit the jobs that are meant, and the grant
on a zone ACME's records alone, is asked of Google's own evaluator of CEL in `tests/fast/proof/test_beside_google.py`.
What these identities reach of keys and secrets is asked with everybody else's in `grants.py`.
"""

from collections.abc import Iterator

from bootstrap.proof.offline import grants
from bootstrap.proof.offline.clusters import cluster_of
from bootstrap.proof.offline.documents import Component, Documents
from bootstrap.proof.offline.google_logins import ANYBODY, is_member
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.service_accounts import Account, operators, strangers

_CI, _DNS01 = "GcpCiIdentity", "GcpDns01Role"
_LOGINS, _GRANTS = "workload identity (own evaluator)", "role grants (own evaluator, copied catalogue)"
_SET = "principalSet://iam.googleapis.com/"


def rows(documents: Documents) -> list[Row]:
    """Every question about the identities that stand beside the environments."""
    return [*_logins(documents), *_registries(documents), *_zones(documents)]


def _logins(documents: Documents) -> Iterator[Row]:
    """Whom each pool has, by what its provider says of them, against each environment's service account for CI."""
    components = list(documents.components(_CI))
    for environment, component in components:
        pool = f"{_SET}{component.at('pool')}"
        for who, member in (
            ("jobs that the provider admits", f"{pool}/attribute.ci/admitted"),
            ("jobs that the provider refuses", f"{pool}/attribute.ci/refused"),
            ("jobs of which the provider says nothing", f"{pool}/*"),
        ):
            for owner, target in components:
                question = Question(
                    identity=f"{who}, {component.name} of {environment}",
                    action=f"act as the service account of {target.name}",
                    owner=owner,
                    expected=target is component and member.endswith("/admitted"),
                )
                allowed = any(_holds(one, member) for one in _users(documents, target))
                yield Row(question=question, allowed=allowed, judge=_LOGINS)


def _users(documents: Documents, component: Component) -> list[str]:
    """Who may act as a service account, in whatever role."""
    return [
        one.at("member")
        for one in documents.of("gcp:serviceaccount/iAMMember:IAMMember")
        if str(one.at("serviceAccountId")).endswith(f"/{component.at('email')}")
    ]


def _holds(granted: str, member: str) -> bool:
    """Whether a grant is for a set of a pool. A set other than CI's attribute is taken for the whole pool."""
    whole = "/attribute.ci/" not in granted and granted.startswith(
        f"{member.partition('/attribute.ci/')[0].removesuffix('/*')}/"
    )
    return granted in (*ANYBODY, member) or whole


def _registries(documents: Documents) -> Iterator[Row]:
    components = list(documents.components(_CI))
    named = {path: owner for owner, one in components for path in (*one.at("pull"), *one.at("push"))}
    registries = {**named, **{f"{path}-other": owner for path, owner in named.items()}}
    for environment, component in components:
        push = {*component.at("push")}
        for path, owner in registries.items():
            for action, permission, meant in (
                ("pull from", "downloadArtifacts", push | {*component.at("pull")}),
                ("push to", "uploadArtifacts", push),
            ):
                question = Question(
                    identity=f"{component.name} of {environment}",
                    action=f"{action} the registry {path.rpartition('/')[2]}",
                    owner=owner,
                    expected=path in meant,
                )
                target = _target(path, f"artifactregistry.repositories.{permission}")
                member = f"serviceAccount:{component.at('email')}"
                allowed = any(grants.gives(one, member, target) for one in grants.google(documents))
                yield Row(question=question, allowed=allowed, judge=_GRANTS)


def _zones(documents: Documents) -> Iterator[Row]:
    """Each cluster's accounts against each zone, as if every condition held."""
    components = list(documents.components(_DNS01))
    for environment, component in components:
        account = _account(environment, component)
        pool = str(cluster_of(documents, environment).pool)
        for asked in (account, *strangers(account), operators(documents)[environment]):
            for owner, zoned in components:
                zone = str(zoned.at("zoneId"))
                name, own = zoned.at("zone"), asked == _account(owner, zoned)
                for what, path, permission, may in (
                    (f"change records of {name}", zone, "resourceRecordSets.update", own),
                    (
                        f"change records of another zone than {name}",
                        f"{zone}-other",
                        "resourceRecordSets.update",
                        False,
                    ),
                    (f"delete the zone {name}", zone, "managedZones.delete", False),
                    (f"let somebody else into the zone {name}", zone, "managedZones.setIamPolicy", False),
                ):
                    question = Question(identity=str(asked), action=what, owner=owner, expected=may)
                    target = _target(path, f"dns.{permission}")
                    allowed = any(
                        is_member(pool, asked, one.member) and grants.gives(one, one.member, target)
                        for one in grants.google(documents)
                    )
                    yield Row(question=question, allowed=allowed, judge=_GRANTS)


def _account(environment: str, component: Component) -> Account:
    return Account(environment=environment, namespace=component.at("namespace"), name=component.at("serviceAccount"))


def _target(path: str, permission: str) -> grants.Target:
    return grants.Target(owner="", path=path, action="", permission=permission, roles=frozenset())
