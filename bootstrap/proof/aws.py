"""Attacks on an environment whose keys and secrets are in AWS. IAM, STS, KMS and Secrets Manager decide."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import httpx2

from bootstrap.proof import attribution, aws_beside, aws_teams, aws_tenant_keys, teams, tenants, tokens
from bootstrap.proof.attack import NO_SUCH, Attack
from bootstrap.proof.aws_calls import IAM, KMS, MANAGER, STS, assume, refusable
from bootstrap.proof.aws_tenant import tenant_role
from bootstrap.verification.aws import IRSA_AUDIENCE, POD_IDENTITY_AUDIENCE, AwsView
from bootstrap.verification.environment import EnvironmentView, RefusedError

_AGENT, _TRAIL = "Pod Identity agent (emulated)", "audit trail (emulated, as CloudTrail)"


def attacks(view: EnvironmentView, others: Sequence[EnvironmentView]) -> Sequence[Attack]:
    """What is tried on an environment's manager and identity."""
    mine, theirs = cast(AwsView, view), [cast(AwsView, other) for other in others]
    identity = _on_pod_identity if mine.references["identityKind"] == "podIdentity" else _on_irsa
    return [
        *(_read_by(mine, other) for other in theirs),
        *identity(mine, theirs),
        *(_by_the_operator(mine, name, call, judge) for name, (judge, call) in _excesses(mine, theirs).items()),
        *(
            _by_the_administrator(mine, purpose)
            for purpose in ("secrets", "etcd", "tenants", "sops")
            if f"{purpose}KeyArn" in mine.references
        ),
        *_by_a_tenant(mine),
        *teams.attacks(mine, MANAGER),
        *aws_teams.attacks(mine),
        *aws_tenant_keys.attacks(mine),
        *aws_beside.attacks(mine, theirs),
        attribution.reads_without_a_name(mine, _TRAIL),
    ]


def _by_a_tenant(view: AwsView) -> Sequence[Attack]:
    """With Pod Identity a store of a namespace has no account of its own: see the threat model."""
    if view.references["identityKind"] == "podIdentity":
        return []
    return [tenants.reads_its_neighbours_secret(view, MANAGER, lambda: tenant_role(view))]


def _read_by(view: AwsView, other: AwsView) -> Attack:
    def rightful() -> None:
        for owner in (view, other):
            owner.read_secret(owner.canary_address)

    return Attack(
        name=f"the operator of {other.name} reads a secret",
        control="role policy, key policy and the secret's own policy",
        judge=MANAGER,
        rightful=rightful,
        attempt=lambda: other.read_secret(view.canary_address),
    )


def _on_irsa(view: AwsView, others: Sequence[AwsView]) -> list[Attack]:
    def minted(*audiences: str, **account: Any) -> str:
        return view.service_account_token(*(audiences or (IRSA_AUDIENCE,)), **account)

    namespace = view.references["canary"]["namespace"]
    presented: dict[str, tuple[str, Callable[[], str]]] = {
        "another service account takes the operator's role": (
            "`sub` in the trust policy",
            lambda: minted(namespace=namespace, name="default"),
        ),
        "a token for another audience takes the operator's role": (
            "`aud` in the trust policy",
            lambda: minted("vault"),
        ),
        "an altered token takes the operator's role": ("the token's signature", lambda: tokens.altered(minted())),
        "a token with a forged subject takes the operator's role": (
            "the keys that the issuer publishes",
            lambda: tokens.forged(minted()),
        ),
        "an expired token takes the operator's role": (
            "the token's `exp`",
            lambda: tokens.expired(minted(), view.issuer_key.read_bytes()),
        ),
    }
    for other in others:
        presented[f"the operator of {other.name}'s cluster takes the role"] = (
            "the issuer in the trust policy",
            lambda other=other: other.service_account_token(IRSA_AUDIENCE),
        )
        presented[f"a token in this cluster's name that {other.name}'s cluster signed takes the role"] = (
            "the keys that the issuer publishes",
            lambda other=other: _signed_by(other, minted(), IRSA_AUDIENCE),
        )
    return [
        Attack(
            name=name,
            control=control,
            judge=STS,
            rightful=lambda: present(view, minted()),
            attempt=lambda token=token: present(view, token()),
        )
        for name, (control, token) in presented.items()
    ]


