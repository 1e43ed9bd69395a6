"""What is known of kinds without asking a cluster: which there are, their parts, and what needs a new object."""

from dataclasses import dataclass

from bootstrap.providers.resource import ProviderError


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of object. `parts`: its top-level inputs besides apiVersion, kind and metadata; None: any.

    `immutable`: parts whose change needs a new object. `mutable_by`: the provider's setting that lifts this.
    """

    api_version: str
    name: str
    parts: frozenset[str] | None
    namespaced: bool | None = None
    immutable: frozenset[str] = frozenset()
    mutable_by: str | None = None


def _kind(api_version: str, name: str, parts: str, **rest: object) -> tuple[tuple[str, str], Kind]:
    return (api_version, name), Kind(api_version=api_version, name=name, parts=frozenset(parts.split()), **rest)  # pyright: ignore[reportArgumentType]


_ADMISSION = "admissionregistration.k8s.io/v1"
_RBAC = "rbac.authorization.k8s.io/v1"
_ROLE_REF = frozenset({"roleRef"})
_BUILT_IN = dict(
    (
        _kind("v1", "Namespace", "spec", namespaced=False),
        _kind("v1", "ResourceQuota", "spec", namespaced=True),
        _kind("v1", "ServiceAccount", "automountServiceAccountToken imagePullSecrets", namespaced=True),
        # As in pulumi-kubernetes: a changed Secret or ConfigMap is a new one, unless the provider is told otherwise.
        _kind(
            "v1",
            "Secret",
            "data immutable stringData type",
            namespaced=True,
            immutable=frozenset({"data", "stringData", "type"}),
            mutable_by="enableSecretMutable",
        ),
        _kind(
            "v1",
            "ConfigMap",
            "binaryData data immutable",
            namespaced=True,
            immutable=frozenset({"binaryData", "data"}),
            mutable_by="enableConfigMapMutable",
        ),
        _kind(_ADMISSION, "ValidatingAdmissionPolicy", "spec", namespaced=False),
        _kind(_ADMISSION, "ValidatingAdmissionPolicyBinding", "spec", namespaced=False),
        _kind(_RBAC, "Role", "rules", namespaced=True),
        _kind(_RBAC, "ClusterRole", "aggregationRule rules", namespaced=False),
        _kind(_RBAC, "RoleBinding", "roleRef subjects", namespaced=True, immutable=_ROLE_REF),
        _kind(_RBAC, "ClusterRoleBinding", "roleRef subjects", namespaced=False, immutable=_ROLE_REF),
    )
)


def kind_of(token: str) -> Kind:
    """The kind behind a type token. Any kind of a group that is not Kubernetes' own counts as a custom resource."""
    group_version, _, name = token.removeprefix("kubernetes:").rpartition(":")
    group = group_version.split("/")[0]
    api_version = group_version.removeprefix("core/")
    found = _BUILT_IN.get((api_version, name))
    if found is not None:
        return found
    if "." not in group or group.endswith(".k8s.io") or group == "helm.sh":
        known = ", ".join(sorted({kind for _, kind in _BUILT_IN}))
        raise ProviderError(
            f"{token} is not a resource type that the offline provider knows; it knows {known}, helm.sh/v3:Release and "
            "custom resources. Install the official plugin to use others"
        )
    return Kind(api_version=api_version, name=name, parts=None)
