"""Every attack on the local stack is refused, and succeeds once its control is taken away: so none of them is empty."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, cast

import boto3
import pytest

from bootstrap.proof import stage
from bootstrap.proof.attack import Attack, Outcome, judged
from bootstrap.proof.aws_calls import assume
from bootstrap.proof.aws_tenant import tenant_role
from bootstrap.proof.prove import attacks
from bootstrap.verification.aws import IRSA_AUDIENCE, AwsView
from tests.cluster.proof import mutations_aws as aws
from tests.cluster.proof.mutations import CLUSTER, etcd_is_not_encrypted, tenant_is_trusted
from tests.local_stack import BOOTSTRAP, Running

# What refuses these is a signature, a clock or the shape of the judge itself: there is no setting to take away.
NOT_REMOVABLE = {
    "an altered token takes the operator's role",
    "a token with a forged subject takes the operator's role",
    "an expired token takes the operator's role",
    "the operator of nonprod's cluster takes the role",
    "a token for another audience asks for the operator's credentials",
    "a token with a forged subject asks for the operator's credentials",
    "an altered token asks for the operator's credentials",
    "an expired token asks for the operator's credentials",
    "the operator of prod's cluster asks for the credentials",
}


def mutations(view: AwsView, other: AwsView, running: Running) -> dict[str, Any]:
    """How the control of each attack on an environment is taken away."""
    (plane,) = [one for one in running.local.control_planes() if one.name == view.references["clusterName"]]
    administrator = aws.deployer_of(view)
    # Pod Identity's store has no account of its own: whoever may write is read for.
    by_subject = (lambda: aws.trusted(view, without=[":sub"])) if view.references["identityKind"] == "irsa" else None
    return {
        **{name: lambda mutation=mutation: mutation(view) for name, mutation in CLUSTER.items()},
        "somebody reads a Secret from etcd's files": lambda: etcd_is_not_encrypted(plane),
        "a tenant makes a store of its own with the operator's identity": lambda: tenant_is_trusted(view, by_subject),
        f"the operator of {other.name} reads a secret": lambda: aws.reads_everything(other, view),
        "another service account takes the operator's role": lambda: aws.trusted(view, without=[":sub"]),
        "a token for another audience takes the operator's role": lambda: aws.audience_known(view, "vault"),
        "another service account asks for the operator's credentials": lambda: aws.associated(view),
        "the operator writes a secret": lambda: aws.allowed(view, "secretsmanager:PutSecretValue"),
        "the operator deletes a secret": lambda: aws.allowed(view, "secretsmanager:DeleteSecret"),
        "the operator lists secrets": lambda: aws.allowed(view, "secretsmanager:ListSecrets"),
        "the operator decrypts outside Secrets Manager": lambda: aws.decrypts(view, "secrets", "kms:Decrypt"),
        "the operator uses the etcd key": lambda: aws.decrypts(view, "etcd", "kms:GenerateDataKey"),
        "the operator makes a role": lambda: aws.allowed(view, "iam:CreateRole"),
        "the operator passes its role on to another service account": lambda: aws.allowed(
            view, "eks:CreatePodIdentityAssociation", "iam:PassRole"
        ),
        # The tenant's role is made of the operator's, so what is too wide there is too wide for the tenant.
        "a tenant points its own store at another tenant's prefix": lambda: aws.allowed(
            view, "secretsmanager:GetSecretValue"
        ),
        "a secret is read and the log does not say by whom": lambda: aws.deployer_reads_for_all(view),
        **{
            f"a token in this cluster's name that {other.name}'s cluster signed {does}": lambda: aws.trusts_the_key_of(
                running, view, other
            )
            for does in ("takes the role", "asks for the credentials")
        },
        f"the operator takes the role of {other.name}": lambda: aws.takes_the_role(view, other),
        **{
            f"the administrator of the {purpose} key uses it": lambda purpose=purpose: aws.key_opened(
                view, purpose, administrator, "kms:Encrypt"
            )
            for purpose in ("secrets", "etcd", "tenants")
        },
    }


def of(running: Running, mine: str) -> tuple[AwsView, AwsView, dict[str, Attack]]:
    view = running.views[mine]
    (other,) = [one for name, one in running.views.items() if name != mine]
    tried = {attack.name: attack for attack in attacks("aws", view, list(running.views.values()))}
    return cast(AwsView, view), cast(AwsView, other), tried


def test_every_attack_is_refused(running: Running, tmp_path: Path) -> None:
    report = tmp_path / "proof.html"
    command = [*BOOTSTRAP, "prove", "--json", "--html", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    answer = json.loads(done.stdout)
    assert [one for one in answer["verdicts"] if one["outcome"] != "refused"] == []
    assert (done.returncode, answer["passed"]) == (0, True)
    assert sorted((one["reader"], one["owner"]) for one in answer["reach"] if one["allowed"]) == [
        ("nonprod", "nonprod"),
        ("prod", "prod"),
    ]
    page = report.read_text()
    assert "attacks refused" in page
    assert "://" not in page.replace("https://127.0.0.1", "")  # nothing is loaded from elsewhere


@pytest.mark.parametrize("mine", ["prod", "nonprod"])
def test_every_attack_has_a_control_that_can_be_taken_away(running: Running, mine: str) -> None:
    view, other, tried = of(running, mine)
    known = mutations(view, other, running)
    assert set(tried) - set(known) <= NOT_REMOVABLE
    assert not NOT_REMOVABLE & set(known)


@pytest.mark.parametrize("mine", ["prod", "nonprod"])
def test_without_its_control_an_attack_succeeds(running: Running, mine: str) -> None:
    view, other, tried = of(running, mine)
    known = mutations(view, other, running)
    outcomes = {}
    for name, attack in tried.items():
        if name not in NOT_REMOVABLE:
            with known[name]():
                outcomes[name] = judged(view, attack)
    survived = {
        name: verdict.evidence for name, verdict in outcomes.items() if verdict.outcome is not Outcome.LET_THROUGH
    }
    assert survived == {}


def test_to_make_an_association_is_not_enough_to_pass_a_role_on(running: Running) -> None:
    view, _, tried = of(running, "prod")
    with aws.allowed(view, "eks:CreatePodIdentityAssociation"):
        verdict = judged(view, tried["the operator passes its role on to another service account"])
    assert verdict.outcome is Outcome.REFUSED


def test_irsa_does_not_ask_whether_an_account_is_still_there(running: Running) -> None:
    """A token of a deleted service account counts until it expires, as the threat model says: STS asks no cluster."""
    view = cast(AwsView, running.prod)
    with tenant_role(view) as granted, stage.foreign_namespace(view, granted.annotations):
        token = view.service_account_token(IRSA_AUDIENCE, namespace=stage.OUTSIDE)
        stage.delete_account(view)
        assert isinstance(assume(view, token, granted.annotations["eks.amazonaws.com/role-arn"]), boto3.Session)
