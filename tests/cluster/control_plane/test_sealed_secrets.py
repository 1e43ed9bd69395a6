"""The real kubeseal and the real controller: keys past the state, backed up, restored on another cluster, renewed."""

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from bootstrap.localcloud.aws.client import LocalAws
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.toolchain.folders import tools_dir
from tests.cluster.control_plane.helpers import Encryption
from tests.cluster.control_plane.sealed import (
    EXTERNAL_SECRET,
    HOME,
    IN_SHOP,
    SEALED,
    SealingCluster,
    external_secrets,
    seal,
    sealing_cluster,
)
from tests.local_stack import eventually
from tests.sops_repository import SopsRepository

VALUE, OTHER = os.urandom(12).hex(), os.urandom(12).hex()
KEYS = f"/api/v1/namespaces/{HOME}/secrets"


@pytest.fixture(scope="module")
def first(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SealingCluster]:
    """The cluster in which the first key was made."""
    with sealing_cluster(plane, tmp_path_factory.mktemp("first")) as cluster:
        cluster.up(IN_SHOP)
        yield cluster


@pytest.fixture(scope="module")
def rebuilt(
    state: Path, aws: LocalAws, port_base: int, encryption: Encryption, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SealingCluster]:
    """Another cluster, with an etcd of its own, and the same program."""
    made = encryption.create(state, "rebuilt", aws, tools_dir(), port_base + 40)
    try:
        with sealing_cluster(made, tmp_path_factory.mktemp("rebuilt")) as cluster:
            cluster.up(IN_SHOP)
            yield cluster
    finally:
        made.delete()


@pytest.fixture(scope="module")
def repository(first: SealingCluster, tmp_path_factory: pytest.TempPathFactory) -> SopsRepository:
    """Its recipients are age keys; the backup of the first key is in it."""
    made = SopsRepository.create(tmp_path_factory.mktemp("sealed"))
    made.recipients(prod={"age": [made.age_key("prod")]}, nonprod={"age": [made.age_key("nonprod")]})
    run(made, first, "backup")
    return made


def run(repository: SopsRepository, cluster: SealingCluster, command: str, **more: Any) -> str:
    kubeconfig = ("--kubeconfig", str(cluster.plane.kubeconfig))
    return repository.bootstrap(command, "prod", *kubeconfig, group="sealed", **more).stderr


def certificate(repository: SopsRepository) -> Path:
    return repository.root / "sealed-secrets" / "prod.pem"


def keys(cluster: SealingCluster) -> dict[str, Any]:
    selector = {"labelSelector": "sealedsecrets.bitnami.com/sealed-secrets-key=active"}
    return {one["metadata"]["name"]: one for one in cluster.http.get(KEYS, params=selector).json()["items"]}


def private_lines(key: dict[str, Any]) -> list[str]:
    """What would show that a key is somewhere in plain text."""
    return base64.b64decode(key["data"]["tls.key"]).decode().splitlines()[1:-1]


def test_what_is_sealed_is_opened(first: SealingCluster, repository: SopsRepository) -> None:
    first.apply(seal(certificate(repository), VALUE))
    first.opens("shop", "database", VALUE)
    owner = first.http.get("/api/v1/namespaces/shop/secrets/database").json()["metadata"]["ownerReferences"]
    assert [one["kind"] for one in owner] == ["SealedSecret"]


def test_the_key_is_in_no_state_and_no_log(first: SealingCluster, repository: SopsRepository) -> None:
    (key,) = keys(first).values()
    written = first.engine.run("stack", "export", "--show-secrets") + first.log()
    written += "".join(file.read_text() for file in repository.root.rglob("*") if file.is_file())
    assert not any(line in written for line in private_lines(key))
    assert VALUE not in written


def test_a_backup_opens_for_its_own_environment_only(first: SealingCluster, repository: SopsRepository) -> None:
    ((name, key),) = keys(first).items()
    file = repository.root / "secrets" / "prod" / f"{name}.yaml"
    repository.bootstrap("check", str(file))
    assert repository.by_age_key("nonprod").sops("decrypt", str(file)).returncode != 0
    opened = yaml.safe_load(repository.by_age_key("prod").sops("decrypt", str(file)).stdout)
    assert opened["data"] == key["data"]
    before = file.read_text()
    run(repository, first, "backup")
    assert file.read_text() == before, "a key that has a backup is left alone"


