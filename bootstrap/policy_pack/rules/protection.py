"""What durable environments lose only on purpose: keys and stores."""

from collections.abc import Iterator

from .resource import Rule, Seen, Settings, every

_WEEK = 7
_MONTH = 30


def _protected(seen: Seen, settings: Settings) -> Iterator[str]:
    if seen.environment in settings.durable_environments and not seen.protect:
        yield "the resource can be destroyed with the stack; set protect, or take the environment off the durable ones"


def _aws_key(key: Seen, settings: Settings) -> Iterator[str]:
    days = key.at("deletionWindowInDays")
    if key.environment in settings.durable_environments and days is not None and days < _MONTH:
        yield f"a deletion of the key is final after {days:g} days; set deletion_window_in_days to {_MONTH}"


def _aws_secret(secret: Seen, settings: Settings) -> Iterator[str]:
    days = secret.at("recoveryWindowInDays")
    if secret.environment in settings.durable_environments and days is not None and days < _WEEK:
        yield f"a deleted secret cannot be restored; set recovery_window_in_days to {_WEEK} or more"


def _google_secret(secret: Seen, settings: Settings) -> Iterator[str]:
    if secret.environment in settings.durable_environments and secret.at("deletionProtection") is False:
        yield "the secret can be deleted; set deletion_protection"


def _azure_vault(vault: Seen, settings: Settings) -> Iterator[str]:
    if vault.environment in settings.durable_environments and not vault.at("properties", "enablePurgeProtection"):
        yield "the vault can be purged; set enable_purge_protection"
    if vault.at("properties", "enableRbacAuthorization") is not True:
        yield "access policies rule the vault, and they know no scope below it; set enable_rbac_authorization"


def _vault_key(key: Seen, settings: Settings) -> Iterator[str]:
    if key.environment in settings.durable_environments and key.at("deletionAllowed"):
        yield "the key can be deleted; set deletion_allowed to false"


_KEYS = ("aws:kms/key:Key", "azure-native:keyvault:Key", "vault:transit/secretBackendKey:SecretBackendKey")

RULES = {
    "durable-keys-are-protected": Rule(
        description="In durable environments keys are protected from a destroy of the stack.",
        checks=every(*_KEYS, check=_protected),
    ),
    "deletion-can-be-undone": Rule(
        description="In durable environments what is deleted can be restored, and nothing can be purged.",
        checks={
            "aws:kms/key:Key": _aws_key,
            "aws:secretsmanager/secret:Secret": _aws_secret,
            "gcp:secretmanager/secret:Secret": _google_secret,
            "azure-native:keyvault:Vault": _azure_vault,
            "vault:transit/secretBackendKey:SecretBackendKey": _vault_key,
        },
    ),
}
