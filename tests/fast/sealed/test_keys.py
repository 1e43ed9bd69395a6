"""Sealing keys without a cluster: which is the newest, what a backup holds, what is refused."""

import datetime
import io
from pathlib import Path

import httpx2
import pytest
import yaml
from cryptography import x509
from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.sealed import backup, controller, keys, reseal
from bootstrap.sops.configuration import write
from bootstrap.sops.recipients import read_recipients

QUIET = Console(file=io.StringIO())
AGE = "age1" + "q" * 58


def client(answer: httpx2.Response) -> httpx2.Client:
    return httpx2.Client(base_url="https://cluster.test", transport=httpx2.MockTransport(lambda _request: answer))


def start(key: keys.Secret) -> datetime.datetime:
    return x509.load_pem_x509_certificate(keys.certificate_of(key)).not_valid_before_utc


@pytest.fixture(scope="module")
def made() -> list[keys.Secret]:
    first = keys.new_key("sealed-secrets", [])
    return [first, keys.new_key("sealed-secrets", [first])]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sops-recipients.yaml").write_text(yaml.safe_dump({"prod": {"age": [AGE]}}))
    write(tmp_path, read_recipients(tmp_path))
    return tmp_path


def test_a_new_key_is_the_newest_whatever_the_clocks_say(made: list[keys.Secret]) -> None:
    first, second = made
    assert start(second) > start(first)
    listed = client(httpx2.Response(200, json={"items": [second, first]}))
    assert keys.active_keys(listed, "sealed-secrets") == [first, second]


def test_another_cluster_gets_no_more_than_the_key(made: list[keys.Secret]) -> None:
    there = {**made[0], "metadata": {**made[0]["metadata"], "uid": "1", "resourceVersion": "2", "managedFields": []}}
    assert keys.active_keys(client(httpx2.Response(200, json={"items": [there]})), "x") == [made[0]]


def test_who_may_not_list_is_told_so() -> None:
    with pytest.raises(BootstrapError, match="answers 403"):
        keys.active_keys(client(httpx2.Response(403)), "sealed-secrets")


def test_a_key_is_known_by_its_certificate_and_not_by_its_name(root: Path, made: list[keys.Secret]) -> None:
    saved, other = made
    file = root / "secrets" / "prod" / "sealed.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(yaml.safe_dump({**saved, "data": {}}))
    (file.parent / "registry.yaml").write_text(yaml.safe_dump({"metadata": {"name": "registry"}}))
    assert backup.backups(root, "prod") == [file]
    assert backup.unsaved(root, "prod", made) == [other]


def test_a_backup_never_replaces_another(root: Path, made: list[keys.Secret]) -> None:
    file = root / "secrets" / "prod" / f"{made[0]['metadata']['name']}.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("there")
    with pytest.raises(BootstrapError, match="the backup of another key"):
        backup.save(root, "prod", made[0], QUIET)
    assert file.read_text() == "there"


def test_an_environment_without_recipients_is_refused(root: Path) -> None:
    with pytest.raises(BootstrapError, match="does not know it"):
        backup.backups(root, "stage")


def test_a_controller_that_is_not_there_yet_is_no_fault() -> None:
    assert not controller.restart(client(httpx2.Response(404)), "sealed-secrets")
    with pytest.raises(BootstrapError, match="answers 403"):
        controller.restart(client(httpx2.Response(403)), "sealed-secrets")


@pytest.mark.parametrize("text", ["", "a: [", "kind: Secret", "- 1", "kind: SealedSecret\n---\nkind: Secret\n"])
def test_only_sealed_secrets_are_sent(tmp_path: Path, text: str) -> None:
    file = tmp_path / "file.yaml"
    file.write_text(text)
    with pytest.raises(BootstrapError, match="something else than SealedSecrets"):
        reseal.reseal(file, kubeconfig=tmp_path, namespace="x", console=QUIET)
