"""k3s: the API server runs inside the k3s process, which starts kubelet, and so static pods, after it.

Releases before k3s #14635 (September 2026) wait for an API server that is ready before they start kubelet, and it is
not ready without the plugin: after a reboot they never start (#10058). There, run the plugin as a systemd unit that
k3s.service is `After=` and `Requires=`, with the same flags, and leave the manifest out.
`--secrets-encryption` and `k3s secrets-encrypt` are for keys on the node's disk; neither goes with this.
Sources: k3s-io/k3s #10058, #14635, #6212 (`kube-apiserver-arg`), `pkg/agent/config` (`pod-manifests`).
"""

from collections.abc import Mapping

from .texts import CONFIGURATION_FLAG, RELOAD_FLAG, dump, manifests

_CONFIGURATION = "/etc/rancher/k3s/encryption-configuration.yaml"
_MANIFESTS = "/var/lib/rancher/k3s/agent/pod-manifests"


def files(encryption_configuration: str, kms_plugin: str) -> Mapping[str, str]:
    """The configuration, a part of k3s's own, and a manifest for each plugin. No mounts: k3s is no container."""
    settings = {"kube-apiserver-arg+": [f"{CONFIGURATION_FLAG}={_CONFIGURATION}", f"{RELOAD_FLAG}=true"]}
    return {
        _CONFIGURATION: encryption_configuration,
        "/etc/rancher/k3s/config.yaml.d/50-encryption.yaml": dump(settings),
        **manifests(kms_plugin, _MANIFESTS),
    }
