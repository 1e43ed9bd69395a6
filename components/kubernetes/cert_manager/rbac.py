"""What cert-manager may do: watch what its informers insist on, write only where certificates are wanted.

The chart's ClusterRoles read and write every Secret and start pods everywhere; these rules replace them.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import pulumi

from ...contracts import ServiceAccountRef
from ..operator_rbac import Rule, cluster_grant, namespace_grant

HttpWay = Literal["gateway", "ingress"]

# The names that the chart gives, with the release's name, to its other three programs and to what they work on.
NAME = "cert-manager"
WEBHOOK, CAINJECTOR, API_CHECK = f"{NAME}-webhook", f"{NAME}-cainjector", f"{NAME}-startupapicheck"
WEBHOOK_SECRET = f"{WEBHOOK}-ca"

_OURS, _ACME, _GATEWAY = "cert-manager.io", "acme.cert-manager.io", "gateway.networking.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"
_WEBHOOKS = ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"]
_WATCH = ["list", "watch"]
_EVENTS: Rule = {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]}

# It watches one namespace or all, and with one it has no ClusterIssuers (cert-manager #6377, #7676). Of Secrets it
# keeps its own in full, by a label, and all others as metadata, which RBAC cannot tell from a full read
# (`core_filteredsecrets.go`). The challenges' controller starts only when its informers of HTTP-01 are filled, whether
# there are such solvers or not (`acmechallenges/controller.go`). Issuers are watched, and none is served.
_CLUSTER_RULES: Sequence[Rule] = (
    {
        "apiGroups": [_OURS],
        "resources": ["certificaterequests", "certificates", "clusterissuers", "issuers"],
        "verbs": _WATCH,
    },
    {"apiGroups": [_OURS], "resources": ["clusterissuers/status"], "verbs": ["update"]},
    {"apiGroups": [_ACME], "resources": ["challenges", "orders"], "verbs": _WATCH},
    {"apiGroups": [""], "resources": ["pods", "secrets", "services"], "verbs": _WATCH},
    {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": _WATCH},
)

# Its webhook asks whether who approves a request may: the name stands for every ClusterIssuer.
APPROVAL_RULES: Sequence[Rule] = (
    {
        "apiGroups": [_OURS],
        "resources": ["signers"],
        "resourceNames": ["clusterissuers.cert-manager.io/*"],
        "verbs": ["approve"],
    },
)

# Finalizers are asked for by the admission plugin OwnerReferencesPermissionEnforcement alone: a Certificate owns its
# requests and its next key, a request its order, an order its challenges.
_NAMESPACE_RULES: Sequence[Rule] = (
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "delete", "get", "patch"]},
    {"apiGroups": [_OURS], "resources": ["certificates"], "verbs": ["get"]},
    {"apiGroups": [_OURS], "resources": ["certificaterequests"], "verbs": ["create", "delete"]},
    {
        "apiGroups": [_OURS],
        "resources": [
            "certificaterequests/finalizers",
            "certificaterequests/status",
            "certificates/finalizers",
            "certificates/status",
        ],
        "verbs": ["update"],
    },
    {"apiGroups": [_ACME], "resources": ["orders"], "verbs": ["create", "delete"]},
    {"apiGroups": [_ACME], "resources": ["challenges"], "verbs": ["create", "delete", "patch"]},
    {
        "apiGroups": [_ACME],
        "resources": ["challenges/status", "orders/finalizers", "orders/status"],
        "verbs": ["update"],
    },
    _EVENTS,
)

# A challenge owns the pod that answers it, and the way to that pod.
_SOLVER_RULES: Sequence[Rule] = (
    {"apiGroups": [""], "resources": ["pods", "services"], "verbs": ["create", "delete"]},
    {"apiGroups": [_ACME], "resources": ["challenges/finalizers"], "verbs": ["update"]},
)
_WAY_RULES: Mapping[HttpWay, Rule] = {
    "ingress": {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": ["create", "delete"]},
    "gateway": {"apiGroups": [_GATEWAY], "resources": ["httproutes"], "verbs": ["create", "delete", "get", "update"]},
}

# Where it lives: it makes the keys of ACME accounts and reads them for each challenge.
OWN_RULES: Sequence[Rule] = ({"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "get"]},)


def _lease_rules(lease: str) -> Sequence[Rule]:
    """Leader election, where the program lives."""
    group = ["coordination.k8s.io"]
    return (
        {"apiGroups": group, "resources": ["leases"], "verbs": ["create"]},
        {"apiGroups": group, "resources": ["leases"], "resourceNames": [lease], "verbs": ["get", "update"]},
        _EVENTS,
    )


LEASE_RULES = _lease_rules("cert-manager-controller")

# The webhook makes its own authority; the informer is of one name (`authority.go`).
_WEBHOOK_RULES: Sequence[Rule] = (
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
    {
        "apiGroups": [""],
        "resources": ["secrets"],
        "resourceNames": [WEBHOOK_SECRET],
        "verbs": ["get", "list", "update", "watch"],
    },
)
_WEBHOOK_CLUSTER_RULES: Sequence[Rule] = (
    {"apiGroups": ["authorization.k8s.io"], "resources": ["subjectaccessreviews"], "verbs": ["create"]},
)

# cainjector tells the API server that authority. It is confined to one namespace and two kinds by its configuration
# (`controller.py`); its informers cannot be narrowed to names (`cainjector/setup.go`, `reconciler.go`).
_CAINJECTOR_RULES: Sequence[Rule] = (
    {"apiGroups": [""], "resources": ["secrets"], "verbs": _WATCH},
    {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [WEBHOOK_SECRET], "verbs": ["get"]},
    *_lease_rules("cert-manager-cainjector-leader-election"),
)
_CAINJECTOR_CLUSTER_RULES: Sequence[Rule] = (
    {"apiGroups": [_ADMISSION], "resources": _WEBHOOKS, "verbs": _WATCH},
    {"apiGroups": [_ADMISSION], "resources": _WEBHOOKS, "resourceNames": [WEBHOOK], "verbs": ["patch"]},
)

# The check asks, without making it, for a request in its own namespace: the webhook has to answer.
_API_CHECK_RULES: Sequence[Rule] = ({"apiGroups": [_OURS], "resources": ["certificaterequests"], "verbs": ["create"]},)


def cluster_rules(http01: Sequence[HttpWay]) -> Sequence[Rule]:
    """What the controller has to see in every namespace."""
    if "gateway" not in http01:
        return _CLUSTER_RULES
    return (*_CLUSTER_RULES, {"apiGroups": [_GATEWAY], "resources": ["httproutes"], "verbs": _WATCH})


def namespace_rules(http01: Sequence[HttpWay]) -> Sequence[Rule]:
    """What the controller does where certificates are wanted."""
    ways = [_WAY_RULES[way] for way in http01]
    return (*_NAMESPACE_RULES, *(_SOLVER_RULES if ways else ()), *ways)


def controller_rbac(
    name: str,
    *,
    account: ServiceAccountRef,
    home: pulumi.Resource,
    namespaces: Mapping[str, pulumi.Resource | None],
    http01: Sequence[HttpWay],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """The roles and bindings of cert-manager's controller.

    name: in front of the resources' names.
    account: its service account, in its own namespace.
    home: the resource that creates that namespace.
    namespaces: where certificates are wanted, each with the resource that creates it (None: it is there).
    http01: the ways by which challenges may come in.
    opts: options of every role and binding.
    """
    watched = [*cluster_rules(http01), *APPROVAL_RULES]
    created = cluster_grant(f"{name}-watcher", role_name=f"{NAME}-watcher", account=account, rules=watched, opts=opts)
    places: list[tuple[str, str, pulumi.Resource | None, Sequence[Rule]]] = [
        ("own", account.namespace, home, [*OWN_RULES, *LEASE_RULES]),
        # Events about ClusterIssuers, which lie in no namespace, go there.
        ("events", "default", None, [_EVENTS]),
        *((f"issuer-{one}", one, maker, namespace_rules(http01)) for one, maker in namespaces.items()),
    ]
    for called, namespace, maker, rules in places:
        created += namespace_grant(
            f"{name}-{called}",
            role_name=f"{NAME}-{called.partition('-')[0]}",
            account=account,
            namespace=namespace,
            maker=maker,
            rules=rules,
            opts=opts,
        )
    return created


def webhook_rbac(
    name: str, *, namespace: str, home: pulumi.Resource, opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """The roles and bindings of the webhook, of cainjector, which makes it trusted, and of the check that it answers.

    name: in front of the resources' names.
    namespace: where they live.
    home: the resource that creates that namespace.
    opts: options of every role and binding.
    """
    created: list[pulumi.Resource] = []
    for called, everywhere, own in (
        (WEBHOOK, _WEBHOOK_CLUSTER_RULES, _WEBHOOK_RULES),
        (CAINJECTOR, _CAINJECTOR_CLUSTER_RULES, _CAINJECTOR_RULES),
        (API_CHECK, (), _API_CHECK_RULES),
    ):
        account, short = ServiceAccountRef(namespace=namespace, name=called), called.removeprefix(f"{NAME}-")
        if everywhere:
            created += cluster_grant(
                f"{name}-{short}-cluster", role_name=called, account=account, rules=everywhere, opts=opts
            )
        created += namespace_grant(
            f"{name}-{short}",
            role_name=called,
            account=account,
            namespace=namespace,
            maker=home,
            rules=own,
            opts=opts,
        )
    return created
