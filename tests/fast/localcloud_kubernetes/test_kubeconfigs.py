"""Kubeconfigs: a client of Kubernetes reads them, and a pod's holds no token, only its file's name."""

from pathlib import Path

import yaml
from lightkube import KubeConfig

from bootstrap.localcloud.kubernetes import kubeconfigs
from bootstrap.localcloud.kubernetes.layout import ADMIN, Layout
from bootstrap.localcloud.kubernetes.pki import Pki


def test_the_administrators_kubeconfig_stands_alone(tmp_path: Path) -> None:
    layout = Layout("prod", tmp_path, 15200)
    pki = Pki.ensure(layout.pki, layout.clients)
    path = kubeconfigs.write_with_certificate(
        layout.kubeconfig(ADMIN), server=layout.endpoint, authority=pki.authority, user="a", pair=pki.pair(ADMIN)
    )
    assert path.stat().st_mode & 0o777 == 0o600
    assert str(layout.pki) not in path.read_text()
    config = KubeConfig.from_file(path).get()
    assert config is not None
    assert config.cluster.server == "https://127.0.0.1:15200"
    assert config.user is not None
    assert config.user.client_cert_data
    assert config.user.client_key_data


def test_a_pods_kubeconfig_names_its_token_file(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("the-token")
    path = kubeconfigs.write_with_token(
        tmp_path / "kubeconfig", server="https://127.0.0.1:1", authority=tmp_path / "ca.crt", user="pod", token=token
    )
    assert "the-token" not in path.read_text()
    assert yaml.safe_load(path.read_text())["users"] == [{"name": "pod", "user": {"tokenFile": str(token)}}]
