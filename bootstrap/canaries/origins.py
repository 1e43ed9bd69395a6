"""Where a Secret of a cluster comes from: how to know it, what it is called, whether the manager may have it too."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bootstrap.sealed.keys import LABEL as SEALING_KEY
from bootstrap.sops.apply import FIELD_MANAGER

HELM_RELEASE = "helm.sh/release.v1"
"""The type of Secrets in which Helm packs manifests: they are a place that is searched."""

Secret = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A row of the table.

    name: in words for people. brought: whether a Secret is of it. in_manager: whether its values may rightly be in the
    manager's files. fields: the keys of its data with secrets; all, if it is empty.
    """

    name: str
    brought: Callable[[Secret], bool]
    in_manager: bool = False
    fields: Sequence[str] = ()


def _labelled(label: str, value: str | None = None) -> Callable[[Secret], bool]:
    """With any value if none is given."""
    return lambda secret: label in (labels := secret["metadata"].get("labels") or {}) and value in (None, labels[label])


def _owned_by(kind: str) -> Callable[[Secret], bool]:
    return lambda secret: any(one["kind"] == kind for one in secret["metadata"].get("ownerReferences") or ())


def _applied_by(manager: str) -> Callable[[Secret], bool]:
    return lambda secret: any(one.get("manager") == manager for one in secret["metadata"].get("managedFields") or ())


def _any(*conditions: Callable[[Secret], bool]) -> Callable[[Secret], bool]:
    return lambda secret: any(condition(secret) for condition in conditions)


ORIGINS = (
    Origin(
        name="of Argo CD",
        brought=_labelled("argocd.argoproj.io/secret-type"),
        in_manager=True,
        # What a credential class of the library keeps in the manager; the other fields are names.
        fields=("sshPrivateKey", "password", "githubAppPrivateKey"),
    ),
    Origin(
        name="by an ExternalSecret",
        # Stores of teams, rotated values, database credentials. A Secret that is merged into has the label only.
        brought=_any(_owned_by("ExternalSecret"), _labelled("reconcile.external-secrets.io/managed", "true")),
        in_manager=True,
    ),
    Origin(
        name="by the Secrets Store CSI driver",
        brought=_labelled("secrets-store.csi.k8s.io/managed", "true"),
        in_manager=True,
    ),
    Origin(name="sealing key", brought=_labelled(SEALING_KEY)),
    Origin(name="by a SealedSecret", brought=_owned_by("SealedSecret")),
    Origin(
        name="of cert-manager",
        # Of certificates, of the next ones, and of accounts with an ACME server (cert-manager v1.21, `setup.go`).
        brought=_any(
            lambda secret: "cert-manager.io/certificate-name" in (secret["metadata"].get("annotations") or {}),
            _labelled("controller.cert-manager.io/fao", "true"),
            _labelled("app.kubernetes.io/managed-by", "cert-manager"),
        ),
    ),
    Origin(name="by sops apply", brought=_applied_by(FIELD_MANAGER)),
    Origin(name="by another hand", brought=lambda secret: secret.get("type") != HELM_RELEASE),
)
"""The first that fits counts. What may be in the manager comes first: a value in two Secrets is followed as one."""