@pytest.mark.parametrize(
    ("scope", "namespace", "renamed", "opened"),
    [
        ("strict", "shop", True, False),
        ("strict", "blog", False, False),
        ("namespace-wide", "shop", True, True),
        ("namespace-wide", "blog", False, False),
        ("cluster-wide", "blog", True, True),
    ],
)
def test_scope(
    first: SealingCluster, repository: SopsRepository, scope: str, namespace: str, renamed: bool, opened: bool
) -> None:
    name = f"{scope}-renamed" if renamed else scope
    first.apply(seal(certificate(repository), OTHER, name=scope, scope=scope), namespace=namespace, name=name)
    if opened:
        first.opens(namespace, name, OTHER)
    else:
        first.refuses(namespace, name)


def test_a_namespace_that_was_not_named_is_left_alone(first: SealingCluster, repository: SopsRepository) -> None:
    first.apply(seal(certificate(repository), OTHER, namespace="default", name="stray"))
    first.apply(seal(certificate(repository), OTHER, name="marker"))
    first.opens("shop", "marker", OTHER)
    stray = first.http.get(f"{SEALED}/namespaces/default/sealedsecrets/stray").json()
    assert "status" not in stray
    assert first.value("default", "stray") is None


def test_the_controller_may_do_what_it_does_and_no_more(first: SealingCluster) -> None:
    assert "forbidden" not in first.log()
    assert first.may("get", "secrets", "shop")
    for verb, namespace in (
        ("list", "shop"),
        ("delete", "shop"),
        ("get", "default"),
        ("create", "kube-system"),
        ("get", HOME),
        ("delete", HOME),
    ):
        assert not first.may(verb, "secrets", namespace, "database"), f"{verb} in {namespace}"
    assert not first.may("update", "sealedsecrets", "shop", group="bitnami.com")
    assert not first.may("watch", "sealedsecrets", "default", group="bitnami.com")


def test_a_renewed_key_makes_the_old_one_needless(
    first: SealingCluster, repository: SopsRepository, tmp_path: Path
) -> None:
    before = certificate(repository).read_text()
    files: list[Path] = []
    for number in range(3):  # more than the controller answers in a second
        sealed = seal(certificate(repository), f"{VALUE}-{number}", name=f"resealed-{number}")
        files.append(tmp_path / f"resealed-{number}.yaml")
        files[-1].write_text(yaml.safe_dump(sealed))
    left = seal(certificate(repository), OTHER, name="left")
    (old,) = keys(first)

    run(repository.by_age_key("prod"), first, "renew")
    assert certificate(repository).read_text() != before
    assert len(keys(first)) == len(list((repository.root / "secrets" / "prod").iterdir())) == 2
    first.apply(left)
    first.opens("shop", "left", OTHER)  # the old key still opens
    with first.with_pod_network() as kubeconfig:
        arguments = [*map(str, files), "--kubeconfig", str(kubeconfig)]
        repository.bootstrap("reseal", *arguments, group="sealed")
    assert not any(VALUE in file.read_text() for file in files)

    for name in ("left", "database"):
        first.http.delete(f"{SEALED}/namespaces/shop/sealedsecrets/{name}").raise_for_status()
    first.http.delete(f"{KEYS}/{old}").raise_for_status()
    run(repository.by_age_key("prod"), first, "renew")  # a restart; and two backups more than keys is no harm
    for number, file in enumerate(files):
        first.apply(yaml.safe_load(file.read_text()))
        first.opens("shop", f"resealed-{number}", f"{VALUE}-{number}")
    first.apply(left)
    first.refuses("shop", "left")


def test_resealing_refuses_what_is_no_sealed_secret(first: SealingCluster, repository: SopsRepository) -> None:
    file = repository.root / "plain.yaml"
    file.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Secret", "stringData": {"password": OTHER}}))
    arguments = (str(file), "--kubeconfig", str(first.plane.kubeconfig))
    refused = repository.bootstrap("reseal", *arguments, group="sealed", fails=True)
    assert "something else than SealedSecrets" in " ".join(refused.stderr.split())
    assert OTHER not in refused.stderr
    file.unlink()


def test_another_cluster_opens_it_after_a_restore(
    first: SealingCluster, rebuilt: SealingCluster, repository: SopsRepository
) -> None:
    newest = certificate(repository)
    sealed = seal(newest, VALUE)
    rebuilt.apply(sealed)
    rebuilt.refuses("shop", "database")
    run(repository.by_age_key("nonprod"), rebuilt, "restore", fails=True)
    assert len(keys(rebuilt)) == 1
    said = run(repository.by_age_key("prod"), rebuilt, "restore")
    assert "has no backup" in " ".join(said.split()), "the key that the new controller made first"
    rebuilt.opens("shop", "database", VALUE)
    there = {name: key["data"] for name, key in keys(rebuilt).items()}
    assert there.items() >= {name: key["data"] for name, key in keys(first).items()}.items()


