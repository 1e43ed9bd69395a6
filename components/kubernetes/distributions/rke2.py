"""RKE2: the API server is a static pod; kubelet runs the plugin's from the same folder.

RKE2 always passes a configuration of its own, with a key on the node's disk; `kube-apiserver-arg` replaces it.
`rke2 secrets-encrypt` then has nothing to rotate.
Sources: RKE2, "Server Configuration Reference" (`kube-apiserver-arg`, `kube-apiserver-extra-mount`) and "Architecture"
(`pod-manifests`); harvester/harvester #3765 (a maintainer's example for a KMS plugin).
"""

from collections.abc import Mapping

from .texts import CONFIGURATION_FLAG, RELOAD_FLAG, dump, manifests, socket_folders

_FOLDER = "/etc/rancher/rke2/encryption"
_CONFIGURATION = f"{_FOLDER}/configuration.yaml"
_MANIFESTS = "/var/lib/rancher/rke2/agent/pod-manifests"


def files(encryption_configuration: str, kms_plugin: str) -> Mapping[str, str]:
    """The configuration, a part of RKE2's own, and a manifest for each plugin."""
    mounts = [_FOLDER, *socket_folders(encryption_configuration)]
    settings = {
        "kube-apiserver-arg+": [f"{CONFIGURATION_FLAG}={_CONFIGURATION}", f"{RELOAD_FLAG}=true"],
        "kube-apiserver-extra-mount+": [f"{path}:{path}" for path in mounts],
    }
    return {
        _CONFIGURATION: encryption_configuration,
        "/etc/rancher/rke2/config.yaml.d/50-encryption.yaml": dump(settings),
        **manifests(kms_plugin, _MANIFESTS),
    }
