"""What the distributions ask about the two texts of an encryption."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

CONFIGURATION_FLAG = "encryption-provider-config"
RELOAD_FLAG = "encryption-provider-config-automatic-reload"


def socket_folders(encryption_configuration: str) -> Sequence[str]:
    """The folders of the providers' sockets: the API server has to see each of them."""
    document: dict[str, Any] = yaml.safe_load(encryption_configuration)
    endpoints = [
        str(provider["kms"]["endpoint"])
        for rule in document["resources"]
        for provider in rule["providers"]
        if "kms" in provider
    ]
    return sorted({endpoint.removeprefix("unix://").rsplit("/", 1)[0] for endpoint in endpoints})


def manifests(kms_plugin: str, folder: str) -> Mapping[str, str]:
    """A file for each plugin's static pod in kubelet's folder."""
    pods: list[dict[str, Any]] = [pod for pod in yaml.safe_load_all(kms_plugin) if pod]
    return {f"{folder}/{pod['metadata']['name']}.yaml": dump(pod) for pod in pods}


def dump(document: object) -> str:
    return yaml.safe_dump(document, sort_keys=False)