BOOKS = 'books = sealed("books", ["ledger"], namespace="sealed-books", first_key="state", recreate=True)\n'


def test_a_key_in_the_state_comes_back_from_it(rebuilt: SealingCluster, tmp_path: Path) -> None:
    """By pulumi-tls: the certificate is a stack output, and the private half is encrypted in the state."""
    program = IN_SHOP + BOOKS
    rebuilt.up(program + 'pulumi.export("certificate", books.certificate)\n')
    file = tmp_path / "certificate.pem"
    file.write_text(json.loads(rebuilt.engine.run("stack", "output", "--json"))["certificate"])
    rebuilt.apply(seal(file, VALUE, namespace="ledger"))
    rebuilt.opens("ledger", "database", VALUE)
    rebuilt.http.delete("/api/v1/namespaces/ledger/secrets/database").raise_for_status()
    rebuilt.opens("ledger", "database", VALUE)  # `recreate`
    path = "/api/v1/namespaces/sealed-books/secrets/sealed-secrets-key-state"
    lines = private_lines(rebuilt.http.get(path).json())
    assert not any(line in rebuilt.engine.run("stack", "export") for line in lines)
    assert any(line in rebuilt.engine.run("stack", "export", "--show-secrets") for line in lines)

    rebuilt.http.delete(path).raise_for_status()
    rebuilt.engine.operate("refresh", "--yes", "--skip-preview", capture=True)
    rebuilt.engine.up(capture=True)
    assert private_lines(rebuilt.http.get(path).json()) == lines


@contextmanager
def watched(http: httpx2.Client) -> Iterator[list[tuple[str, str]]]:
    """Every event of the Secret `database`, and the value in it."""
    events: list[tuple[str, str]] = []

    def follow() -> None:
        query = {"watch": "1", "fieldSelector": "metadata.name=database", "timeoutSeconds": "120"}
        with http.stream("GET", "/api/v1/namespaces/shop/secrets", params=query, timeout=130) as answer:
            for line in answer.iter_lines():
                event = json.loads(line)
                data = event["object"].get("data") or {}
                events.append((event["type"], base64.b64decode(data.get("password", "")).decode()))

    threading.Thread(target=follow, daemon=True).start()
    yield events


def refused_while_sealed(cluster: SealingCluster) -> None:
    """An ExternalSecret that comes before the SealedSecret is gone."""
    target, reference = {"name": "database"}, {"kind": "ClusterSecretStore", "name": "manager"}
    data = [{"secretKey": "password", "remoteRef": {"key": "database"}}]
    body = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": "early", "namespace": "shop"},
        "spec": {"secretStoreRef": reference, "target": target, "data": data},
    }
    path = "/apis/external-secrets.io/v1/namespaces/shop/externalsecrets"
    cluster.http.post(path, json=body).raise_for_status()

    @eventually(60)
    def refused() -> None:
        conditions = cluster.http.get(f"{path}/early").json().get("status", {}).get("conditions", [])
        assert [one["reason"] for one in conditions] == ["SecretSyncedError"]

    refused()
    cluster.http.delete(f"{path}/early").raise_for_status()


def test_external_secrets_takes_over_without_a_gap(rebuilt: SealingCluster) -> None:
    """The same Secret all along: first the owner lets go, then the next one takes hold, and the controller can go."""
    operator = external_secrets(VALUE)
    path = "/api/v1/namespaces/shop/secrets/database"
    before = rebuilt.http.get(path).json()["metadata"]
    rebuilt.up(IN_SHOP + operator)
    with watched(rebuilt.http) as events:
        refused_while_sealed(rebuilt)
        sealed = f"{SEALED}/namespaces/shop/sealedsecrets/database"
        rebuilt.http.delete(sealed, params={"propagationPolicy": "Orphan"}).raise_for_status()

        @eventually(60)
        def orphaned() -> None:
            assert rebuilt.http.get(sealed).status_code == 404
            assert not rebuilt.http.get(path).json()["metadata"].get("ownerReferences")

        orphaned()
        rebuilt.up(IN_SHOP + operator + EXTERNAL_SECRET)
        after = rebuilt.http.get(path).json()["metadata"]
        assert after["uid"] == before["uid"]
        assert [one["kind"] for one in after["ownerReferences"]] == ["ExternalSecret"]
    assert {kind for kind, _ in events} <= {"ADDED", "MODIFIED"}, events
    assert {value for _, value in events} == {VALUE}
    assert len(events) >= 2
