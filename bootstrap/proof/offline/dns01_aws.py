"""AWS: whose pods take the role that answers ACME's challenges, and which records of which zone it changes.

People are not asked: a hosted zone has no policy of its own, so their IAM alone decides.
"""

from collections.abc import Iterator

from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.aws import judged, need
from bootstrap.proof.offline.aws_documents import EVERYTHING, Target, identities
from bootstrap.proof.offline.aws_logins import Asked, Need, agents_tags, operators_roles, trust
from bootstrap.proof.offline.documents import Component, Documents
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.service_accounts import Account, operators, strangers

_COMPONENT = "AwsDns01Role"
_CHANGE = "route53:ChangeResourceRecordSets"
_AUDIENCE = "sts.amazonaws.com"
RIGHTFUL = {"irsa": f"a token for {_AUDIENCE}", "podIdentity": "any association"}
_AGENT = "pods.eks.amazonaws.com"


def rows(documents: Documents) -> list[Row]:
    """Every question about the environments' zones."""
    components = list(documents.components(_COMPONENT))
    return judged([*_logins(documents, components), *_access(documents, components)])


def _account(environment: str, component: Component) -> Account:
    return Account(environment=environment, namespace=component.at("namespace"), name=component.at("serviceAccount"))


def _logins(documents: Documents, components: list[tuple[str, Component]]) -> Iterator[Asked]:
    """Each cluster's accounts against each role; and cert-manager's against the operators' roles."""
    made = {one.at("arn"): one for one in documents.of("aws:iam/role:Role")}
    running = operators(documents)
    for environment, component in components:
        account = _account(environment, component)
        others = [*strangers(account), *([running[environment]] if environment in running else ())]
        for asked in (account, *others):
            for owner, target in components:
                rightful = asked == _account(owner, target) and component.at("issuer") == target.at("issuer")
                for login, needs in ways(component, asked, made[target.at("roleArn")]):
                    expected = rightful and login == RIGHTFUL[target.at("kind")]
                    action = f"take the role for DNS-01 by {login}"
                    yield Question(identity=str(asked), action=action, owner=owner, expected=expected), needs
        for owner, role in operators_roles(documents):
            for login, needs in ways(component, account, role):
                action = f"take the operator's role by {login}"
                yield Question(identity=str(account), action=action, owner=owner, expected=False), needs


def ways(component: Component, account: Account, role: Seen) -> Iterator[tuple[str, list[Need]]]:
    """How an account of the component's cluster may try to get a role: what it is called, and what has to hold."""
    host = str(component.at("issuer")).removeprefix("https://")
    _, partition, _, _, number, _ = str(role.at("arn")).split(":")
    provider = f"arn:{partition}:iam::{number}:oidc-provider/{host}"
    for audience in (_AUDIENCE, "vault"):
        context = {f"{host}:sub": account.subject, f"{host}:aud": audience}
        yield f"a token for {audience}", [trust(role, provider, "sts:AssumeRoleWithWebIdentity", context)]
    arn = str(component.at("clusterArn"))
    tags = agents_tags(arn, arn.rpartition("/")[2], account)
    yield "any association", [trust(role, _AGENT, action, tags) for action in ("sts:AssumeRole", "sts:TagSession")]


def _access(documents: Documents, components: list[tuple[str, Component]]) -> Iterator[Asked]:
    for identity in identities(documents) if components else ():
        if EVERYTHING in identity.policies:
            continue
        for owner, component in components:
            own = identity.arn == component.at("roleArn") and identity.environment == owner
            for action, resource, permission, changes, may in _calls(component):
                _, partition, _, _, number, _ = identity.arn.split(":")
                # Zones and changes have no account in their ARNs; they are taken for the caller's own.
                arn = f"arn:{partition}:route53:::{resource}"
                target = Target(arn=arn, owner=owner, purpose=component.at("zone"), policy=None)
                asked = {**need(identity, permission, target, _context(changes)), "account": number}
                yield Question(identity=str(identity), action=action, owner=owner, expected=own and may), [asked]


_Changes = tuple[tuple[str, str, str], ...]
"""Action, name and type of each change of a call."""


def _calls(component: Component) -> Iterator[tuple[str, str, str, _Changes, bool]]:
    """What is done, to what, by which permission, the changes, and whether the role is for it."""
    zone = component.at("zone")
    mine, other = f"hostedzone/{component.at('zoneId')}", "hostedzone/ZOTHER"
    challenge = f"_acme-challenge.www.{zone}"
    answer = ("UPSERT", challenge, "TXT")
    for what, changes, may in (
        ("answer a challenge", (answer,), True),
        ("take a challenge's answer away", (("DELETE", f"_acme-challenge.{zone}", "TXT"),), True),
        ("write an address", (("UPSERT", f"www.{zone}", "A"),), False),
        ("write an address at a challenge's name", (("UPSERT", challenge, "A"),), False),
        ("send a challenge's name elsewhere", (("UPSERT", challenge, "CNAME"),), False),
        ("write a mail policy", (("UPSERT", zone, "TXT"),), False),
        ("write a name that ends alike", (("UPSERT", f"x_acme-challenge.{zone}", "TXT"),), False),
        ("write an address beside an answer", (answer, ("UPSERT", f"www.{zone}", "A")), False),
        ("make a record that is there", (("CREATE", challenge, "TXT"),), False),
    ):
        yield f"{what} in {zone}", mine, _CHANGE, changes, may
    yield f"change {zone} and not say what", mine, _CHANGE, (), False
    yield f"answer a challenge in another zone than {zone}", other, _CHANGE, (answer,), False
    for permission in ("ListResourceRecordSets", "DeleteHostedZone"):
        yield f"{permission} of {zone}", mine, f"route53:{permission}", (), False


def _context(changes: _Changes) -> dict[str, list[str]]:
    """What Route 53 says of a call (Route 53 Developer Guide, "Using IAM policy conditions for fine-grained access
    control"): nothing where there is no change."""
    keys = ("Actions", "NormalizedRecordNames", "RecordTypes") if changes else ()
    return {f"{_CHANGE}{key}": sorted({one[index] for one in changes}) for index, key in enumerate(keys)}
