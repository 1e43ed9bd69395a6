"""Teams in AWS: who takes a team's role, and what the role does beside reading."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from bootstrap.proof.attack import NO_SUCH, Attack
from bootstrap.proof.aws_calls import MANAGER, STS, assume, refusable
from bootstrap.proof.teams import container_of, fill, namespace_of, store_of, teams_of
from bootstrap.verification.aws import AwsView


def attacks(view: AwsView) -> Sequence[Attack]:
    """What is tried on the roles of an environment's teams; none without two of them."""
    return [
        attack
        for owner, other in list(pairwise(teams_of(view)))[:1]
        for attack in (_by_another_team(view, owner, other), _writes(view, owner))
    ]


def _by_another_team(view: AwsView, owner: str, other: str) -> Attack:
    def take(team: str) -> object:
        return assume(view, view.token_of(identity_of(view, team)), identity_of(view, owner)["roleArn"])

    return Attack(
        name=f"the service account of team {other} takes the role of team {owner}",
        control="`sub` in the trust policy",
        judge=STS,
        rightful=lambda: take(owner),
        attempt=lambda: take(other),
    )


def _writes(view: AwsView, team: str) -> Attack:
    container = container_of(view, team)
    missing = view.address_of(f"{container.rpartition('/')[0]}/{NO_SUCH}")

    def manager() -> Any:
        return view.client(view.session_of(identity_of(view, team)), "secretsmanager")

    def read() -> None:
        fill(view, container)
        manager().get_secret_value(SecretId=view.address_of(container))

    return Attack(
        name=f"the role of team {team} writes a secret",
        control="the role's policy",
        judge=MANAGER,
        rightful=read,
        attempt=lambda: refusable(lambda: manager().put_secret_value(SecretId=missing, SecretString="proof")),
    )


def identity_of(view: AwsView, team: str) -> Mapping[str, Any]:
    """The role of a team's store and the service account that takes it, as the cluster has them."""
    namespace = namespace_of(view, team)
    account = store_of(view, team)["spec"]["provider"]["aws"]["auth"]["jwt"]["serviceAccountRef"]["name"]
    found = view.get(f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}")["metadata"]
    return {
        "roleArn": found["annotations"]["eks.amazonaws.com/role-arn"],
        "serviceAccount": {"namespace": namespace, "name": account},
    }
