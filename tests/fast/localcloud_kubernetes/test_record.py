"""The record of a control plane, and where host paths of manifests end up."""

from pathlib import Path

import pytest
import yaml

from bootstrap.errors import BootstrapError
from bootstrap.localcloud.kubernetes.layout import Layout
from bootstrap.localcloud.kubernetes.record import ClusterRecord
from components.kubernetes.encryption.aws import aws_kms_plugin
from components.kubernetes.encryption.configuration import KmsProvider, encryption_configuration

MANIFEST = aws_kms_plugin(image="x/aws-encryption-provider:v1", key_id="k", region="r", encryption_context={})


def record(**changes: str | None) -> ClusterRecord:
    values = {
        "encryption_configuration": encryption_configuration(KmsProvider(name="aws-kms-1")),
        "kms_plugin": MANIFEST,
        **changes,
    }
    return ClusterRecord(
        name="prod",
        region="eu-west-1",
        port_base=15200,
        tools="/tools",
        cloud="aws",
        cloud_port=15299,
        node_role_arn=None,
        **values,
    )


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    record().save(tmp_path)
    assert ClusterRecord.load(tmp_path) == record()
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}


def test_the_api_server_and_the_plugin_meet_at_one_socket(tmp_path: Path) -> None:
    record().save(tmp_path)
    layout = record().layout(tmp_path)
    document = yaml.safe_load(layout.encryption_configuration.read_text())
    [rule] = document["resources"]
    assert rule["providers"][0]["kms"]["endpoint"] == f"unix://{layout.host_path('/var/run/kmsplugin')}/socket.sock"
    assert rule["providers"][0]["kms"]["name"] == "aws-kms-1"
    assert rule["providers"][1] == {"identity": {}}
    assert layout.static_pods.read_text() == MANIFEST


def test_what_is_no_longer_wanted_is_removed(tmp_path: Path) -> None:
    record().save(tmp_path)
    record(encryption_configuration=None, kms_plugin=None).save(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["cluster.json"]


def test_a_host_path_stays_inside_the_cluster() -> None:
    layout = Layout("prod", Path("/state/clusters/prod"), 15200)
    assert layout.host_path("/var/run/kmsplugin") == Path("/state/clusters/prod/host/var/run/kmsplugin")


def test_sockets_of_a_deep_folder_get_a_short_path() -> None:
    deep = Layout("prod", Path("/" + "d" * 120), 15200)
    other = Layout("prod", Path("/" + "e" * 120), 15200)
    socket = deep.host_path("/var/run/kmsplugin") / "socket.sock"
    assert len(str(socket).encode()) < 108
    assert socket.is_relative_to(deep.short_folder)
    assert socket != other.host_path("/var/run/kmsplugin") / "socket.sock"
    assert socket != deep.host_path("/var/run/other") / "socket.sock"


@pytest.mark.parametrize("length", range(40, 110))
def test_every_socket_fits_into_the_kernels_limit(length: int) -> None:
    socket = Layout("prod", Path("/" + "d" * length), 15200).host_path("/var/run/kmsplugin") / "socket.sock"
    assert len(str(socket).encode()) < 108


def test_ports_are_distinct_and_inside_the_block() -> None:
    layout = Layout("prod", Path("/x"), 15200)
    fixed = [
        layout.api_port,
        layout.etcd_port,
        layout.etcd_peer_port,
        layout.controller_manager_port,
        layout.node_port,
        layout.webhook_port,
    ]
    assert sorted([*fixed, *layout.pod_ports]) == list(range(15200, 15220))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"name": "prod", "colour": "red"}'])
def test_a_damaged_record_is_said_plainly(tmp_path: Path, text: str) -> None:
    (tmp_path / "cluster.json").write_text(text)
    with pytest.raises(BootstrapError, match=r"cluster.json: it is damaged"):
        ClusterRecord.load(tmp_path)
