"""How often ExternalSecrets may ask the manager: a limit that the API server keeps, whoever writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ..arguments import Arguments
from ..forms import DNS_LABEL, DNS_SUBDOMAIN, DURATION, LABEL_KEY, LABEL_VALUE
from .durations import canonical_duration

_KINDS = {
    "externalsecrets": "v1",
    "pushsecrets": "v1alpha1",
}


@dataclass(frozen=True, kw_only=True)
class RefreshLimitArgs(Arguments):
    """Arguments of RefreshLimit.

    minimum_interval: the shortest `refreshInterval`; a number and s, m or h.
    namespaces: names of the namespaces where it holds; default every namespace.
    namespace_selector: labels of the namespaces where it holds, all of them; default every namespace.
    excepted_namespaces: names of namespaces where it does not hold; default none.
    limit_name: its name in the cluster; default external-secrets-refresh.
    """

    minimum_interval: str
    namespaces: Sequence[str] = ()
    namespace_selector: Mapping[str, str] = field(default_factory=dict[str, str])
    excepted_namespaces: Sequence[str] = ()
    limit_name: str = "external-secrets-refresh"

    def __post_init__(self) -> None:
        self.require_form("minimum_interval", self.minimum_interval, DURATION)
        for key, value in self.namespace_selector.items():
            self.require_form(f"namespace_selector.{key}", key, LABEL_KEY)
            self.require_form(f"namespace_selector.{key}", value, LABEL_VALUE)
        for name in ("namespaces", "excepted_namespaces"):
            for index, namespace in enumerate(getattr(self, name)):
                self.require_form(f"{name}.{index}", namespace, DNS_LABEL)
        self.require_form("limit_name", self.limit_name, DNS_SUBDOMAIN)


class RefreshLimit(pulumi.ComponentResource):
    """The API server refuses an ExternalSecret or PushSecret that would ask the manager too often.

    An interval of 0 and the policies `CreatedOnce` and `OnChange` ask once and are let through. What was there before
    stays until somebody changes it. A forced sync (an annotation) is not limited.

    Creates:
    - a ValidatingAdmissionPolicy;
    - its binding, which denies.

    Outputs:
    - `gates`: both.

    Raises ConfigError for an interval, a label or a name of the wrong form.
    Sources: Kubernetes, "Validating Admission Policy" (1.30 and newer); external-secrets v0.20.4, `refreshPolicy`.
    """

    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: RefreshLimitArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:RefreshLimit", name, None, opts)
        selector: dict[str, Any] = {"matchLabels": dict(args.namespace_selector)} if args.namespace_selector else {}
        # Kubernetes puts this label on every namespace.
        named = [
            {"key": "kubernetes.io/metadata.name", "operator": operator, "values": list(values)}
            for operator, values in (("In", args.namespaces), ("NotIn", args.excepted_namespaces))
            if values
        ]
        if named:
            selector["matchExpressions"] = named
        rules = [
            {
                "apiGroups": ["external-secrets.io"],
                "apiVersions": [version],
                "operations": ["CREATE", "UPDATE"],
                "resources": [resource],
            }
            for resource, version in _KINDS.items()
        ]
        validation = {
            "expression": _expression(args.minimum_interval),
            "message": f"spec.refreshInterval is shorter than {args.minimum_interval}: each refresh is a call to the "
            "secret manager",
        }
        policy_spec: Any = {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": rules},
            "validations": [validation],
        }
        binding_spec: Any = {
            "policyName": args.limit_name,
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": selector},
        }
        policy = kubernetes.admissionregistration.v1.ValidatingAdmissionPolicy(
            f"{name}-policy",
            metadata={"name": args.limit_name},
            spec=policy_spec,
            opts=pulumi.ResourceOptions(parent=self),
        )
        binding = kubernetes.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
            f"{name}-binding",
            metadata={"name": args.limit_name},
            spec=binding_spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.gates = [policy, binding]
        self.register_outputs({"minimumInterval": args.minimum_interval})


def _expression(minimum: str) -> str:
    """In CEL. A field that is not there has the operator's own default of an hour."""
    interval = "duration(object.spec.refreshInterval)"
    return (
        "(has(object.spec.refreshPolicy) && object.spec.refreshPolicy in ['CreatedOnce', 'OnChange'])"
        " || !has(object.spec.refreshInterval)"
        f" || {interval} <= duration('0s') || {interval} >= duration('{canonical_duration(minimum)}')"
    )
