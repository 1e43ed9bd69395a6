"""Who may use a store in the cluster."""

from collections.abc import Iterator

from .resource import Rule, Seen, Settings, every


def _has_conditions(store: Seen, _settings: Settings) -> Iterator[str]:
    if not store.at("spec", "conditions"):
        yield "every namespace may use the store; set spec.conditions"


RULES = {
    "stores-have-conditions": Rule(
        description="A ClusterSecretStore names the namespaces that may use it (external-secrets #2240).",
        checks=every(
            "kubernetes:external-secrets.io/v1:ClusterSecretStore",
            "kubernetes:external-secrets.io/v1beta1:ClusterSecretStore",
            check=_has_conditions,
        ),
    )
}
