"""kubeadm: the API server is a static pod of root's; kubelet runs the plugin's from the same folder.

Give kubeadm the file by `--config /etc/kubernetes/encryption/kubeadm.yaml`, or put its `apiServer` into your own.
The API server ends and is started again until the plugin's socket is there: no order between the two has to be kept.
Each further control-plane node needs the same files before `kubeadm join --control-plane`.
Sources: kubeadm Configuration (v1beta4), `ControlPlaneComponent` (`extraArgs`, `extraVolumes`); kubeadm v1.36,
`app/preflight/checks.go` (other manifests in the folder are no obstacle).
"""

from collections.abc import Mapping

from .texts import CONFIGURATION_FLAG, RELOAD_FLAG, dump, manifests, socket_folders

_FOLDER = "/etc/kubernetes/encryption"
_CONFIGURATION = f"{_FOLDER}/configuration.yaml"
_MANIFESTS = "/etc/kubernetes/manifests"


def files(encryption_configuration: str, kms_plugin: str) -> Mapping[str, str]:
    """The configuration, kubeadm's own, and a manifest for each plugin."""
    volumes = [
        {"name": "encryption", "hostPath": _FOLDER, "mountPath": _FOLDER, "readOnly": True, "pathType": "Directory"},
        *(
            {"name": f"kms-{index}", "hostPath": path, "mountPath": path, "pathType": "DirectoryOrCreate"}
            for index, path in enumerate(socket_folders(encryption_configuration), 1)
        ),
    ]
    cluster = {
        "apiVersion": "kubeadm.k8s.io/v1beta4",
        "kind": "ClusterConfiguration",
        "apiServer": {
            "extraArgs": [
                {"name": CONFIGURATION_FLAG, "value": _CONFIGURATION},
                {"name": RELOAD_FLAG, "value": "true"},
            ],
            "extraVolumes": volumes,
        },
    }
    return {
        _CONFIGURATION: encryption_configuration,
        f"{_FOLDER}/kubeadm.yaml": dump(cluster),
        **manifests(kms_plugin, _MANIFESTS),
    }
