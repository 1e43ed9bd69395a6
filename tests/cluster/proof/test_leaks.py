"""A value that is planted where it does not belong is found there: else the search of a clean stack proves nothing."""

import base64
import json
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bootstrap import lifecycle
from bootstrap.canaries.place import Outcome
from tests.local_stack import Running, running_stack
from tests.output import follow
from tests.sops_repository import VALUE, SopsRepository

_NAME = "leak-for-the-test"
# A report names five.
_IN_A_CONFIG_MAP = ("synced", "mounted", "unsealed", "certificate")
_IN_A_FILE = ("sealing-key", "by-hand")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A stack of its own: what is planted stays in etcd's log of changes."""
    with running_stack("local", tmp_path_factory.mktemp("leaks")) as stack, stack.environment():
        yield stack


def _private_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(scope="module")
def by_origin(own: Running) -> dict[str, str]:
    """A Secret of nonprod for each way in which one may come, marked as that way marks it; gives their values."""
    nonprod = own.nonprod
    canary = nonprod.references["canary"]
    external = nonprod.custom_resource("externalsecrets", canary["name"], canary["namespace"])["metadata"]
    owner = {"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "name": canary["name"]}
    sealed = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "a", "uid": "0"}
    metadata: dict[str, dict[str, Any]] = {
        "synced": {"ownerReferences": [{**owner, "uid": external["uid"]}]},
        "merged": {"labels": {"reconcile.external-secrets.io/managed": "true"}},
        "mounted": {"labels": {"secrets-store.csi.k8s.io/managed": "true"}},
        "unsealed": {"ownerReferences": [sealed]},
        "sealing-key": {"labels": {"sealedsecrets.bitnami.com/sealed-secrets-key": "active"}},
        "certificate": {"annotations": {"cert-manager.io/certificate-name": "shop"}},
        "by-hand": {},
    }
    values: dict[str, str] = {}
    for name, given in metadata.items():
        values[name] = _private_key() if name in ("sealing-key", "certificate") else secrets.token_urlsafe(24)
        follow(name, values[name])
        body = {"metadata": {"name": name, **given}, "stringData": {"tls.key": values[name]}}
        path = f"/api/v1/namespaces/{canary['namespace']}/secrets"
        nonprod.kubernetes.post(path, json=body).raise_for_status()
    return values


@pytest.fixture
def planted(own: Running) -> Iterator[set[str]]:
    """The first value of prod, put into places of several kinds; gives their names."""
    prod, folder = own.prod, own.local.directory
    canary = prod.references["canary"]
    (value,) = (one.decode() for one in prod.secret_data(canary["namespace"], canary["name"]).values())
    objects = f"/api/v1/namespaces/{canary['namespace']}"
    encoded = base64.b64encode(f"a{value}".encode()).decode()
    config_map = {"metadata": {"name": _NAME}, "data": {"a": encoded}}
    prod.kubernetes.post(f"{objects}/configmaps", json=config_map).raise_for_status()
    event = {
        "metadata": {"name": _NAME},
        "message": json.dumps({"said": value}),
        "involvedObject": {"kind": "Pod", "namespace": canary["namespace"], "name": "x"},
    }
    prod.kubernetes.post(f"{objects}/events", json=event).raise_for_status()
    files = {folder / f"{_NAME}.log": value, folder / f"{_NAME}.txt": value.encode().hex()}
    for path, text in files.items():
        path.write_text(text)
    with subprocess.Popen(["sleep", "600"], env={"LEAK": value}) as process:
        yield {
            "prod: objects that are not Secrets",
            "prod: events",
            "prod: etcd's files",  # objects that are not Secrets are not encrypted there
            "logs of all other programs",
            "the rest of the stack's folder",
            "arguments and environments of processes",
        }
        process.kill()


@pytest.fixture
def in_the_open(own: Running, by_origin: dict[str, str]) -> Iterator[set[str]]:
    """The values of these Secrets where they do not belong; gives the places' names."""
    nonprod, file = own.nonprod, own.local.directory / f"{_NAME}-by-origin.txt"
    file.write_text("\n".join(by_origin[name] for name in _IN_A_FILE))
    body = {"metadata": {"name": _NAME}, "data": {name: by_origin[name] for name in _IN_A_CONFIG_MAP}}
    path = f"/api/v1/namespaces/{nonprod.references['canary']['namespace']}/configmaps"
    nonprod.kubernetes.post(path, json=body).raise_for_status()
    yield {"nonprod: objects that are not Secrets", "nonprod: etcd's files", "the rest of the stack's folder"}
    file.unlink()


@pytest.fixture
def brought(own: Running, tmp_path: Path) -> Iterator[None]:
    """What SOPS applied to nonprod, and a token that Argo CD reads Git with: also where they do not belong."""
    nonprod, folder = own.nonprod, own.local.directory
    repository = SopsRepository.create(tmp_path)
    repository.recipients(nonprod={"age": [repository.age_key("nonprod")]})
    repository.encrypt("nonprod")
    kubeconfig = ("--kubeconfig", nonprod.references["kubeconfigPath"])
    repository.by_age_key("nonprod").bootstrap("apply", "nonprod", *kubeconfig)
    token = secrets.token_urlsafe(24)
    body = {
        "metadata": {"name": _NAME, "labels": {"argocd.argoproj.io/secret-type": "repo-creds"}},
        "stringData": {"url": "https://git.example.com/team/", "password": token},
    }
    namespace = nonprod.references["argocd"]["namespace"]
    nonprod.kubernetes.post(f"/api/v1/namespaces/{namespace}/secrets", json=body).raise_for_status()
    log, state = folder / f"{_NAME}-brought.log", folder / "backend" / f"{_NAME}.json"
    log.write_text(json.dumps({"said": f"password: {VALUE}"}))
    state.write_text(base64.b64encode(token.encode()).decode())
    yield
    log.unlink()
    state.unlink()


def test_secrets_of_every_origin_are_where_they_belong(own: Running, by_origin: dict[str, str]) -> None:
    searched = lifecycle.search("local", own.console)
    assert [one for one in searched.verdicts if not one.passed] == []


def test_what_is_planted_is_found(own: Running, planted: set[str], brought: None, in_the_open: set[str]) -> None:
    searched = lifecycle.search("local", own.console)
    assert not searched.passed
    by_name = {one.place: one for one in searched.verdicts}
    state, debug = "Pulumi state, history and backups", "PULUMI_DEBUG_GRPC"
    leaks = {place for place, one in by_name.items() if one.outcome is Outcome.LEAK}
    assert leaks == planted | in_the_open | {state}
    assert "default/registry-nonprod, password, nonprod" in by_name["logs of all other programs"].evidence
    assert f"{_NAME}, password, nonprod" in by_name[state].evidence
    for place, told in (
        ("nonprod: objects that are not Secrets", _IN_A_CONFIG_MAP),
        ("the rest of the stack's folder", _IN_A_FILE),
    ):
        evidence = by_name[place].evidence
        assert [name for name in told if f"/{name}, tls.key, nonprod" not in evidence] == []
    assert by_name["nonprod: data of Secrets"].outcome is Outcome.HOLDS_ITS_OWN
    # A deploy key that was made in the cluster is followed into the engine's debug log too, and is not there.
    assert "deploy key of prod" in by_name[debug].evidence
    assert "deploy key of nonprod" not in by_name[debug].evidence
    assert by_name[debug].outcome is Outcome.CLEAN
