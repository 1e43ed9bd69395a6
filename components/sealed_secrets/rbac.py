"""What the controller of Sealed Secrets may do: open SealedSecrets in named namespaces, and keep its keys in its own.

The chart's ClusterRole reads and writes every Secret of the cluster; these rules replace it.
"""

from collections.abc import Mapping, Sequence

import pulumi

from ..contracts import ServiceAccountRef
from ..kubernetes.operator_rbac import Rule, namespace_grant

_SEALED = "bitnami.com"
_WATCH = ["get", "list", "watch"]

# It lists the Secrets of its own namespace by the label of its keys, which RBAC cannot tell from all: nothing else
# belongs there. It looks for one Secret of an early version by name, and it watches SealedSecrets here as well, without
# a way to open one (sealed-secrets v0.40.0, `initKeyRegistry` and `Main`).
KEY_RULES: Sequence[Rule] = (
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "list"]},
    {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["sealed-secrets-key"], "verbs": ["get"]},
    {"apiGroups": [_SEALED], "resources": ["sealedsecrets"], "verbs": _WATCH},
)


def unseal_rules(namespace: str, *, recreate: bool) -> Sequence[Rule]:
    """What it needs where SealedSecrets live. To notice a lost Secret it has to watch all of them there."""
    secrets = ["create", "get", "update", *(["list", "watch"] if recreate else [])]
    return (
        {"apiGroups": [_SEALED], "resources": ["sealedsecrets"], "verbs": _WATCH},
        {"apiGroups": [_SEALED], "resources": ["sealedsecrets/status"], "verbs": ["update"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": secrets},
        {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
        # Before it watches a namespace, it asks whether it is there.
        {"apiGroups": [""], "resources": ["namespaces"], "resourceNames": [namespace], "verbs": ["get"]},
    )


def controller_rbac(
    name: str,
    *,
    account: ServiceAccountRef,
    home: pulumi.Resource,
    namespaces: Mapping[str, pulumi.Resource | None],
    recreate: bool,
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """All roles and bindings of the controller.

    name: in front of the resources' names.
    account: the controller's service account, in the namespace of its keys.
    home: the resource that creates that namespace.
    namespaces: where SealedSecrets are opened, each with the resource that creates it (None: it is there).
    recreate: whether it makes a Secret again that was deleted.
    opts: options of every role and binding.
    """
    own = KEY_RULES
    if recreate:  # its informer of Secrets is the same for all namespaces
        own = (*own, {"apiGroups": [""], "resources": ["secrets"], "verbs": ["watch"]})
    created = namespace_grant(
        f"{name}-keys",
        role_name="sealed-secrets-keys",
        account=account,
        namespace=account.namespace,
        maker=home,
        rules=own,
        opts=opts,
    )
    for namespace, maker in namespaces.items():
        created += namespace_grant(
            f"{name}-unsealer-{namespace}",
            role_name="sealed-secrets-unsealer",
            account=account,
            namespace=namespace,
            maker=maker,
            rules=unseal_rules(namespace, recreate=recreate),
            opts=opts,
        )
    return created
