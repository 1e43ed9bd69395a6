"""Which provider a name means. Each is imported only in its own process."""

from importlib import import_module

from bootstrap.providers.base import Provider
from bootstrap.providers.wrappers import plugin_version

_CLASSES = {
    "aws": "bootstrap.providers.aws.provider:AwsProvider",
    "azure-native": "bootstrap.providers.recorded.azure:AzureProvider",
    "gcp": "bootstrap.providers.recorded.gcp:GcpProvider",
    "kubernetes": "bootstrap.providers.kubernetes.provider:KubernetesProvider",
    "localcloud": "bootstrap.providers.localcloud.provider:LocalCloudProvider",
    "tls": "bootstrap.providers.tls.provider:TlsProvider",
    "vault": "bootstrap.providers.vault.provider:VaultProvider",
}


def provider(name: str) -> Provider:
    """A new provider."""
    module, attribute = _CLASSES[name].split(":")
    return getattr(import_module(module), attribute)(name, plugin_version(name))
