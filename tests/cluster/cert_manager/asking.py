"""What tests ask of cert-manager by hand, and what it says."""

import json
from typing import Any

from bootstrap.verification.aws import AwsView

CERTIFICATES = "/apis/cert-manager.io/v1/namespaces/shop/certificates"
ISSUERS = "/apis/cert-manager.io/v1/clusterissuers"
CHALLENGES = "/apis/acme.cert-manager.io/v1/namespaces/shop/challenges"


def challenges(view: AwsView) -> list[dict[str, Any]]:
    return view.get(CHALLENGES)["items"]


def why_it_waits(view: AwsView, dns_name: str) -> str:
    """What cert-manager says about the challenge of a name; the challenge's own status leaves AWS's words out."""
    names = {one["metadata"]["name"] for one in challenges(view) if one["spec"]["dnsName"] == dns_name}
    events = view.get("/api/v1/namespaces/shop/events")["items"]
    return "\n".join(one["message"] for one in events if one["involvedObject"]["name"] in names)


def rogue(view: AwsView, zone: str, **changes: Any) -> dict[str, Any]:
    """The issuer of the program under another name, with its first solver changed."""
    spec = json.loads(json.dumps(view.get(f"{ISSUERS}/pebble")["spec"]))
    solver = spec["acme"]["solvers"][0]
    solver["selector"]["dnsZones"] = [zone]
    solver["dns01"]["route53"] |= changes
    spec["acme"]["solvers"] = [solver]
    spec["acme"]["privateKeySecretRef"]["name"] = "rogue-account-key"
    return {"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": "rogue"}, "spec": spec}


def request(dns_name: str, issuer: str, name: str = "asked") -> dict[str, Any]:
    reference = {"kind": "ClusterIssuer", "name": issuer}
    spec = {"secretName": f"{name}-tls", "dnsNames": [dns_name], "issuerRef": reference}
    return {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": name}, "spec": spec}
