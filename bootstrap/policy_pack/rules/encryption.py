"""Clusters are created with their Secrets encrypted by a key of yours.

In a preview the key is often not known yet: that it is given is enough.
"""

from collections.abc import Iterator

from .resource import Rule, Seen, Settings, gives


def _eks(cluster: Seen, _settings: Settings) -> Iterator[str]:
    chosen = cluster.at("encryptionConfig") or {}
    if "secrets" not in (chosen.get("resources") or []) or not gives(chosen.get("provider"), "keyArn"):
        yield "Secrets are encrypted by a key of AWS's; set encryption_config with resources secrets and a key"


def _gke(cluster: Seen, _settings: Settings) -> Iterator[str]:
    chosen = cluster.at("databaseEncryption") or {}
    if chosen.get("state") not in ("ENCRYPTED", "ALL_OBJECTS_ENCRYPTION_ENABLED") or not gives(chosen, "keyName"):
        yield "Secrets are not encrypted by a key of yours; set database_encryption with state ENCRYPTED and a key"


def _aks(cluster: Seen, _settings: Settings) -> Iterator[str]:
    chosen = cluster.at("securityProfile", "azureKeyVaultKms") or {}
    if chosen.get("enabled") is not True or not gives(chosen, "keyId"):
        yield "Secrets are not encrypted by a key of yours; set security_profile.azure_key_vault_kms"


RULES = {
    "clusters-encrypt-secrets": Rule(
        description="EKS, GKE and AKS clusters encrypt Secrets by the environment's own key.",
        checks={
            "aws:eks/cluster:Cluster": _eks,
            "gcp:container/cluster:Cluster": _gke,
            "azure-native:containerservice:ManagedCluster": _aks,
        },
    )
}
