"""Which secrets of a stack are followed: what Argo CD reads Git with, what SOPS applied, what passes through Pulumi."""

import base64
import json
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bootstrap.canaries import known
from bootstrap.canaries.canary import Canary
from bootstrap.canaries.place import Outcome, searched
from bootstrap.canaries.places import engine_runs
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
PLANTED = Planted(marker="leaks-0", namespace="first", address="a", value=b"0123456789abcdef-planted")


def secret(name: str, data: dict[str, bytes], *, kind: str | None = None, manager: str = "other") -> dict[str, Any]:
    metadata = {
        "namespace": "argocd",
        "name": name,
        "labels": {"argocd.argoproj.io/secret-type": kind} if kind else None,
        "managedFields": [{"manager": manager}],
    }
    return {"metadata": metadata, "data": {key: base64.b64encode(value).decode() for key, value in data.items()}}


PULL = json.dumps({"auths": {"registry.example.com": {"username": "puller", "password": PASSWORD.decode()}}}).encode()
SECRETS = [
    secret(
        "repository-platform", {"url": b"git@git.example.com:a/b.git", "sshPrivateKey": DEPLOY_KEY}, kind="repository"
    ),
    secret("repo-creds-a", {"url": b"https://git.example.com/team/", "password": TOKEN}, kind="repo-creds"),
    secret("repo-creds-b", {"url": b"https://git.example.com/other/", "password": TOKEN}, kind="repo-creds"),
    secret("repo-creds-app", {"githubAppPrivateKey": APP_KEY}, kind="repo-creds"),
    secret("cluster-prod", {"server": b"https://a.example.com", "config": b"{}{}{}{}{}{}{}{}"}, kind="cluster"),
    secret("registry", {".dockerconfigjson": PULL, "user": b"short"}, manager="secrets-bootstrap-sops"),
    secret("authority", {"ca.crt": b"-----BEGIN CERTIFICATE-----\nAAAA"}, manager="secrets-bootstrap-sops"),
    secret("another", {"password": b"of somebody else here"}),
]


class View:
    name = "prod"

    def __init__(self, public: str = PUBLIC) -> None:
        repository = {"namespace": "argocd", "repositorySecret": "repository-platform"}
        canary = {"namespace": "first", "name": "canary"}
        self.references = {"canary": canary, "argocd": repository, "deployPublicKey": public}

    def get(self, path: str) -> dict[str, Any]:
        return {"/api/v1/secrets": {"items": SECRETS}}[path]

    def secret_data(self, namespace: str, name: str) -> dict[str, bytes]:
        return {"canary": {"value": b"a-first-value-of-prod"}, "repository-platform": {"sshPrivateKey": DEPLOY_KEY}}[
            name
        ]

    def presented(self) -> list[str]:
        return []


def found(*made_by_pulumi: str, public: str = PUBLIC) -> known.Environment:
    return known.of_environment(cast(EnvironmentView, View(public)), PLANTED, made_by_pulumi)


def names(canaries: frozenset[Canary]) -> set[str]:
    return {one.name.removeprefix("argocd/") for one in canaries}


def test_what_argo_cd_and_sops_brought_is_followed_each_value_once() -> None:
    one = found()
    assert names(one.argocd) == {"repo-creds-a, password, prod", "repo-creds-app, githubAppPrivateKey, prod"}
    assert names(one.applied) == {"registry, .dockerconfigjson, prod"}
    assert one.in_secrets - one.synced == one.argocd | one.applied


@pytest.mark.parametrize(
    "leaked",
    [
        TOKEN,
        PULL,
        PASSWORD,
        base64.b64encode(PASSWORD),
        APP_KEY,
        DEPLOY_KEY,
        json.dumps({"a": APP_KEY.decode()}).encode(),
    ],
    ids=["token", "file", "password in it", "in base64", "key of an App", "deploy key", "in JSON"],
)
def test_each_is_seen_where_it_does_not_belong(leaked: bytes) -> None:
    search = Search(list(found().in_secrets))
    assert search.hits("here", b"before " + leaked + b" after")
    assert not search.hits("here", b"puller https://git.example.com/team/ -----BEGIN CERTIFICATE-----")


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


def test_public_halves_are_read_from_the_state() -> None:
    key = {"type": "tls:index/privateKey:PrivateKey", "outputs": {"publicKeyOpenssh": PUBLIC}}
    assert known.public_halves({"deployment": {"resources": [{"type": "aws:kms/key:Key"}, key]}}) == [PUBLIC]
    assert known.public_halves({"deployment": {}}) == []
