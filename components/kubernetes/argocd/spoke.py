"""What the Argo CD of another cluster may do in this one. How it gets in is `clusters.py`, on Argo CD's side."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_kubernetes as kubernetes

from ...arguments import Arguments
from ...forms import DNS_LABEL, Form, matches
from ..operator_rbac import Rule, policy_rules, role_ref

_SEE = ["get", "list", "watch"]
_DEPLOY = ["create", "delete", "get", "list", "patch", "update", "watch"]

DEPLOYABLE: Sequence[Rule] = (
    {
        "apiGroups": [""],
        "resources": ["configmaps", "persistentvolumeclaims", "serviceaccounts", "services"],
        "verbs": _DEPLOY,
    },
    {"apiGroups": ["apps"], "resources": ["daemonsets", "deployments", "statefulsets"], "verbs": _DEPLOY},
    {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": _DEPLOY},
    {"apiGroups": ["batch"], "resources": ["cronjobs", "jobs"], "verbs": _DEPLOY},
    {"apiGroups": ["external-secrets.io"], "resources": ["externalsecrets"], "verbs": _DEPLOY},
    {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses", "networkpolicies"], "verbs": _DEPLOY},
    {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": _DEPLOY},
    # What the health of the above is told by.
    {"apiGroups": [""], "resources": ["events", "pods"], "verbs": _SEE},
    {"apiGroups": ["apps"], "resources": ["controllerrevisions", "replicasets"], "verbs": _SEE},
    {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": _SEE},
)
"""Workloads and what belongs to them. No Secrets: they come by ExternalSecrets, and their values never by Git."""

_NAME = "argocd-deployer"
_PARTS = ("apiGroups", "resources", "verbs")
_SUBJECT = Form(
    matches(r"[!-~]+"), "is not the name of a user or group: it is empty or has a space", "write it as the cluster does"
)
_STEPS_UP = frozenset({"bind", "escalate", "impersonate"})


@dataclass(frozen=True, kw_only=True)
class ArgoCdSpokeArgs(Arguments):
    """Arguments of ArgoCdSpoke.

    subject_kind: what the cluster takes Argo CD for: `Group` or `User`.
    subject_name: its name there. EKS: a Kubernetes group of the role's access entry, or for EKS Capabilities
        `eks-access-entry:<the role's ARN>`; GKE: the service account's e-mail; AKS: the identity's object id.
    namespaces: where it may deploy; at least one; they must exist.
    rules: what it may deploy; default workloads and ExternalSecrets, no Secrets.
    """

    subject_kind: Literal["Group", "User"]
    subject_name: pulumi.Input[str]
    namespaces: Sequence[str]
    rules: Sequence[Rule] = field(default_factory=lambda: DEPLOYABLE)

    def __post_init__(self) -> None:
        self.require_form("subject_name", self.subject_name, _SUBJECT)
        self.require(
            not (isinstance(self.subject_name, str) and self.subject_name.startswith("system:")),
            "subject_name",
            "is one of Kubernetes' own, which others are too",
            "give Argo CD's role or identity a name of its own",
        )
        self.require(bool(self.namespaces), "namespaces", "is empty", "name the namespaces that Argo CD deploys to")
        for index, namespace in enumerate(self.namespaces):
            self.require_form(f"namespaces.{index}", namespace, DNS_LABEL)
        self.require(bool(self.rules), "rules", "is empty, so Argo CD may deploy nothing", "say what, or leave it out")
        for index, rule in enumerate(self.rules):
            self.require(
                all(rule.get(part) for part in _PARTS) and not rule.keys() - {*_PARTS, "resourceNames"},
                f"rules.{index}",
                "is not a rule about resources in namespaces",
                f"give {', '.join(_PARTS)}, and resourceNames if it is about some of them",
            )
            parts = [*rule.get("apiGroups", ()), *rule.get("resources", ()), *rule.get("verbs", ())]
            self.require(
                not any("*" in part for part in parts),
                f"rules.{index}",
                "has a *, so it allows what nobody has thought of, Secrets and roles among it",
                "name the groups, the resources and the verbs",
            )
            self.require(
                not _STEPS_UP & set(rule.get("verbs", ())),
                f"rules.{index}.verbs",
                "lets Argo CD give itself more",
                "leave bind, escalate and impersonate out",
            )


class ArgoCdSpoke(pulumi.ComponentResource):
    """What an Argo CD elsewhere may do in this cluster: deploy to some namespaces.

    Give it the spoke's provider in `opts.provider`. Name the same namespaces in the hub's ArgoCluster, and set
    `resource.respectRBAC: strict` in Argo CD's ConfigMap `argocd-cm`: it then looks only into what it may.

    Creates for each namespace:
    - the role `argocd-deployer` and its binding.

    Outputs:
    - `gates`: everything that was created.

    Raises ConfigError for rules with `*` or by which it could give itself more, for no rules and incomplete ones, and
    for a subject without a name or of Kubernetes' own.
    Sources: Argo CD, "Declarative setup" (`resource.respectRBAC`, `namespaces`); Amazon EKS User Guide, "Register
    target clusters" (the group of an access entry).
    """

    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: ArgoCdSpokeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:ArgoCdSpoke", name, None, opts)
        subject = kubernetes.rbac.v1.SubjectArgs(
            kind=args.subject_kind, name=args.subject_name, api_group="rbac.authorization.k8s.io"
        )
        gates: list[pulumi.Resource] = []
        for namespace in args.namespaces:
            metadata = kubernetes.meta.v1.ObjectMetaArgs(name=_NAME, namespace=namespace)
            role = kubernetes.rbac.v1.Role(
                f"{name}-{namespace}",
                metadata=metadata,
                rules=policy_rules(args.rules),
                opts=pulumi.ResourceOptions(parent=self),
            )
            binding = kubernetes.rbac.v1.RoleBinding(
                f"{name}-{namespace}-binding",
                metadata=metadata,
                role_ref=role_ref("Role", _NAME),
                subjects=[subject],
                opts=pulumi.ResourceOptions(parent=self, depends_on=[role]),
            )
            gates += [role, binding]
        self.gates = gates
        self.register_outputs({"namespaces": list(args.namespaces)})
