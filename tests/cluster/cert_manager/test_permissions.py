"""cert-manager's controllers may do what they do, by the API server's audit log, and no more."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from bootstrap.verification.aws import AwsView
from components.kubernetes.cert_manager.rbac import LEASE_RULES, OWN_RULES, cluster_rules, namespace_rules
from components.kubernetes.operator_rbac import token_rules
from tests.cluster.api_audit import LOG, Request, granted, requests
from tests.cluster.cert_manager.asking import CERTIFICATES, ISSUERS, request, rogue, why_it_waits
from tests.cluster.cert_manager.conftest import BY_HTTP, OTHER_ZONE, ZONE, Certified
from tests.cluster.cert_manager.installation import NAMESPACE
from tests.local_stack import Running, eventually

USER = f"system:serviceaccount:{NAMESPACE}:{NAMESPACE}"
ELSEWHERE = CERTIFICATES.replace("/shop/", "/default/")
SECRET = "/api/v1/namespaces/shop/secrets/asked-tls"

NOT_ASKED = {
    # An admission plugin asks for these that is off here, and in EKS, GKE, AKS, kubeadm, k3s and RKE2.
    *(
        Request(group, f"{kind}/finalizers", "update")
        for group, kinds in (
            ("cert-manager.io", ("certificates", "certificaterequests")),
            ("acme.cert-manager.io", ("orders", "challenges")),
        )
        for kind in kinds
    ),
    # An order goes only when its certificate cannot be read or does not fit the key.
    Request("acme.cert-manager.io", "orders", "delete"),
    # This API server sends what is there as the beginning of a watch; those whose WatchList is off are asked for lists.
    *(one for one in granted(cluster_rules(["ingress"])) if one.verb == "list"),
    # The official binary elects a leader; the one that stands in for it does not.
    *(one for one in granted(LEASE_RULES) if one.resource == "leases"),
}


def asked_for(running: Running, view: AwsView, decision: str, since: str = "") -> set[Request]:
    log = running.local.directory / "clusters" / view.name / LOG
    return set(requests([log], USER, decision=decision, since=since))


def rules(certified: Certified) -> set[Request]:
    given = [*cluster_rules(["ingress"]), *namespace_rules(["ingress"]), *OWN_RULES, *LEASE_RULES]
    irsa = certified.view.references["identityKind"] == "irsa"
    return granted([*given, *(token_rules("acme-dns01") if irsa else ())])


@pytest.fixture
def worked(certified: Certified, asked: Any) -> Certified:
    """What the program does not bring about: a Secret that is there already, a renewal, a challenge by HTTP, and one
    that fails again and again."""
    view = certified.view
    there = {
        "metadata": {"name": "asked-tls"},
        "type": "kubernetes.io/tls",
        "stringData": {"tls.crt": "", "tls.key": ""},
    }
    asked(SECRET.rpartition("/")[0], there)
    asked(CERTIFICATES, request(f"asked.{ZONE}", "pebble"))
    asked(CERTIFICATES, request(BY_HTTP, "pebble", "by-http"))
    asked(ISSUERS, rogue(view, OTHER_ZONE, hostedZoneID=certified.zones.ids[OTHER_ZONE]))
    asked(CERTIFICATES, request(f"www.{OTHER_ZONE}", "rogue", "refused"))

    def issued() -> None:
        assert view.secret_data("shop", "asked-tls")["tls.crt"]

    eventually(90)(issued)()
    view.kubernetes.delete(SECRET).raise_for_status()

    def by_http() -> None:
        assert view.get("/apis/networking.k8s.io/v1/namespaces/shop/ingresses")["items"]

    eventually(60)(by_http)()
    view.kubernetes.delete(f"{CERTIFICATES}/by-http").raise_for_status()

    def refused() -> None:
        assert "AccessDenied" in why_it_waits(view, f"www.{OTHER_ZONE}")

    eventually(60)(refused)()
    return certified


def test_the_controllers_need_every_rule_and_no_other(worked: Certified, running: Running) -> None:
    given = rules(worked)
    assert given >= NOT_ASKED

    @eventually(240)  # what was issued anew is counted only when its predecessor goes
    def all_of_it_is_used() -> None:
        assert given - NOT_ASKED - asked_for(running, worked.view, "allow") == set()

    # Others on this stack restart the API server, which refuses all until it has read its roles.
    since = datetime.now(UTC).isoformat()
    all_of_it_is_used()
    time.sleep(5)
    assert asked_for(running, worked.view, "allow", since), "the controllers were idle"
    assert asked_for(running, worked.view, "forbid", since) == set()
    assert asked_for(running, worked.view, "allow") - given == set()
    # One that is added would be said to be unneeded.
    more = {Request("", "secrets", "update"), Request("", "configmaps", "get")}
    assert (given | more) - NOT_ASKED - asked_for(running, worked.view, "allow") == more


def test_a_namespace_that_was_not_named_gets_no_certificate(certified: Certified, running: Running, asked: Any) -> None:
    since = datetime.now(UTC).isoformat()
    asked(ELSEWHERE, request(f"elsewhere.{ZONE}", "pebble", "elsewhere"))

    @eventually(30)
    def refused() -> None:
        assert Request("cert-manager.io", "certificates/status", "update") in asked_for(
            running, certified.view, "forbid", since
        )

    refused()
    certificate = certified.view.get(f"{ELSEWHERE}/elsewhere")
    assert "status" not in certificate
    assert certified.view.get(ELSEWHERE.replace("certificates", "certificaterequests"))["items"] == []
    assert certified.view.kubernetes.get("/api/v1/namespaces/default/secrets/elsewhere-tls").status_code == 404


@pytest.mark.parametrize(
    ("verb", "resource", "namespace", "allowed"),
    [
        ("get", "secrets", "shop", True),
        ("patch", "secrets", "shop", True),
        ("create", "pods", "shop", True),
        ("create", "secrets", NAMESPACE, True),
        ("patch", "secrets", NAMESPACE, False),
        ("delete", "secrets", NAMESPACE, False),
        ("get", "secrets", "default", False),
        ("create", "secrets", "kube-system", False),
        ("create", "pods", "kube-system", False),
        ("create", "pods", NAMESPACE, False),
        # What its informers insist on, and what it therefore can read: see the component's page.
        ("list", "secrets", "kube-system", True),
    ],
)
def test_what_it_may(certified: Certified, verb: str, resource: str, namespace: str, allowed: bool) -> None:
    attributes = {"verb": verb, "resource": resource, "namespace": namespace}
    review = {"spec": {"user": USER, "resourceAttributes": attributes}}
    answer = certified.view.kubernetes.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", json=review)
    assert answer.raise_for_status().json()["status"]["allowed"] is allowed
