"""What the nodes of each distribution are given, compared with the fields that the distribution documents."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from components import ConfigError
from components.kubernetes.distributions.node_files import DISTRIBUTIONS, node_files
from components.kubernetes.encryption.configuration import KmsProvider, encryption_configuration
from tests.fast.components.test_etcd_plugins import AWS, VAULT

CONFIGURATION = encryption_configuration(
    KmsProvider(name="vault-kms-1"), KmsProvider(name="aws-kms-1", socket="/var/run/other/aws.sock")
)
FOLDERS = ["/var/run/kmsplugin", "/var/run/other"]


def rendered(distribution: str) -> Mapping[str, str]:
    return node_files(distribution, encryption_configuration=CONFIGURATION, kms_plugin=f"{AWS}---\n{VAULT}")


def document(distribution: str, path: str) -> dict[str, Any]:
    return yaml.safe_load(rendered(distribution)[path])


@pytest.mark.parametrize(
    ("distribution", "manifests", "configuration"),
    [
        ("kubeadm", "/etc/kubernetes/manifests", "/etc/kubernetes/encryption/configuration.yaml"),
        ("k3s", "/var/lib/rancher/k3s/agent/pod-manifests", "/etc/rancher/k3s/encryption-configuration.yaml"),
        ("rke2", "/var/lib/rancher/rke2/agent/pod-manifests", "/etc/rancher/rke2/encryption/configuration.yaml"),
    ],
)
def test_plugins_are_static_pods_and_the_configuration_is_as_it_was(
    distribution: str, manifests: str, configuration: str
) -> None:
    files = rendered(distribution)
    assert files[configuration] == CONFIGURATION
    for name, manifest in {"aws-encryption-provider": AWS, "vault-kubernetes-kms": VAULT}.items():
        assert yaml.safe_load(files[f"{manifests}/{name}.yaml"]) == yaml.safe_load(manifest)
    assert len(files) == 4, "and one file of the distribution's own"


def test_kubeadm_mounts_what_the_flags_name() -> None:
    cluster = document("kubeadm", "/etc/kubernetes/encryption/kubeadm.yaml")
    assert (cluster["apiVersion"], cluster["kind"]) == ("kubeadm.k8s.io/v1beta4", "ClusterConfiguration")
    assert cluster["apiServer"]["extraArgs"] == [
        {"name": "encryption-provider-config", "value": "/etc/kubernetes/encryption/configuration.yaml"},
        {"name": "encryption-provider-config-automatic-reload", "value": "true"},
    ]
    volumes = cluster["apiServer"]["extraVolumes"]
    assert {frozenset(volume) for volume in volumes} <= {
        frozenset({"name", "hostPath", "mountPath", "pathType"}),
        frozenset({"name", "hostPath", "mountPath", "pathType", "readOnly"}),
    }
    assert [volume["hostPath"] for volume in volumes] == ["/etc/kubernetes/encryption", *FOLDERS]
    assert all(volume["hostPath"] == volume["mountPath"] for volume in volumes)
    assert len({volume["name"] for volume in volumes}) == 3


def test_k3s_needs_no_mounts() -> None:
    assert document("k3s", "/etc/rancher/k3s/config.yaml.d/50-encryption.yaml") == {
        "kube-apiserver-arg+": [
            "encryption-provider-config=/etc/rancher/k3s/encryption-configuration.yaml",
            "encryption-provider-config-automatic-reload=true",
        ]
    }


def test_rke2_mounts_what_the_flags_name() -> None:
    settings = document("rke2", "/etc/rancher/rke2/config.yaml.d/50-encryption.yaml")
    assert settings == {
        "kube-apiserver-arg+": [
            "encryption-provider-config=/etc/rancher/rke2/encryption/configuration.yaml",
            "encryption-provider-config-automatic-reload=true",
        ],
        "kube-apiserver-extra-mount+": [f"{path}:{path}" for path in ["/etc/rancher/rke2/encryption", *FOLDERS]],
    }


@pytest.mark.parametrize(("distribution", "reason"), [("talos", "may not open the socket"), ("kops", "not a distr")])
def test_what_cannot_run_a_plugin_is_refused_and_the_others_are_named(distribution: str, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rendered(distribution)
    assert reason in caught.value.reason
    assert caught.value.mend == "choose one of: kubeadm, k3s, rke2"
    assert DISTRIBUTIONS == ("kubeadm", "k3s", "rke2")
