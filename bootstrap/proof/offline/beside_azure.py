"""Azure: whose tokens open the identities of CI and of DNS-01, and which registries and records these reach.

What they reach of keys and secrets is asked with everybody else's in `grants.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bootstrap.proof.offline import grants
from bootstrap.proof.offline.ci_jobs import Subject
from bootstrap.proof.offline.documents import Component, Documents
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.service_accounts import Account, strangers

_CI, _DNS01 = "AzureCiIdentity", "AzureDns01Identity"
_CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
_AUDIENCE = "api://AzureADTokenExchange"
_LOGINS, _GRANTS = "federated credentials (own evaluator)", "role grants (own evaluator, copied catalogue)"
_REGISTRY, _ZONE = "Microsoft.ContainerRegistry/registries", "Microsoft.Network/dnsZones"


@dataclass(frozen=True, kw_only=True)
class _Token:
    """Who has a token, and what Azure compares of it: issuer, subject and audience."""

    who: str
    compared: tuple[str, str, str]


def rows(documents: Documents) -> list[Row]:
    """Every question about the identities that stand beside the environments."""
    return [*_logins(documents), *_registries(documents), *_records(documents)]


def _logins(documents: Documents) -> Iterator[Row]:
    """Every token against every identity that has a federated credential."""
    trusted: dict[tuple[str, str], set[tuple[str, str, str]]] = {}
    parents: dict[tuple[str, str], Component] = {}
    components = [one for _, one in documents.components(_CI, _DNS01)]
    for owner, one in documents.owned(_CREDENTIAL) if components else ():
        identity = (owner, str(one.at("resourceName")))
        trusted.setdefault(identity, set()).update(
            (one.at("issuer"), one.at("subject"), audience) for audience in one.at("audiences")
        )
        for each in components:
            if one.name.startswith(f"{each.name}-credential"):
                parents[identity] = each
    for token in _tokens(documents):
        for (owner, name), admitted in trusted.items():
            question = Question(
                identity=token.who,
                action=f"take the identity {name} by a token for {token.compared[2]}",
                owner=owner,
                expected=_meant(owner, parents.get((owner, name)), token),
            )
            yield Row(question=question, allowed=token.compared in admitted, judge=_LOGINS)


def _tokens(documents: Documents) -> Iterator[_Token]:
    for environment, component in documents.components(_CI):
        for job in Subject.of(component).jobs():
            who = f"{job.who}, {component.name} of {environment}"
            yield _Token(who=who, compared=(job.issuer, job.sub, job.audience))
    for environment, component in documents.components(_DNS01):
        account, issuer = _account(environment, component), component.at("issuer")
        for asked in (account, *strangers(account)):
            for audience in (_AUDIENCE, "vault"):
                yield _Token(who=str(asked), compared=(issuer, asked.subject, audience))


def _account(environment: str, component: Component) -> Account:
    return Account(environment=environment, namespace=component.at("namespace"), name=component.at("serviceAccount"))


def _meant(owner: str, component: Component | None, token: _Token) -> bool:
    """Whether an identity is for the token: by what its component says. Azure's jobs have no further claims."""
    if component is None:
        return False
    if component.kind == _CI:
        issuer, sub, audience = token.compared
        subject = Subject.of(component)
        return sub in subject.subs and (issuer, audience) == (subject.issuer, subject.audience)
    return token.compared == (component.at("issuer"), _account(owner, component).subject, _AUDIENCE)


def _registries(documents: Documents) -> Iterator[Row]:
    components = list(documents.components(_CI))
    named = {path: owner for owner, one in components for path in (*one.at("pull"), *one.at("push"))}
    registries = {**named, **{f"{path}other": owner for path, owner in named.items()}}
    for environment, component in components:
        push = {*component.at("push")}
        for path, owner in registries.items():
            for action, permission, meant in (
                ("pull from", f"{_REGISTRY}/pull/read", push | {*component.at("pull")}),
                ("push to", f"{_REGISTRY}/push/write", push),
            ):
                what = f"{action} the registry {path.rpartition('/')[2]}"
                target = _target(owner, path, what, permission)
                yield _row(documents, f"{component.name} of {environment}", component, target, may=path in meant)


def _records(documents: Documents) -> Iterator[Row]:
    """Azure cannot limit a grant to names that are not there yet, so every TXT record may be written."""
    components = list(documents.components(_DNS01))
    for environment, component in components:
        for owner, zoned in components:
            zone = str(zoned.at("zoneId"))
            name = zone.rpartition("/")[2]
            other = f"{zone.rpartition('/')[0]}/other.example"
            own = (environment, component.name) == (owner, zoned.name)
            for what, path, permission, may in (
                (f"answer a challenge in {name}", f"{zone}/TXT/_acme-challenge", "TXT/write", True),
                (f"write an address in {name}", f"{zone}/A/www", "A/write", False),
                (f"send a name of {name} elsewhere", f"{zone}/CNAME/www", "CNAME/write", False),
                (f"delete the zone {name}", zone, "delete", False),
                (f"answer a challenge in another zone than {name}", f"{other}/TXT/_acme-challenge", "TXT/write", False),
            ):
                target = _target(owner, path, what, f"{_ZONE}/{permission}")
                yield _row(documents, f"cert-manager of {environment}", component, target, may=own and may)


def _target(owner: str, path: str, action: str, permission: str) -> grants.Target:
    return grants.Target(owner=owner, path=path, action=action, permission=permission, roles=frozenset())


def _row(documents: Documents, who: str, component: Component, target: grants.Target, *, may: bool) -> Row:
    question = Question(identity=who, action=target.action, owner=target.owner, expected=may)
    member = component.at("principalId")
    allowed = any(grants.gives(one, member, target) for one in grants.azure(documents))
    return Row(question=question, allowed=allowed, judge=_GRANTS)
