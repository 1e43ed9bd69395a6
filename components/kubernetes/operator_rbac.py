"""What the operator may do in the cluster: read what its informers watch, write Secrets only in its environment.

The chart's own ClusterRoles may write every Secret and mint a token of every service account; these rules replace them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from ..contracts import IdentityRef, ServiceAccountRef

Rule = Mapping[str, Sequence[str]]

_WATCH = ["list", "watch"]

# Each controller opens a cluster-wide informer, and a failed one ends the process (controller-runtime,
# CacheSyncTimeout). Secrets are watched as metadata and by label, which RBAC cannot tell from a full read
# (external-secrets v0.20.4, `externalsecret_controller.go` and `common.BuildManagedSecretClient`). Namespaces and
# service accounts are read through the same cache, and so is every kind of its own: nothing of these is got by name. A
# store gets a finalizer while a PushSecret may delete by it (`secretstore/common.go`).
CLUSTER_RULES: Sequence[Rule] = (
    {
        "apiGroups": ["external-secrets.io"],
        "resources": ["clustersecretstores", "externalsecrets", "pushsecrets", "secretstores"],
        "verbs": _WATCH,
    },
    {"apiGroups": ["external-secrets.io"], "resources": ["clustersecretstores"], "verbs": ["update"]},
    {"apiGroups": ["external-secrets.io"], "resources": ["clustersecretstores/status"], "verbs": ["patch"]},
    {
        "apiGroups": ["generators.external-secrets.io"],
        "resources": ["generatorstates", "passwords", "sshkeys", "vaultdynamicsecrets"],
        "verbs": _WATCH,
    },
    {"apiGroups": [""], "resources": ["namespaces", "secrets", "serviceaccounts"], "verbs": _WATCH},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
)

# Passwords and SSH keys keep no state, so none is written (`pkg/generator`). The finalizers of ExternalSecrets, which
# own their Secrets, are asked for by the admission plugin OwnerReferencesPermissionEnforcement alone.
NAMESPACE_RULES: Sequence[Rule] = (
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "delete", "get", "patch", "update"]},
    {
        "apiGroups": ["external-secrets.io"],
        "resources": [
            "externalsecrets",
            "externalsecrets/finalizers",
            "externalsecrets/status",
            "pushsecrets",
            "secretstores",
        ],
        "verbs": ["update"],
    },
    {
        "apiGroups": ["external-secrets.io"],
        "resources": ["pushsecrets/status", "secretstores/status"],
        "verbs": ["patch"],
    },
)

# The names that the chart gives to the certificate controller of the validating webhook (`fullnameOverride` is
# external-secrets) and to what it works on.
_CERTIFICATE_ACCOUNT = "external-secrets-cert-controller"
_WEBHOOK_SECRET = "external-secrets-webhook"  # noqa: S105 - a Secret's name
_WEBHOOKS = ["externalsecret-validate", "secretstore-validate"]

# It keeps informers of these three kinds, which RBAC cannot narrow, and writes the authority of its own certificates
# into the webhooks. It reads the definitions (CRDs) and changes none: no conversion webhook is configured. Secrets pass
# by its cache, and no leader is elected (external-secrets v0.20.4, `certcontroller.go`, `crds_controller.go` and
# `webhookconfig.go`).
CERTIFICATE_CLUSTER_RULES: Sequence[Rule] = (
    {"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"], "verbs": ["list", "watch"]},
    {
        "apiGroups": ["admissionregistration.k8s.io"],
        "resources": ["validatingwebhookconfigurations"],
        "verbs": ["list", "watch"],
    },
    {
        "apiGroups": ["admissionregistration.k8s.io"],
        "resources": ["validatingwebhookconfigurations"],
        "resourceNames": _WEBHOOKS,
        "verbs": ["update"],
    },
    {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
)
CERTIFICATE_NAMESPACE_RULES: Sequence[Rule] = (
    {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [_WEBHOOK_SECRET], "verbs": ["get", "update"]},
)

# All that Vault asks the API server with the token of its client. Kubernetes' own role for it, `system:auth-delegator`,
# lets in subject access reviews as well (vault-plugin-auth-kubernetes v0.23.0, `token_review.go`).
REVIEW_RULES: Sequence[Rule] = (
    {"apiGroups": ["authentication.k8s.io"], "resources": ["tokenreviews"], "verbs": ["create"]},
)


def token_rules(service_account: str) -> Sequence[Rule]:
    """Leave to mint tokens of one service account."""
    return (
        {
            "apiGroups": [""],
            "resources": ["serviceaccounts/token"],
            "resourceNames": [service_account],
            "verbs": ["create"],
        },
    )


def operator_rbac(
    name: str,
    *,
    account: ServiceAccountRef,
    identity: IdentityRef,
    namespaces: Mapping[str, pulumi.Resource | None],
    home: pulumi.Resource | None,
    webhook: bool,
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """All roles and bindings of the operator and of its webhook's certificate controller.

    name: in front of the resources' names.
    account: the operator's own service account, which gets the roles.
    identity: who the operator is; if it presents a token, the operator may mint tokens of that account; if it reviews
        tokens, that account may.
    namespaces: where the operator may write Secrets, each with the resource that creates it (None: it is there).
    home: the resource that creates the operator's own namespace (None: it is there).
    webhook: whether the certificate controller runs.
    opts: options of every role and binding.
    """
    grants = _Grants(account=account, opts=opts)
    created = grants.everywhere(f"{name}-watcher", "external-secrets-watcher", CLUSTER_RULES)
    for namespace, maker in namespaces.items():
        place = _Place(namespace=namespace, maker=maker)
        created += grants.within(place, f"{name}-writer-{namespace}", "external-secrets-writer", NAMESPACE_RULES)
    own = _Place(namespace=account.namespace, maker=home)
    if identity.presents_token:
        rules = token_rules(identity.service_account.name)
        created += grants.within(own, f"{name}-token", "external-secrets-token", rules)
    if identity.reviews_token:
        created += review_grant(
            f"{name}-review", role_name="external-secrets-review", account=identity.service_account, opts=opts
        )
    if webhook:
        certificates = ServiceAccountRef(namespace=account.namespace, name=_CERTIFICATE_ACCOUNT)
        grants = _Grants(account=certificates, opts=opts)
        created += grants.everywhere(f"{name}-certificates", "external-secrets-certificates", CERTIFICATE_CLUSTER_RULES)
        created += grants.within(own, f"{name}-certificates-secret", _CERTIFICATE_ACCOUNT, CERTIFICATE_NAMESPACE_RULES)
    return created


def token_grant(
    name: str, *, role_name: str, account: ServiceAccountRef, target: ServiceAccountRef, opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """A role and its binding: one service account may mint tokens of another one, in that one's namespace.

    name: in front of the resources' names.
    role_name: the role's name in the cluster.
    account: who may.
    target: whose tokens.
    opts: options of both.
    """
    place = _Place(namespace=target.namespace, maker=None)
    return _Grants(account=account, opts=opts).within(place, name, role_name, token_rules(target.name))


def review_grant(
    name: str, *, role_name: str, account: ServiceAccountRef, opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """A cluster role and its binding: a service account may ask the API server whose a token is.

    name: in front of the resources' names.
    role_name: the role's name in the cluster.
    account: who may.
    opts: options of both.
    """
    return cluster_grant(name, role_name=role_name, account=account, rules=REVIEW_RULES, opts=opts)


def cluster_grant(
    name: str, *, role_name: str, account: ServiceAccountRef, rules: Sequence[Rule], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """A cluster role and its binding for one service account, in every namespace.

    name: in front of the resources' names.
    role_name: the role's name in the cluster.
    account: who may.
    rules: what.
    opts: options of both.
    """
    return _Grants(account=account, opts=opts).everywhere(name, role_name, rules)


def namespace_grant(
    name: str,
    *,
    role_name: str,
    account: ServiceAccountRef,
    namespace: str,
    maker: pulumi.Resource | None,
    rules: Sequence[Rule],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """A role and its binding for one service account, in one namespace.

    name: in front of the resources' names.
    role_name: the role's name in the cluster.
    account: who may.
    namespace: where.
    maker: the resource that creates the namespace (None: it is there).
    rules: what.
    opts: options of both.
    """
    place = _Place(namespace=namespace, maker=maker)
    return _Grants(account=account, opts=opts).within(place, name, role_name, rules)


@dataclass(frozen=True, kw_only=True)
class _Place:
    namespace: str
    maker: pulumi.Resource | None


@dataclass(frozen=True, kw_only=True)
class _Grants:
    """Roles and their bindings for one service account."""

    account: ServiceAccountRef
    opts: pulumi.ResourceOptions

    def everywhere(self, name: str, role_name: str, rules: Sequence[Rule]) -> list[pulumi.Resource]:
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name=role_name)
        role = kubernetes.rbac.v1.ClusterRole(name, metadata=metadata, rules=policy_rules(rules), opts=self.opts)
        binding = kubernetes.rbac.v1.ClusterRoleBinding(
            f"{name}-binding",
            metadata=metadata,
            role_ref=role_ref("ClusterRole", role_name),
            subjects=[self._subject()],
            opts=self._after(role),
        )
        return [role, binding]

    def within(self, place: _Place, name: str, role_name: str, rules: Sequence[Rule]) -> list[pulumi.Resource]:
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name=role_name, namespace=place.namespace)
        role = kubernetes.rbac.v1.Role(
            name, metadata=metadata, rules=policy_rules(rules), opts=self._after(place.maker)
        )
        binding = kubernetes.rbac.v1.RoleBinding(
            f"{name}-binding",
            metadata=metadata,
            role_ref=role_ref("Role", role_name),
            subjects=[self._subject()],
            opts=self._after(role),
        )
        return [role, binding]

    def _subject(self) -> kubernetes.rbac.v1.SubjectArgs:
        return kubernetes.rbac.v1.SubjectArgs(
            kind="ServiceAccount", name=self.account.name, namespace=self.account.namespace
        )

    def _after(self, maker: pulumi.Resource | None) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self.opts, pulumi.ResourceOptions(depends_on=[maker] if maker else []))


def role_ref(kind: str, name: str) -> kubernetes.rbac.v1.RoleRefArgs:
    """Which role a binding gives."""
    return kubernetes.rbac.v1.RoleRefArgs(api_group="rbac.authorization.k8s.io", kind=kind, name=name)


def policy_rules(rules: Sequence[Rule]) -> list[kubernetes.rbac.v1.PolicyRuleArgs]:
    """Rules as a role takes them."""
    return [
        kubernetes.rbac.v1.PolicyRuleArgs(
            api_groups=rule["apiGroups"],
            resources=rule["resources"],
            verbs=rule["verbs"],
            resource_names=rule.get("resourceNames"),
        )
        for rule in rules
    ]
