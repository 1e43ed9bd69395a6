"""Certificates by the real cert-manager from a real ACME server, by a role that writes challenges and nothing else."""

import base64
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.cluster.cert_manager.asking import CERTIFICATES, ISSUERS, request, rogue, why_it_waits
from tests.cluster.cert_manager.conftest import BY_HTTP, OTHER_ZONE, ZONE, Certified
from tests.cluster.cert_manager.installation import NAMESPACE
from tests.local_stack import eventually

NAMES = ["*.shop.example.com", "shop.example.com"]
TXT = "16"


def chain(certified: Certified) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(certified.view.secret_data("shop", "shop-tls")["tls.crt"])


def test_the_certificate_is_of_the_acme_server_and_for_these_names(certified: Certified) -> None:
    leaf, *above = chain(certified)
    for one, issuer in zip([leaf, *above], [*above, certified.acme.root()], strict=True):
        one.verify_directly_issued_by(issuer)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert sorted(names.get_values_for_type(x509.DNSName)) == NAMES
    key = serialization.load_pem_private_key(certified.view.secret_data("shop", "shop-tls")["tls.key"], None)
    assert key.public_key() == leaf.public_key()


def test_the_acme_server_asked_the_dns_for_what_the_role_wrote(certified: Certified) -> None:
    assert TXT in certified.acme.asked("_acme-challenge.shop.example.com")
    assert certified.acme.log.count("set VALID by completed challenge") == 2, "one for the name, one for its wildcard"

    def is_cleaned_up() -> None:
        assert certified.zones.records() == {}

    eventually(30)(is_cleaned_up)()


def test_the_role_makes_two_calls_and_nothing_was_refused(certified: Certified) -> None:
    role = f":assumed-role/platform-{certified.view.name}-dns01/"
    mine = [one for one in certified.audit if role in str(one["principal"])]
    assert {(one["event"], one["decision"]) for one in mine if one["event"].startswith("route53:")} == {
        ("route53:ChangeResourceRecordSets", "allowed"),
        ("route53:GetChange", "allowed"),
    }
    written = {one["resource"] for one in mine if one["event"] == "route53:ChangeResourceRecordSets"}
    assert written == {certified.zones.ids[ZONE]}
    opened = {(one["event"], one["subject"]) for one in mine if not one["event"].startswith("route53:")}
    by_token = ("sts:AssumeRoleWithWebIdentity", f"system:serviceaccount:{NAMESPACE}:acme-dns01")
    by_agent = ("eks-auth:AssumeRoleForPodIdentity", None)
    assert opened == {by_token if certified.view.name == "prod" else by_agent}


def test_keys_and_certificates_are_in_the_cluster_and_not_in_the_state(certified: Certified) -> None:
    secrets = [*certified.view.secret_data("shop", "shop-tls").values()]
    secrets += certified.view.secret_data(NAMESPACE, "pebble-account-key").values()
    assert all(secrets)
    state = certified.engine.run("stack", "export", "--show-secrets")
    assert '"shop-tls"' in state
    assert "PRIVATE KEY" not in state
    assert "BEGIN CERTIFICATE" not in state
    for value in secrets:
        body = "".join(line for line in value.decode().splitlines() if "-----" not in line)
        assert body[20:60] not in state
        assert base64.b64encode(value).decode()[40:120] not in state
    types = {one["type"] for one in json.loads(state)["deployment"]["resources"]}
    assert not [one for one in types if "Secret" in one or "tls:" in one]


def test_the_key_is_encrypted_in_etcd(certified: Certified) -> None:
    raw = certified.view.raw_etcd_value("shop", "shop-tls")
    assert raw.startswith(b"k8s:enc:kms:v2:")


def test_a_second_up_changes_nothing(certified: Certified) -> None:
    before = chain(certified)[0].serial_number
    summary = certified.engine.operate("up", "--yes", "--skip-preview", "--expect-no-changes", capture=True)
    assert "unchanged" in summary
    assert chain(certified)[0].serial_number == before


def test_the_acme_server_issues_nothing_without_the_record(
    certified: Certified, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certified.acme, "records", dict[str, list[str]])
    asked(CERTIFICATES, request(f"unseen.{ZONE}", "pebble"))

    def refused() -> None:
        orders = certified.view.get("/apis/acme.cert-manager.io/v1/namespaces/shop/orders")["items"]
        states = [one.get("status", {}).get("state") for one in orders if one["spec"]["dnsNames"] == [f"unseen.{ZONE}"]]
        assert states == ["invalid"]

    eventually(60)(refused)()
    assert certified.view.kubernetes.get("/api/v1/namespaces/shop/secrets/asked-tls").status_code == 404


def test_an_issuer_of_another_zone_gets_nowhere_with_this_role(certified: Certified, asked: Any) -> None:
    asked(ISSUERS, rogue(certified.view, OTHER_ZONE, hostedZoneID=certified.zones.ids[OTHER_ZONE]))
    asked(CERTIFICATES, request(f"www.{OTHER_ZONE}", "rogue"))

    def refused() -> None:
        assert "AccessDenied" in why_it_waits(certified.view, f"www.{OTHER_ZONE}")

    eventually(60)(refused)()
    assert certified.zones.records() == {}


def test_cert_manager_presents_no_token_of_another_account(certified: Certified, asked: Any) -> None:
    reference = {"auth": {"kubernetes": {"serviceAccountRef": {"name": "default"}}}}
    role = certified.view.references["identityRoleArn"]
    asked(ISSUERS, rogue(certified.view, OTHER_ZONE, role=role, **reference))
    asked(CERTIFICATES, request(f"mail.{OTHER_ZONE}", "rogue"))

    def refused() -> None:
        assert 'cannot create resource "serviceaccounts/token"' in why_it_waits(certified.view, f"mail.{OTHER_ZONE}")

    eventually(60)(refused)()


def test_a_challenge_by_http_gets_a_way_in_of_the_named_class(certified: Certified, asked: Any) -> None:
    """As far as it goes here: nobody serves an Ingress on this machine, so the challenge itself waits."""
    asked(CERTIFICATES, request(BY_HTTP, "pebble"))

    def solver_is_there() -> dict[str, Any]:
        items = certified.view.get("/apis/networking.k8s.io/v1/namespaces/shop/ingresses")["items"]
        assert items
        return items[0]

    made = eventually(60)(solver_is_there)()
    (rule,) = made["spec"]["rules"]
    assert (made["spec"]["ingressClassName"], rule["host"]) == ("public", BY_HTTP)
    assert rule["http"]["paths"][0]["path"].startswith("/.well-known/acme-challenge/")
    (service,) = certified.view.get("/api/v1/namespaces/shop/services")["items"]
    assert service["spec"]["type"] == "ClusterIP"
