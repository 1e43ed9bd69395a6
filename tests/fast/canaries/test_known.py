"""Which secrets of a stack are followed: those of every Secret, by its origin, and what passes through Pulumi."""

import base64
import json
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bootstrap.canaries import known
from bootstrap.canaries.canary import Canary
from bootstrap.canaries.folder import Folder
from bootstrap.canaries.place import Outcome, searched
from bootstrap.canaries.places import engine_runs, manager
from bootstrap.canaries.planting import Planted
from bootstrap.canaries.search import Search
from bootstrap.verification.environment import EnvironmentView

KEY = Ed25519PrivateKey.generate()
DEPLOY_KEY = KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
PUBLIC = KEY.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
APP_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
    Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
)
TOKEN, PASSWORD = b"a-token-of-a-git-host", b"of-the-registry-6b1f"
FIRST = b"a-first-value-of-prod"
PLANTED = Planted(marker="leaks-0", namespace="first", address="a", value=b"0123456789abcdef-planted")


def secret(name: str, data: dict[str, bytes], *, kind: str = "Opaque", **metadata: Any) -> dict[str, Any]:
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    return {"metadata": {"namespace": "argocd", "name": name, **metadata}, "type": kind, "data": encoded}


def for_argocd(name: str, data: dict[str, bytes], kind: str) -> dict[str, Any]:
    return secret(name, data, labels={"argocd.argoproj.io/secret-type": kind}, ownerReferences=BY_EXTERNAL_SECRET)


def rsa_key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


