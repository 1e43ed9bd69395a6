"""Key material is replaced at intervals, by the manager itself."""

from collections.abc import Iterator

from .resource import Rule, Seen, Settings


def _aws(key: Seen, _settings: Settings) -> Iterator[str]:
    # Asymmetric and HMAC keys cannot rotate (KMS Developer Guide, "Rotate AWS KMS keys").
    symmetric = key.at("customerMasterKeySpec") in (None, "SYMMETRIC_DEFAULT")
    if symmetric and key.at("enableKeyRotation") is not True:
        yield "the key does not rotate; set enable_key_rotation"


def _google(key: Seen, _settings: Settings) -> Iterator[str]:
    if key.at("purpose") in (None, "ENCRYPT_DECRYPT") and not key.at("rotationPeriod"):
        yield "the key does not rotate; set rotation_period"


def _azure(key: Seen, _settings: Settings) -> Iterator[str]:
    actions = key.at("properties", "rotationPolicy", "lifetimeActions") or []
    if not any((one.get("action") or {}).get("type") in ("rotate", "Rotate") for one in actions):
        yield "the key does not rotate; set a rotation_policy with the action rotate"


def _vault(key: Seen, _settings: Settings) -> Iterator[str]:
    if not key.at("autoRotatePeriod"):
        yield "the key does not rotate; set auto_rotate_period"
    if key.at("exportable"):
        yield "the key can be taken out of Vault; set exportable to false"


RULES = {
    "keys-rotate": Rule(
        description="Keys rotate by themselves and cannot be taken out of their manager.",
        checks={
            "aws:kms/key:Key": _aws,
            "gcp:kms/cryptoKey:CryptoKey": _google,
            "azure-native:keyvault:Key": _azure,
            "vault:transit/secretBackendKey:SecretBackendKey": _vault,
        },
    )
}
