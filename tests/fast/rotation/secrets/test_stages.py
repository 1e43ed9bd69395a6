"""The order of stages, what stops them, and what a killed run leaves. On real managers and clusters: tests/cluster."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.rotation.secrets import stage
from bootstrap.rotation.secrets.record import RunRecord, Settings
from bootstrap.rotation.secrets.rotation import in_order
from tests.fast.rotation.secrets.world import DEPLOYMENT, ES, KilledError, World, variable


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "_POLL_SECONDS", 0.001)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "rotations" / "database.json")


def test_each_stage_is_proved_before_the_next_is_written(world: World) -> None:
    world.rotation().start(world.values)
    assert world.steps() == ["proved", "proved"]
    assert world.passwords() == ["new value of nonprod", "new value of prod"]
    assert [cluster.restarts for cluster in world.clusters] == [1, 1]
    environments = [line.partition(":")[0] for line in world.told]
    assert environments == sorted(environments)  # nonprod, then prod
    assert "value of" not in world.file.read_text()


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("operator", "was not synced again, after 0.3 s"),
        ("rolls", "pods are new, 1 available, 1 in all, after 0.3 s"),
    ],
)
def test_a_stage_that_is_not_proved_stops_the_run(world: World, broken: str, why: str) -> None:
    setattr(world.clusters[0], broken, False)
    with pytest.raises(BootstrapError, match=why):
        world.rotation().start(world.values)
    assert world.steps() == ["written", "pending"]
    assert world.containers[1].head == "1"
    setattr(world.clusters[0], broken, True)
    world.rotation().resume(world.values)
    assert world.steps() == ["proved", "proved"]
    assert world.asked == [["nonprod", "prod"], ["prod"]]


def test_a_check_that_fails_stops_the_run(tmp_path: Path) -> None:
    world = World(tmp_path / "rotations" / "database.json", settings=Settings(timeout=5, check=["test", "prod", "="]))
    with pytest.raises(BootstrapError, match="the check test ended with 1"):
        world.rotation().start(world.values)
    assert world.steps() == ["written", "pending"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_is_killed_at_a_write_goes_on_from_there(world: World, moment: str) -> None:
    world.containers[1].die = moment
    with pytest.raises(KilledError):
        world.rotation().start(world.values)
    assert world.steps() == ["proved", "writing"]
    world.rotation().resume(world.values)
    assert world.passwords() == ["new value of nonprod", "new value of prod"]
    assert world.asked[1:] == ([["prod"]] if moment == "before" else [])
    assert [container.head for container in world.containers] == ["2", "2"]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("back_moment", ["", "before", "after"])
def test_a_killed_run_is_rolled_back_and_that_may_be_killed_too(world: World, moment: str, back_moment: str) -> None:
    world.containers[1].die = moment
    with pytest.raises(KilledError):
        world.rotation().start(world.values)
    world.containers[0].die = back_moment
    if back_moment:
        with pytest.raises(KilledError):
            world.rotation().roll_back()
    world.rotation().roll_back()
    assert world.steps() == ["restored", "restored"]
    assert world.passwords() == ["old", "old"]
    assert world.run.finished
    assert world.clusters[0].restarts == 2  # it ran with the new value, and runs with the old one again


def test_a_finished_run_is_rolled_back_the_last_stage_first(world: World) -> None:
    world.rotation().start(world.values)
    world.told.clear()
    world.rotation().roll_back()
    assert world.passwords() == ["old", "old"]
    assert [line for line in world.told if "put back" in line] == [
        "prod: version before it: put back",
        "nonprod: version before it: put back",
    ]


def test_what_somebody_else_wrote_is_neither_taken_for_ours_nor_overwritten(world: World) -> None:
    world.clusters[0].operator = False
    with pytest.raises(BootstrapError):
        world.rotation().start(world.values)
    world.containers[0].write("another", version="3", replacing="2")
    world.clusters[0].operator = True
    for go_on in (lambda: world.rotation().resume(world.values), lambda: world.rotation().roll_back()):
        with pytest.raises(BootstrapError, match="somebody else has written it"):
            go_on()
    assert world.containers[0].read() == "another"


def _empty(world: World) -> None:
    world.containers[1].head = ""


def _unread(world: World) -> None:
    world.clusters[1].objects[ES]["spec"]["data"][0]["remoteRef"]["key"] = "other"


def _pinned(world: World) -> None:
    world.clusters[1].objects[ES]["spec"]["data"][0]["remoteRef"]["version"] = "1"


def _once(world: World) -> None:
    world.clusters[1].objects[ES]["spec"]["refreshInterval"] = "0s"


def _created_once(world: World) -> None:
    world.clusters[1].objects[ES]["spec"]["refreshPolicy"] = "CreatedOnce"


def _unready(world: World) -> None:
    world.clusters[1].objects[ES]["status"]["conditions"][0]["reason"] = "SecretSyncedError"


def _stale(world: World) -> None:
    world.containers[1].versions["1"] = "not yet synced"


def _unrestarted(world: World) -> None:
    world.clusters[1].objects[DEPLOYMENT]["metadata"]["annotations"] = {}


def _rolling(world: World) -> None:
    world.clusters[1].objects[DEPLOYMENT]["status"]["availableReplicas"] = 0


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_empty, "the container is empty"),
        (_unread, "no ExternalSecret of the cluster reads"),
        (_pinned, "names a version"),
        (_once, "refreshInterval 0"),
        (_created_once, "CreatedOnce"),
        (_unready, "is SecretSyncedError"),
        (_stale, "holds another value than the manager"),
        (_unrestarted, "nothing restarts it"),
        (_rolling, "0 available"),
    ],
)
def test_nothing_is_written_while_a_later_stage_is_not_well(
    world: World, spoil: Callable[[World], None], why: str
) -> None:
    spoil(world)
    with pytest.raises(BootstrapError, match=why):
        world.rotation().start(world.values)
    assert world.containers[0].head == "1"
    assert not world.file.exists()


def test_the_value_that_is_there_is_no_rotation(world: World) -> None:
    with pytest.raises(BootstrapError, match="the one that is there") as refused:
        world.rotation().start(lambda names: dict.fromkeys(names, "old"))
    assert "'old'" not in str(refused.value)
    assert world.containers[0].head == "1"


@pytest.mark.parametrize(
    "annotations",
    [{"secret.reloader.stakater.com/reload": "other, database"}, {"reloader.stakater.com/auto": "true"}],
)
def test_a_restart_by_the_reloader_is_waited_for(world: World, annotations: dict[str, str]) -> None:
    for cluster in world.clusters:
        cluster.objects[DEPLOYMENT]["metadata"]["annotations"] = annotations
    with pytest.raises(BootstrapError, match="was not restarted by Reloader"):
        world.rotation().start(world.values)
    world.clusters[0].restart({"by": "Reloader"})
    with pytest.raises(BootstrapError, match=r"environment prod: .*was not restarted by Reloader"):
        world.rotation().resume(world.values)


def test_a_mounted_secret_needs_no_restart(world: World) -> None:
    for cluster in world.clusters:
        deployment = cluster.objects[DEPLOYMENT]
        deployment["metadata"]["annotations"] = {}
        deployment["spec"]["template"]["spec"] = {
            "containers": [{}],
            "volumes": [{"name": "v", "secret": {"secretName": "database"}}],
        }
    world.rotation().start(world.values)
    assert [cluster.restarts for cluster in world.clusters] == [0, 0]


def test_a_template_is_proved_by_the_secrets_revision(world: World) -> None:
    for cluster in world.clusters:
        cluster.objects[ES]["spec"]["target"] = {"template": {"data": {"password": "{{ .password }}"}}}
    world.rotation().start(world.values)
    assert world.steps() == ["proved", "proved"]


def test_a_store_of_a_namespace_counts_if_it_is_of_the_same_manager(world: World) -> None:
    for cluster, path in zip(world.clusters, ("secrets", "another"), strict=True):
        stores = f"{ES.rsplit('/', 2)[0]}/secretstores/own"
        own = {"vault": {"server": "https://vault", "path": path, "auth": {"jwt": {}}}}
        cluster.objects[stores] = {"metadata": {"name": "own"}, "spec": {"provider": own}}
        cluster.objects[ES]["spec"]["secretStoreRef"] = {"kind": "SecretStore", "name": "own"}
    with pytest.raises(BootstrapError, match="environment prod: no ExternalSecret"):
        world.rotation().start(world.values)


def test_variables_from_a_whole_secret_are_seen(world: World) -> None:
    pod: dict[str, Any] = world.clusters[0].objects[DEPLOYMENT]["spec"]["template"]["spec"]
    for container in ({"envFrom": [{"secretRef": {"name": "database"}}]}, {"env": [variable()]}):
        pod.update({"initContainers": [container], "containers": [{}]})
        world.clusters[0].objects[DEPLOYMENT]["metadata"]["annotations"] = {}
        with pytest.raises(BootstrapError, match="nothing restarts it"):
            world.rotation().start(world.values)


def test_stages_are_named_once_and_known(world: World) -> None:
    views = world.rotation().views
    assert [view.name for view in in_order(views, ["prod", "nonprod"])] == ["prod", "nonprod"]
    for names, why in ((["canary"], "no environment canary"), ([], "names none"), (["prod", "prod"], "or one twice")):
        with pytest.raises(BootstrapError, match=why):
            in_order(views, names)


def test_a_damaged_record_is_refused(world: World) -> None:
    world.run.save()
    world.file.write_text("{}")
    with pytest.raises(BootstrapError, match="it is damaged"):
        RunRecord.load(world.file.parent.parent, "database")


def test_the_record_knows_no_value_by_its_fields() -> None:
    fields = {field.name for field in dataclasses.fields(RunRecord)}
    assert fields == {"secret", "settings", "stages", "file"}
