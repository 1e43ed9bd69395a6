"""What stands beside an environment in AWS: CI, DNS-01 and SOPS files. Each is attacked if the references name it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import boto3

from bootstrap.proof.attack import Attack
from bootstrap.proof.aws_calls import KMS, MANAGER, ROUTE53, STS, assume, refusable
from bootstrap.verification.aws import IRSA_AUDIENCE, AwsView


def attacks(view: AwsView, others: Sequence[AwsView]) -> Sequence[Attack]:
    """What is tried on what stands beside an environment."""
    kinds = {"ci": _on_ci, "dns01": _on_dns01, "sopsKeyArn": _on_sops}
    return [attack for kind, of in kinds.items() if kind in view.references for attack in of(view, others)]


def _on_ci(view: AwsView, others: Sequence[AwsView]) -> Sequence[Attack]:
    ci: Mapping[str, Any] = view.references["ci"]

    def as_ci(service: str) -> Any:
        return view.client(view.session_of(ci), service)

    operators_role, canary = view.references["identityRoleArn"], view.canary_address
    return [
        _takes(view, ci, "another service account takes CI's role", "`sub` in the trust policy", _strangers(view, ci)),
        _takes(
            view,
            ci,
            "a token for another audience takes CI's role",
            "`aud` in the trust policy",
            lambda: view.token_of(ci, "vault"),
        ),
        *(
            _takes(
                view,
                ci,
                f"CI of {other.name} takes CI's role",
                "the issuer in the trust policy",
                lambda other=other: other.token_of(other.references["ci"]),
            )
            for other in _with_ci(others)
        ),
        *(
            Attack(
                name=name,
                control=control,
                judge=judge,
                rightful=lambda: view.session_of(ci),
                attempt=lambda call=call: refusable(call),
            )
            for name, control, judge, call in (
                (
                    "CI reads a secret",
                    "the role's policy",
                    MANAGER,
                    lambda: as_ci("secretsmanager").get_secret_value(SecretId=canary),
                ),
                (
                    "CI takes the operator's role",
                    "the trust policy of the operator's role",
                    STS,
                    lambda: as_ci("sts").assume_role(RoleArn=operators_role, RoleSessionName="proof"),
                ),
            )
        ),
    ]


def _on_dns01(view: AwsView, _: Sequence[AwsView]) -> Sequence[Attack]:
    dns01: Mapping[str, Any] = view.references["dns01"]
    zone = dns01["zone"]
    challenge = f"_acme-challenge.proof.{zone}"

    def write(name: str, kind: str, value: str) -> None:
        """Write a record, and take it away again if it was written."""
        route53 = view.client(view.session_of(dns01), "route53")
        record = {"Name": name, "Type": kind, "TTL": 10, "ResourceRecords": [{"Value": value}]}

        def change(action: str) -> object:
            batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
            return route53.change_resource_record_sets(HostedZoneId=dns01["zoneId"], ChangeBatch=batch)

        refusable(lambda: change("UPSERT"))
        change("DELETE")

    return [
        _takes(
            view,
            dns01,
            "another service account takes the role for DNS-01",
            "`sub` in the trust policy",
            _strangers(view, dns01),
        ),
        *(
            Attack(
                name=name,
                control=control,
                judge=ROUTE53,
                rightful=lambda: write(challenge, "TXT", '"proof"'),
                attempt=lambda record=record: write(*record),
            )
            for name, control, record in (
                (
                    "the role for DNS-01 writes an address",
                    "the record types in the role's policy",
                    (challenge, "A", "192.0.2.1"),
                ),
                (
                    "the role for DNS-01 writes a record that is not ACME's",
                    "the record names in the role's policy",
                    (zone, "TXT", '"v=spf1 +all"'),
                ),
            )
        ),
    ]


def _on_sops(view: AwsView, others: Sequence[AwsView]) -> Sequence[Attack]:
    """The writer of values edits the files too."""
    key, editor = view.references["sopsKeyArn"], view.client(view.writer, "kms")

    def make(environment: str) -> bytes:
        context = {"environment": environment}
        return bytes(editor.encrypt(KeyId=key, Plaintext=b"proof", EncryptionContext=context)["CiphertextBlob"])

    def opened(kms: Any) -> object:
        return kms.decrypt(KeyId=key, CiphertextBlob=make(view.name), EncryptionContext={"environment": view.name})

    def by(name: str, session: Callable[[], boto3.Session]) -> Attack:
        return Attack(
            name=f"{name} opens a SOPS file",
            control="the key's policy",
            judge=KMS,
            rightful=lambda: opened(editor),
            attempt=lambda: refusable(lambda: opened(view.client(session(), "kms"))),
        )

    return [
        by("the operator", lambda: view.identity_session),
        *(
            by(f"CI of {other.name}", lambda other=other: other.session_of(other.references["ci"]))
            for other in _with_ci(others)
        ),
        *(
            Attack(
                name=f"somebody makes a SOPS file of {other.name} with this key",
                control="the encryption context in the key's policy",
                judge=KMS,
                rightful=lambda: make(view.name),
                attempt=lambda other=other: refusable(lambda: make(other.name)),
            )
            for other in others
        ),
    ]


def _takes(view: AwsView, identity: Mapping[str, Any], name: str, control: str, token: Callable[[], str]) -> Attack:
    return Attack(
        name=name,
        control=control,
        judge=STS,
        rightful=lambda: view.session_of(identity),
        attempt=lambda: assume(view, token(), identity["roleArn"]),
    )


def _strangers(view: AwsView, identity: Mapping[str, Any]) -> Callable[[], str]:
    """The token of another service account in the same namespace."""
    namespace = identity["serviceAccount"]["namespace"]
    return lambda: view.service_account_token(IRSA_AUDIENCE, namespace=namespace, name="default")


def _with_ci(views: Sequence[AwsView]) -> Sequence[AwsView]:
    return [view for view in views if "ci" in view.references]
