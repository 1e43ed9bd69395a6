"""What a control-plane node of each distribution is given as files, before Kubernetes first starts on it."""

from collections.abc import Callable, Mapping

from ...errors import ConfigError
from . import k3s, kubeadm, rke2

_FILES: Mapping[str, Callable[[str, str], Mapping[str, str]]] = {
    "kubeadm": kubeadm.files,
    "k3s": k3s.files,
    "rke2": rke2.files,
}
# Talos up to v1.13 writes the EncryptionConfiguration itself and denies the flag. From v1.14 on it takes one
# (KubeEtcdEncryptionConfig), but its API server is user 65534, who may not open the socket that a plugin makes as root,
# and no public plugin gives its socket away.
# Source: siderolabs/talos v1.15, `control_plane_final.go` (MergeDenied), `etcd_encryption.go`, `apiserver.go`.
_REFUSED = {"talos": "runs its API server as a user who may not open the socket of a KMS plugin"}
DISTRIBUTIONS = tuple(_FILES)
"""The distributions that can run a KMS plugin."""


def node_files(distribution: str, *, encryption_configuration: str, kms_plugin: str) -> Mapping[str, str]:
    """The files of a control-plane node, by path; each for root alone (mode 0600). None of them holds a secret.

    distribution: kubeadm, k3s or rke2.
    encryption_configuration: ClusterEncryption's.
    kms_plugin: ClusterEncryption's, once it is known: inside an `apply`.

    Raises ConfigError for a distribution that is not known, or that cannot run a KMS plugin.
    """
    if distribution not in _FILES:
        reason = _REFUSED.get(distribution, "is not a distribution that is known here")
        raise ConfigError("distribution", reason, f"choose one of: {', '.join(DISTRIBUTIONS)}")
    return _FILES[distribution](encryption_configuration, kms_plugin)
