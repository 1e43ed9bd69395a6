"""Secrets Store CSI: whose pods get which secrets as files.

A SecretProviderClass grants nothing: the provider asks the manager with a token of the pod's own, for the identity that
the class names. Whoever sees a class can copy it, with other files in it, to another namespace or cluster. So every
account that a class is for, and strangers to it, are asked with each class about every secret, whatever it lists.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bootstrap.errors import BootstrapError
from bootstrap.proof.offline import azure_logins, google_logins, vault
from bootstrap.proof.offline.aws import judged, on_secret
from bootstrap.proof.offline.aws_documents import EVERYTHING, Identity, identities, keys_of, secrets_of
from bootstrap.proof.offline.aws_logins import Asked, by_token, issuers
from bootstrap.proof.offline.clusters import cluster_of
from bootstrap.proof.offline.documents import Component, Documents
from bootstrap.proof.offline.grants import READ_SECRET, azure, azure_targets, gives
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.service_accounts import OPERATOR, Account, audience, rightful, strangers

T = TypeVar("T")
_OWN = "the user's own"
_COMPONENT = "SecretProviderClass"
_IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"


@dataclass(frozen=True, kw_only=True)
class Files:
    """A class, as its component registered it. account: whose pods it is for. principal: for whom the manager is asked.
    holders: whose tokens open that principal by the design, each with what it is to be, `operator`, a team's or the
    user's own.
    """

    name: str
    account: Account
    principal: str
    holders: Mapping[Account, str]

    def question(self, asking: Account, owner: str, secret: str, readers: Collection[str]) -> Question:
        """Whether a pod of an account reads an environment's secret. readers: who does so by the design."""
        return Question(
            identity=f"{asking} with class {self.name}",
            action=f"read the secret {secret} as a file",
            owner=owner,
            expected=owner == asking.environment and self.holders.get(asking) in readers,
        )


Pod = tuple[Files, Account]
"""A class, and the account of a pod that has it."""


def rows(documents: Documents) -> list[Row]:
    """Every question about the environments' classes, to the judge of each one's manager."""
    own = rightful(documents)
    found: dict[str, list[Files]] = {}
    for owner, one in documents.components(_COMPONENT):
        found.setdefault(one.at("backend"), []).append(_files(owner, one, own))
    return [row for backend, classes in found.items() for row in _JUDGES[backend](documents, list(_pods(classes)))]


def _files(owner: str, one: Component, own: Mapping[Account, str]) -> Files:
    namespace, backend = one.at("namespace"), one.at("backend")
    account = Account(environment=owner, namespace=namespace, name=one.at("serviceAccount"))
    role = own.get(account, _OWN)
    match backend:
        case "vault":  # a role of an auth method is one account's
            others = dict[Account, str]()
        case "gcpsm":  # the pod is the member itself: no class names anybody
            others = own
        case _:
            others = {other: role for other, its in own.items() if (other.environment, its) == (owner, role)}
    return Files(
        name=f"{namespace}/{one.at('className')} of {owner}",
        account=account,
        principal=one.at("principal"),
        holders={**others, account: role},
    )


def _pods(classes: list[Files]) -> Iterator[Pod]:
    accounts = [other for one in classes for other in (one.account, *strangers(one.account))]
    return ((one, account) for one in classes for account in dict.fromkeys(accounts))


def _identity_of(files: Files, identities: Mapping[str, T]) -> T:
    """Whom a class names. Raises BootstrapError if it is nobody of the stack's: nobody could say what he opens."""
    if files.principal not in identities:
        raise BootstrapError(
            f"the identity of SecretProviderClass {files.name}",
            "is not among the resources, so nobody can say what it opens",
            "add the state of the stack that made it",
        )
    return identities[files.principal]


def _aws(documents: Documents, pods: list[Pod]) -> Iterable[Row]:
    return judged(list(_asked_of_aws(documents, pods)))


def _asked_of_aws(documents: Documents, pods: list[Pod]) -> Iterator[Asked]:
    known = {(one.arn, one.environment): one for one in identities(documents)}
    roles = {one.at("arn"): one for one in documents.of("aws:iam/role:Role")}
    keys, trusted = {one.arn: one for one in keys_of(documents)}, issuers(documents)
    secrets = list(secrets_of(documents))
    for files, account in pods:
        environment = files.account.environment
        # A role of another stack is taken at its worst. Whose tokens it takes no document says.
        elsewhere = Identity(arn=files.principal, environment=environment, policies=[EVERYTHING])
        identity, role = known.get((files.principal, environment), elsewhere), roles.get(files.principal)
        if role is None and account != files.account:
            continue
        issuer = trusted.get(account.environment)
        login = [] if role is None else by_token(role, account, issuer) if issuer else None
        for one in secrets:
            readers = {OPERATOR, *one.teams, *([_OWN] if files.principal in one.readers else ())}
            question = files.question(account, one.owner, one.purpose, readers)
            reading = on_secret(identity, one, keys.get(one.key), "GetSecretValue", "Decrypt")
            yield question, [*login, *reading] if login is not None else None


def _vault(documents: Documents, pods: list[Pod]) -> Iterator[Row]:
    roles = {f"{one.at('backend')}/role/{one.at('roleName')}": one for one in documents.of(vault.KUBERNETES, vault.JWT)}
    texts, trusted = vault.policies(documents), vault.hosts(documents)
    targets = [one for one in vault.targets(documents) if one[2] == {"read"}]
    for files, account in pods:
        role, cluster = _identity_of(files, roles), cluster_of(documents, account.environment)
        meant_for = audience(documents, account.environment)
        known, held = vault.lets_in(role, trusted, cluster, account, meant_for), vault.policies_of(role, texts)
        for owner, path, wanted, action, readers in targets:
            name = action.removeprefix("read the secret ")
            allowed = known and bool(wanted & vault.capabilities(held, path))
            question = files.question(account, owner, name, readers)
            yield Row(question=question, allowed=allowed, judge=vault.JUDGE)


def _google(documents: Documents, pods: list[Pod]) -> Iterator[Row]:
    containers = list(google_logins.containers(documents))
    for files, account in pods:
        cluster = cluster_of(documents, account.environment)
        for one in containers:
            question = files.question(account, one.owner, one.name, one.roles)
            yield Row(question=question, allowed=one.opens_to(account, cluster), judge=google_logins.JUDGE)


def _azure(documents: Documents, pods: list[Pod]) -> Iterator[Row]:
    identities = {one.at("clientId"): (owner, one) for owner, one in documents.owned(_IDENTITY)}
    trusted, grants = azure_logins.credentials(documents), list(azure(documents))
    secrets = [one for one in azure_targets(documents) if one.permission == READ_SECRET]
    for files, account in pods:
        owner, identity = _identity_of(files, identities)
        issuer = str(cluster_of(documents, account.environment).issuer)
        token = (issuer, account.subject, azure_logins.AUDIENCE)
        known = token in trusted.get((owner, identity.at("resourceName")), ())
        for one in secrets:
            name = one.path.rpartition("/")[2]
            question = files.question(account, one.owner, name, one.roles)
            allowed = known and any(gives(grant, identity.at("principalId"), one) for grant in grants)
            yield Row(question=question, allowed=allowed, judge=azure_logins.JUDGE)


_JUDGES: Mapping[str, Callable[[Documents, list[Pod]], Iterable[Row]]] = {
    "aws": _aws,
    "azurekv": _azure,
    "gcpsm": _google,
    "vault": _vault,
}