def _on_pod_identity(view: AwsView, others: Sequence[AwsView]) -> list[Attack]:
    def minted(audience: str = POD_IDENTITY_AUDIENCE, **account: Any) -> str:
        return view.service_account_token(audience, **account)

    namespace = view.references["canary"]["namespace"]
    presented: dict[str, tuple[str, Callable[[], str]]] = {
        "another service account asks for the operator's credentials": (
            "the association's service account",
            lambda: minted(namespace=namespace, name="default"),
        ),
        "a token for another audience asks for the operator's credentials": (
            "the token's `aud`",
            lambda: minted("vault"),
        ),
        "an altered token asks for the operator's credentials": (
            "the token's signature",
            lambda: tokens.altered(minted()),
        ),
        "a token with a forged subject asks for the operator's credentials": (
            "the keys that the cluster publishes",
            lambda: tokens.forged(minted()),
        ),
        "an expired token asks for the operator's credentials": (
            "the token's `exp`",
            lambda: tokens.expired(minted(), view.issuer_key.read_bytes()),
        ),
    }
    for other in others:
        presented[f"the operator of {other.name}'s cluster asks for the credentials"] = (
            "the association's cluster",
            lambda other=other: other.service_account_token(POD_IDENTITY_AUDIENCE),
        )
        presented[f"a token in this cluster's name that {other.name}'s cluster signed asks for the credentials"] = (
            "the keys that the cluster publishes",
            lambda other=other: _signed_by(other, minted(), POD_IDENTITY_AUDIENCE),
        )
    return [
        Attack(
            name=name,
            control=control,
            judge=_AGENT,
            rightful=lambda: present(view, minted()),
            attempt=lambda token=token: present(view, token()),
        )
        for name, (control, token) in presented.items()
    ]


def present(view: AwsView, token: str) -> None:
    """Ask for the environment's credentials with a token, by the way of its identity. Raises RefusedError."""
    if view.references["identityKind"] == "podIdentity":
        _ask_agent(view, token)
    else:
        assume(view, token)


def _signed_by(other: AwsView, token: str, audience: str) -> str:
    """A token with all its claims, signed by another cluster's issuer."""
    return tokens.signed_elsewhere(token, other.service_account_token(audience), other.issuer_key.read_bytes())


def _ask_agent(view: AwsView, token: str) -> None:
    url = f"{view.aws_endpoint}/_agent/{view.references['clusterName']}/v1/credentials"
    answer = httpx2.get(url, headers={"Authorization": token}, trust_env=False)
    if answer.is_client_error:
        raise RefusedError(f"the agent answered {answer.status_code}")
    answer.raise_for_status()


def _excesses(view: AwsView, others: Sequence[AwsView]) -> dict[str, tuple[str, Callable[[], object]]]:
    """What the operator's own credentials must not do, each with who decides."""
    manager, kms = view.client(view.identity_session, "secretsmanager"), view.client(view.identity_session, "kms")
    sts, iam = view.client(view.identity_session, "sts"), view.client(view.identity_session, "iam")
    missing = f"{view.references['secretPrefix']}{NO_SUCH}"
    keys, blob = view.references, b"x" * 200
    tried: dict[str, tuple[str, Callable[[], object]]] = {
        "the operator writes a secret": (
            MANAGER,
            lambda: manager.put_secret_value(SecretId=missing, SecretString="proof"),
        ),
        "the operator deletes a secret": (MANAGER, lambda: manager.delete_secret(SecretId=missing)),
        "the operator lists secrets": (MANAGER, manager.list_secrets),
        "the operator decrypts outside Secrets Manager": (
            KMS,
            lambda: kms.decrypt(CiphertextBlob=blob, KeyId=keys["secretsKeyArn"]),
        ),
        "the operator uses the etcd key": (
            KMS,
            lambda: kms.generate_data_key(KeyId=keys["etcdKeyArn"], KeySpec="AES_256"),
        ),
        "the operator makes a role": (
            IAM,
            lambda: iam.create_role(RoleName=NO_SUCH, AssumeRolePolicyDocument="{}"),
        ),
        "the operator passes its role on to another service account": (IAM, lambda: _pass_on(view)),
    }
    for other in others:
        tried[f"the operator takes the role of {other.name}"] = (
            STS,
            lambda other=other: sts.assume_role(RoleArn=other.references["identityRoleArn"], RoleSessionName="proof"),
        )
    return tried


def _pass_on(view: AwsView) -> None:
    """EKS gives a role to a service account if the caller may pass that role (`iam:PassRole`). Taken away again."""
    place = {"clusterName": view.references["clusterName"]}
    made = view.client(view.identity_session, "eks").create_pod_identity_association(
        **place,
        namespace=view.references["canary"]["namespace"],
        serviceAccount=NO_SUCH,
        roleArn=view.references["identityRoleArn"],
    )["association"]["associationId"]
    view.client(view.deployer, "eks").delete_pod_identity_association(**place, associationId=made)


def _by_the_operator(view: AwsView, name: str, call: Callable[[], object], judge: str) -> Attack:
    return Attack(
        name=name,
        control="the role's policy",
        judge=judge,
        rightful=lambda: view.read_secret(view.canary_address),
        attempt=lambda: refusable(call),
    )


def _by_the_administrator(view: AwsView, purpose: str) -> Attack:
    kms, key = view.client(view.deployer, "kms"), view.references[f"{purpose}KeyArn"]
    return Attack(
        name=f"the administrator of the {purpose} key uses it",
        control="the key's policy",
        judge=KMS,
        rightful=lambda: kms.describe_key(KeyId=key),
        attempt=lambda: refusable(lambda: kms.encrypt(KeyId=key, Plaintext=b"proof")),
    )
