"""Which steps a cluster's own evidence lets begin. The same on a real API server, etcd and Vault: tests/cluster."""

import pytest
from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.rotation.etcd import api_servers
from bootstrap.rotation.etcd.api_servers import WriteKey, digest, observe, wait_until
from bootstrap.rotation.etcd.evidence import EtcdEvidence, RevisionEvidence, named
from bootstrap.rotation.etcd.mark import live_write_key
from bootstrap.rotation.etcd.rewriting import rewrite_secrets, secrets
from bootstrap.rotation.etcd.rotation import Rotation
from components.kubernetes.encryption.configuration import KmsProvider, encryption_configuration
from tests.fast.rotation.etcd.fake_cluster import FakeCluster


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_servers, "_POLL_SECONDS", 0.001)
    monkeypatch.setattr(api_servers, "LOAD_SECONDS", 0.5)


@pytest.fixture
def cluster() -> FakeCluster:
    made = FakeCluster()
    made.make("one", "two", "three")
    return made


class Files:
    """A configuration that every API server loads at once."""

    def __init__(self, cluster: FakeCluster) -> None:
        self.cluster, self.text = cluster, encryption_configuration(KmsProvider(name="kms-1"))

    def configuration(self) -> str:
        return self.text

    def configure(self, text: str) -> str:
        self.text = text
        for server in self.cluster.servers:
            server.configuration = digest(text)
        return digest(text)


def by_revision(cluster: FakeCluster, files: Files | None = None) -> Rotation:
    http = cluster.client()
    return Rotation(http=http, evidence=RevisionEvidence(http), files=files, console=Console(quiet=True))


def by_etcd(cluster: FakeCluster) -> Rotation:
    def stored() -> list[tuple[str, str, str]]:
        return [(name, *value.split(":")) for name, value in cluster.encrypted.items()]  # type: ignore[misc]

    return Rotation(http=cluster.client(), evidence=EtcdEvidence(stored), files=None, console=Console(quiet=True))


@pytest.mark.parametrize("rotation_of", [by_revision, by_etcd])
def test_a_new_key_needs_a_rewrite_before_the_next_one(cluster: FakeCluster, rotation_of: object) -> None:
    rotation: Rotation = rotation_of(cluster)  # type: ignore[operator]
    rotation.rewrite()
    rotation.check()
    cluster.rotate("2")
    with pytest.raises(BootstrapError, match="run the step `rewrite` first"):
        rotation.check()
    assert rotation.rewrite() == 3
    rotation.check()
    assert set(cluster.encrypted.values()) == {"kms-1:2"}


def test_without_a_mark_nothing_is_taken_for_proved(cluster: FakeCluster) -> None:
    with pytest.raises(BootstrapError, match="3 Secrets"):
        by_revision(cluster).check()


def test_what_is_under_the_key_already_gets_a_revision_that_proves_it(cluster: FakeCluster) -> None:
    """The API server does not write it again by itself."""
    rotation = by_revision(cluster)
    assert rotation.rewrite() == 3
    assert cluster.writes == 3
    assert all("annotations" in cluster.secrets[f"default/{name}"]["metadata"] for name in ("one", "two", "three"))
    assert rotation.rewrite() == 0


def test_a_rewrite_goes_on_where_it_was_cut_short(cluster: FakeCluster) -> None:
    rotation = by_revision(cluster)
    cluster.rotate("2")
    with pytest.raises(RuntimeError, match="killed"):
        interrupted(rotation)
    cluster.writes = 0
    assert rotation.rewrite() == 2
    assert cluster.writes == 2


def interrupted(rotation: Rotation) -> None:
    key = live_write_key(rotation.http)
    rotation.evidence.note(key)
    behind = rotation.evidence.behind(key)

    def kill() -> None:
        raise RuntimeError("killed")

    rewrite_secrets(rotation.http, lambda secret: named(secret) in behind, kill, insist=True)


def test_a_secret_that_somebody_else_writes_meanwhile_is_no_failure(cluster: FakeCluster) -> None:
    rotation = by_etcd(cluster)
    cluster.rotate("2")
    cluster.conflict = {"default/two"}
    with pytest.raises(BootstrapError, match=r"1 Secrets, such as default/two"):
        rotation.rewrite()
    assert rotation.rewrite() == 1


def test_one_api_server_that_lags_behind_stops_a_rewrite(cluster: FakeCluster) -> None:
    cluster.servers[0].key_id = "2"
    with pytest.raises(BootstrapError, match="not every API server has it"):
        by_revision(cluster).rewrite()


def test_a_provider_takes_over_step_by_step(cluster: FakeCluster) -> None:
    files = Files(cluster)
    rotation = by_revision(cluster, files)
    with pytest.raises(BootstrapError, match="run the step `rewrite` first"):
        rotation.add("kms-2", "unix:///2.sock")
    rotation.rewrite()
    rotation.add("kms-2", "unix:///2.sock")
    for server in cluster.servers:
        server.provider = "kms-2"  # what each does once it has loaded the promotion
    with pytest.raises(BootstrapError, match="of provider kms-2"):
        rotation.remove("kms-1")
    rotation.rewrite()
    files.text = encryption_configuration(KmsProvider(name="kms-2"), KmsProvider(name="kms-1", socket="/1.sock"))
    rotation.remove("kms-1")
    assert "kms-1" not in files.text


def test_where_somebody_else_owns_the_configuration_it_is_not_changed(cluster: FakeCluster) -> None:
    rotation = by_revision(cluster)
    rotation.rewrite()
    with pytest.raises(BootstrapError, match="run `check` before and `rewrite` after"):
        rotation.add("kms-2", "unix:///2.sock")


def test_every_live_api_server_is_asked(cluster: FakeCluster) -> None:
    assert {server.id_hash for server in observe(cluster.client())} == {
        digest("apiserver-a"),
        digest("apiserver-b"),
    }
    cluster.ages = {"apiserver-b": 5}  # its Lease was not renewed for minutes: it is gone
    assert [server.id_hash for server in observe(cluster.client())] == [digest("apiserver-a")]


def test_an_api_server_tells_what_it_knows(cluster: FakeCluster) -> None:
    [one] = [server for server in observe(cluster.client()) if server.id_hash == digest("apiserver-a")]
    assert one.configuration == "old"
    assert one.known == {"kms-1": digest("1")}
    assert one.wrote_last is not None
    assert one.wrote_last[1] == WriteKey("kms-1", digest("1"))


def test_a_promotion_that_not_every_api_server_has_stops_a_rewrite(cluster: FakeCluster) -> None:
    """The one without it reads the new provider already, and writes with the old one."""
    cluster.servers[0].configuration = "promoted"
    with pytest.raises(BootstrapError, match="the same EncryptionConfiguration"):
        by_revision(cluster).rewrite()


def test_a_list_that_grew_too_old_is_gone_on_with(cluster: FakeCluster) -> None:
    cluster.expired = 2
    assert by_etcd(cluster).rewrite() == 0
    assert [named(secret) for secret in secrets(cluster.client())][:3] == [
        "default/one",
        "default/two",
        "default/three",
    ]


def test_waiting_ends_with_what_was_waited_for(cluster: FakeCluster) -> None:
    with pytest.raises(BootstrapError, match="the new configuration: not every API server has it"):
        wait_until(cluster.client(), lambda servers: servers[0].configuration == "new", "the new configuration")
