"""The EncryptionConfiguration that kube-apiserver starts with."""

from dataclasses import dataclass

import yaml

from ...errors import ConfigError
from ...forms import DNS_LABEL

SOCKET = "/var/run/kmsplugin/socket.sock"


@dataclass(frozen=True, kw_only=True)
class KmsProvider:
    """A KMS provider of the API server. Raises ConfigError for a name that is no DNS label.

    name: written into every value that it encrypts, so it cannot change once used; a new key gets a new name.
    socket: where its plugin listens; default /var/run/kmsplugin/socket.sock. Two on a node need a socket each.
    """

    name: str
    socket: str = SOCKET

    def __post_init__(self) -> None:
        DNS_LABEL.require("KmsProvider.name", self.name)


def encryption_configuration(*providers: KmsProvider) -> str:
    """The EncryptionConfiguration for Secrets, as YAML. Raises ConfigError for none, or two of one name or socket.

    providers: the first one writes, each of them reads.

    `identity` comes last: it reads what was written before and never writes. KMS v2 takes no `cachesize`.
    Source: Kubernetes, "Using a KMS provider for data encryption".
    """
    if not providers:
        raise ConfigError("providers", "is empty, so Secrets would be written in plain text", "name at least one")
    for field in ("name", "socket"):
        if len({getattr(provider, field) for provider in providers}) < len(providers):
            raise ConfigError(f"providers.{field}", "is there twice", f"give each provider a {field} of its own")
    kms = [
        {"kms": {"apiVersion": "v2", "name": one.name, "endpoint": f"unix://{one.socket}", "timeout": "3s"}}
        for one in providers
    ]
    return yaml.safe_dump(
        {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "EncryptionConfiguration",
            "resources": [{"resources": ["secrets"], "providers": [*kms, {"identity": {}}]}],
        },
        sort_keys=False,
    )