BY_EXTERNAL_SECRET = [{"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "name": "a"}]
BY_SEALED_SECRET = [{"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "a"}]
BY_SOPS = [{"manager": "kubectl"}, {"manager": "secrets-bootstrap-sops"}]
CERTIFICATE = b"-----BEGIN CERTIFICATE-----\n" + b"MIIBthatispublic" * 4 + b"\n-----END CERTIFICATE-----\n"
BUNDLE, NEXT, ACCOUNT, SEALING, JSON_KEY = (rsa_key() for _ in range(5))
PULL = json.dumps({"auths": {"registry.example.com": {"username": "puller", "password": PASSWORD.decode()}}}).encode()
SECRETS = [
    secret("by-hand", {"again": b"opened-from-a-seal", "value": b"made-by-somebody"}),
    for_argocd(
        "repository-platform", {"url": b"git@git.example.com:a/b.git", "sshPrivateKey": DEPLOY_KEY}, "repository"
    ),
    for_argocd("repo-creds-a", {"url": b"https://git.example.com/team/", "password": TOKEN}, "repo-creds"),
    for_argocd("repo-creds-b", {"url": b"https://git.example.com/other/", "password": TOKEN}, "repo-creds"),
    for_argocd("repo-creds-app", {"githubAppPrivateKey": APP_KEY}, "repo-creds"),
    for_argocd("cluster-prod", {"server": b"https://a.example.com", "config": b"{}{}{}{}{}{}{}{}"}, "cluster"),
    secret("registry", {".dockerconfigjson": PULL, "user": b"short"}, managedFields=BY_SOPS),
    secret("authority", {"ca.crt": CERTIFICATE}, managedFields=BY_SOPS),
    secret("canary", {"value": FIRST}, ownerReferences=BY_EXTERNAL_SECRET),
    secret("leaks-0", {"value": PLANTED.value}, ownerReferences=BY_EXTERNAL_SECRET),
    secret(
        "database",
        {"username": b"v-kubernetes-orders-7fk2", "password": b"of-a-database-for-an-hour"},
        ownerReferences=BY_EXTERNAL_SECRET,
    ),
    secret("merged", {"token": b"merged-into-another"}, labels={"reconcile.external-secrets.io/managed": "true"}),
    secret("generated", {"publicKey": PUBLIC.encode(), "privateKey": DEPLOY_KEY}, ownerReferences=BY_EXTERNAL_SECRET),
    secret("mounted", {"key": b"synced-from-a-volume"}, labels={"secrets-store.csi.k8s.io/managed": "true"}),
    secret("unsealed", {"key": b"opened-from-a-seal"}, ownerReferences=BY_SEALED_SECRET),
    secret(
        "sealed-secrets-key-1",
        {"tls.key": SEALING, "tls.crt": CERTIFICATE},
        kind="kubernetes.io/tls",
        labels={"sealedsecrets.bitnami.com/sealed-secrets-key": "active"},
        managedFields=BY_SOPS,
    ),
    secret(
        "shop-tls",
        {"tls.key": BUNDLE, "tls.crt": CERTIFICATE, "tls-combined.pem": BUNDLE + CERTIFICATE},
        annotations={"cert-manager.io/certificate-name": "shop"},
    ),
    secret("shop-next", {"tls.key": NEXT}, labels={"controller.cert-manager.io/fao": "true"}),
    secret("account", {"tls.key": ACCOUNT}, labels={"app.kubernetes.io/managed-by": "cert-manager"}),
    secret("cloud", {"key.json": json.dumps({"id": "project-of-a-shop", "private_key": JSON_KEY.decode()}).encode()}),
    secret("release", {"release": b"H4sIAAAAAAAA-manifests"}, kind="helm.sh/release.v1"),
    {"metadata": {"namespace": "argocd", "name": "empty"}, "data": None},
]


class View:
    name = "prod"

    def __init__(self) -> None:
        repository = {"namespace": "argocd", "repositorySecret": "repository-platform"}
        self.references = {"canary": {"namespace": "first", "name": "canary"}, "argocd": repository}

    def get(self, path: str) -> dict[str, Any]:
        return {"/api/v1/secrets": {"items": SECRETS}}[path]

    def secret_data(self, namespace: str, name: str) -> dict[str, bytes]:
        return {"canary": {"value": FIRST}, "repository-platform": {"sshPrivateKey": DEPLOY_KEY}}[name]

    def presented(self) -> list[tuple[str, str]]:
        return [("the token of CI", "a-token-for-some-minutes")]


def found(*made_by_pulumi: str) -> known.Environment:
    return known.of_environment(cast(EnvironmentView, View()), PLANTED, made_by_pulumi)


def names(canaries: frozenset[Canary]) -> set[str]:
    return {one.name.removeprefix("argocd/") for one in canaries}


def test_every_secret_is_followed_by_its_origin_and_each_value_once() -> None:
    one = found()
    assert names(one.from_manager) == {
        "repo-creds-a, password, prod, of Argo CD",
        "repo-creds-app, githubAppPrivateKey, prod, of Argo CD",
        "database, password, prod, by an ExternalSecret",
        "merged, token, prod, by an ExternalSecret",
        "mounted, key, prod, by the Secrets Store CSI driver",
    }
    assert names(one.elsewhere) == {
        "sealed-secrets-key-1, tls.key, prod, sealing key",
        "unsealed, key, prod, by a SealedSecret",
        "shop-tls, tls.key, prod, of cert-manager",
        "shop-next, tls.key, prod, of cert-manager",
        "account, tls.key, prod, of cert-manager",
        "registry, .dockerconfigjson, prod, by sops apply",
        "by-hand, value, prod, by another hand",
        "cloud, key.json, prod, by another hand",
    }
    assert one.in_secrets - one.synced == one.from_manager | one.elsewhere


def test_what_is_nowhere_at_rest_is_followed() -> None:
    (held,) = found().held
    assert held.name == "the token of CI, prod"
    assert b"a-token-for-some-minutes" in held.values


SEARCH = Search(list(found().in_secrets))
LEAKED = {
    "token": TOKEN,
    "file": PULL,
    "password in it": PASSWORD,
    "in base64": base64.b64encode(PASSWORD),
    "key of an App": APP_KEY,
    "deploy key": DEPLOY_KEY,
    "in JSON": json.dumps({"a": APP_KEY.decode()}).encode(),
    "database": b"of-a-database-for-an-hour",
    "merged": b"merged-into-another",
    "mounted": b"synced-from-a-volume",
    "unsealed": b"opened-from-a-seal",
    "sealing key": SEALING,
    "key of a certificate": base64.b64encode(BUNDLE),
    "next key": NEXT,
    "key of an account": ACCOUNT,
    "key out of JSON": JSON_KEY,
    "by hand": b"made-by-somebody",
}


@pytest.mark.parametrize("leaked", LEAKED.values(), ids=LEAKED)
def test_each_is_seen_where_it_does_not_belong(leaked: bytes) -> None:
    assert SEARCH.hits("here", b"before " + leaked + b" after")


@pytest.mark.parametrize(
    "public",
    [
        b"puller https://git.example.com/team/",
        b"v-kubernetes-orders-7fk2 project-of-a-shop",
        CERTIFICATE,
        PUBLIC.encode(),
        b"H4sIAAAAAAAA-manifests",
    ],
    ids=["address", "words", "certificate", "public half", "release"],
)
def test_what_is_public_is_not_followed(public: bytes) -> None:
    assert not SEARCH.hits("here", public)


FROM_MANAGER = {
    "token",
    "key of an App",
    "in JSON",
    "deploy key",
    "database",
    "merged",
    "mounted",
}


@pytest.mark.parametrize("name", LEAKED)
def test_only_what_comes_from_the_manager_may_be_in_its_files(name: str, tmp_path: Path) -> None:
    one, moto = found(), tmp_path / "aws" / "moto"
    moto.mkdir(parents=True)
    (moto / "state").write_bytes(b"\n".join([PLANTED.value, FIRST, DEPLOY_KEY, LEAKED[name]]))
    folder, none = Folder(tmp_path), frozenset[Canary]()
    places = manager.files("aws", [PLANTED], folder, synced=one.synced, from_manager=one.from_manager, keys=none)
    (verdict,) = (searched(place, SEARCH) for place in places if place.name == "moto's files")
    assert verdict.outcome is (Outcome.HOLDS_ITS_OWN if name in FROM_MANAGER else Outcome.LEAK)


@pytest.mark.parametrize(
    ("state_has", "outcome"),
    [((f"{PUBLIC} comment\n",), Outcome.CLEAN), ((), Outcome.LEAK), (("ssh-rsa x",), Outcome.LEAK)],
)
def test_the_engines_debug_log_may_show_a_key_that_pulumi_made_and_no_other(
    state_has: tuple[str, ...], outcome: Outcome
) -> None:
    one = found(*state_has)
    assert one.through_engine == (one.deploy_keys if outcome is Outcome.CLEAN else frozenset())
    log = engine_runs.Recorded(name="debug", data=b"urn:pulumi:local:: " + DEPLOY_KEY, debugs=True)
    (place,) = engine_runs.places([log], "local", one.through_engine)
    assert searched(place, Search(list(one.in_secrets))).outcome is outcome


def test_a_sealing_key_that_pulumi_made_passes_through_it_too() -> None:
    (sealing,) = (one for one in found().elsewhere if "sealed-secrets-key-1" in one.name)
    assert found(f"{sealing.public_half}\n").through_engine == {sealing}


def test_public_halves_are_read_from_the_state() -> None:
    key = {"type": "tls:index/privateKey:PrivateKey", "outputs": {"publicKeyOpenssh": PUBLIC}}
    assert known.public_halves({"deployment": {"resources": [{"type": "aws:kms/key:Key"}, key]}}) == [PUBLIC]
    assert known.public_halves({"deployment": {}}) == []
