"""A mounted value is in the volume's memory and nowhere else: not in a log, the cluster, etcd or any file."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from bootstrap.canaries.canary import of_text
from bootstrap.canaries.folder import ETCD, Folder
from bootstrap.canaries.place import Outcome, Place, searched
from bootstrap.canaries.search import Piece, Search, pieces_of_files
from tests.cluster.csi.conftest import POLL_SECONDS, Files
from tests.cluster.csi.kubelet import Pod
from tests.local_stack import Running, eventually


@pytest.fixture
def mounted(files: Files) -> Iterator[tuple[Pod, Search]]:
    """A pod whose file was renewed once, and a search for both values and for the pod's tokens."""
    kubelet, values = files.kubelet, [files.fill("payments/api")]
    with kubelet.pod("payments") as pod:
        kubelet.publish(pod)
        values.append(files.fill("payments/api"))

        @eventually(10 * POLL_SECONDS)
        def renewed() -> None:
            kubelet.publish(pod)
            assert kubelet.files(pod)["value"].decode() == values[-1]

        renewed()
        secrets = [*values, *kubelet.minted]
        yield pod, Search([of_text(f"secret {number}", one.encode()) for number, one in enumerate(secrets)])
        kubelet.unpublish(pod)


def places(files: Files, running: Running, pod: Pod) -> Iterator[Place]:
    """Where a value could be, each with what must be found there if it was really read."""
    view, driver, name = files.view, files.kubelet.driver, pod.metadata["name"].encode()

    def in_files(what: str, paths: Iterable[Path], root: Path, control: bytes = name) -> Place:
        found = [one for one in paths if one.is_file()]
        return Place(name=what, read=lambda: pieces_of_files(found, root), control=control)

    def of_the_api(what: str, read: Callable[[], Iterable[Piece]]) -> Place:
        return Place(name=what, read=read, control=name)

    secrets = view.get("/api/v1/secrets")["items"]
    yield of_the_api("objects that are not Secrets", view.objects_that_are_not_secrets)
    yield Place(
        name="names of Secrets' keys and their data",
        read=lambda: [("Secrets", json.dumps(secrets).encode())],
        control=view.references["canary"]["name"].encode(),
    )
    yield in_files("the driver's log", [driver.log], driver.directory)
    yield in_files("the node's disk", driver.directory.rglob("*"), driver.directory)
    folder = Folder(running.local.directory)
    etcd = folder.take(ETCD, cluster=view.references["clusterName"])
    yield in_files("etcd's files", etcd, folder.root)
    ports = str(running.local.ports.base).encode()
    yield in_files("the rest of the stack's folder", folder.rest(), folder.root, ports)
    yield in_files("Pulumi's state", files.engine.directory.rglob("*"), files.engine.directory, b"payments-files")


def test_the_value_is_in_memory_only(files: Files, running_vault: Running, mounted: tuple[Pod, Search]) -> None:
    pod, search = mounted
    verdicts = [searched(one, search) for one in places(files, running_vault, pod)]
    assert [one for one in verdicts if one.outcome is not Outcome.CLEAN] == []

    # The same search sees it where it belongs.
    driver, target = files.kubelet.driver, files.kubelet.target(pod)
    (current,) = (one for one in search.canaries if one.name == "secret 1")
    inside = [one for one in driver.inside(target).rglob("*") if one.is_file()]
    memory = Place(name="the volume", read=lambda: pieces_of_files(inside, target), holds=frozenset({current}))
    assert searched(memory, search).outcome is Outcome.HOLDS_ITS_OWN


def test_a_value_on_the_nodes_disk_is_found(files: Files, running_vault: Running, mounted: tuple[Pod, Search]) -> None:
    """A driver that wrote into the folder and not into memory would leave just this."""
    pod, search = mounted
    copy = files.kubelet.target(pod) / "value"
    copy.write_bytes(files.kubelet.files(pod)["value"])
    found = {one.name: searched(one, search).outcome for one in places(files, running_vault, pod)}
    copy.unlink()
    assert {name for name, outcome in found.items() if outcome is Outcome.LEAK} == {"the node's disk"}
