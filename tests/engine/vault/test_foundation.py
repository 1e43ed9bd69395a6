"""The components on the real engine and a real Vault, by a deployer with exactly the rights that the page lists."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import hvac
import pytest
from hvac.exceptions import InvalidRequest, VaultError

from bootstrap.localcloud.vault.machines import Machines
from tests.engine.providers.conftest import Stack
from tests.engine.vault.server import Vault, started
from tests.fast.docs.pages import PAGES, section
from tests.fast.localcloud_aws.issuer import Issuer
from tests.own_program import own_program

AUDIT_LOG = "audit.log"
PROGRAM = """
import json

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_vault as vault

from components import ClusterRef, VaultFoundation, VaultFoundationArgs, parse_config

given = json.loads({given!r})
config = parse_config({{"prefix": "platform", "environments": given["environments"]}})
login = vault.ProviderAuthLoginCertArgs(**given["login"])
server = vault.Provider("vault", auth_login_cert=login, skip_child_token=True, **given["provider"])
for name, environment in config.environments.items():
    args = VaultFoundationArgs(names=config.names(name), environment=environment)
    foundation = VaultFoundation(name, args, pulumi.ResourceOptions(providers=[server]))
    cluster = ClusterRef(
        name=name, provider=kubernetes.Provider(f"{{name}}-cluster", kubeconfig="{{}}"), **given["cluster"]
    )
    foundation.identify(f"{{name}}-identity", cluster, pulumi.ResourceOptions(providers=[server]))
    pulumi.export(f"{{name}}PublicKey", foundation.deploy_public_key)
"""


@dataclass(frozen=True)
class Place:
    """A Vault with a deployer, an issuer of tokens, and a stack."""

    vault: Vault
    issuer: Issuer
    machines: Machines
    stack: Stack

    def program(self, **changes: Any) -> None:
        """Two environments, `prod` by JWT and `nonprod` by the Kubernetes auth method."""
        given = self.given({"prod": "vaultJwt", "nonprod": "vaultKubernetes"}, **changes)
        self.stack.engine.write(PROGRAM.format(given=json.dumps(given)))

    def given(self, kinds: Mapping[str, str], **changes: Any) -> dict[str, Any]:
        """What a program is given: environments by name with their kinds of identity, this Vault, this issuer."""
        deployer = self.machines.deployer
        return {
            "environments": {name: self.environment(kind, **changes) for name, kind in kinds.items()},
            "provider": {"address": self.vault.address, "ca_cert_file": str(self.vault.authority)},
            "login": {
                "mount": "cert",
                "name": "deployer",
                "cert_file": str(deployer.certificate),
                "key_file": str(deployer.key),
            },
            "cluster": {
                "issuer_url": self.issuer.url,
                "endpoint": "https://127.0.0.1:6443",
                "ca_certificate": self.issuer.ca_pem,
            },
        }

    def environment(self, kind: str, **changes: Any) -> dict[str, Any]:
        return {
            "backend": "vault",
            "address": self.vault.address,
            "deletionProfile": "ephemeral",
            "cluster": {
                "kind": "selfManaged",
                "kmsPluginImage": "localhost/vault-kubernetes-kms:v0",
                "machineCaCertificate": self.machines.authority.certificate.read_text(),
                "nodeNames": ["prod-node"],
            },
            "identity": {"kind": kind, "audience": "vault"},
            "namespaces": ["apps"],
            "secrets": {"database": {"description": "of the test"}, "tenants/acme": {}},
            "store": {"conditions": [{"namespaces": ["apps"]}]},
            "argocd": {"repository": {"name": "platform", "url": "git@git.example.com:platform/deploy.git"}},
            **changes,
        }

    def login(self, role: str = "platform-prod-external-secrets", **claims: Any) -> hvac.Client:
        """Log in as the operator does, with a token of these claims."""
        token = self.issuer.token(**{"aud": ["vault"], **claims})
        answer: Any = self.vault.client("").write_data(
            "auth/platform/prod/jwt/login", data={"role": role, "jwt": token}
        )
        return self.vault.client(answer["auth"]["client_token"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("foundation")
    machines, issuer = Machines.ensure(folder / "pki"), Issuer(folder / "issuer")
    (folder / "vault").mkdir()
    with started(folder / "vault") as vault:
        root = vault.root
        log = {"file_path": str(vault.folder / AUDIT_LOG), "mode": "0600"}
        root.sys.enable_audit_device("file", path="file", options=log)
        root.sys.enable_auth_method("cert")
        rules = {path: {"capabilities": capabilities} for path, capabilities in rights("vault-foundation").items()}
        root.sys.create_or_update_acl_policy("deployer", json.dumps({"path": rules}))
        authority = machines.authority.certificate.read_text()
        role = {"certificate": authority, "allowed_common_names": ["deployer"], "token_policies": ["deployer"]}
        root.write_data("auth/cert/certs/deployer", data={**role, "token_no_default_policy": True, "token_ttl": 600})
        yield Place(vault, issuer, machines, Stack(own_program(folder, "offline"), ""))
    issuer.close()


def rights(name: str) -> dict[str, list[str]]:
    """The capabilities by path on a component's page, for both environments."""
    page = (PAGES / "components" / f"{name}.md").read_text()
    rules: dict[str, list[str]] = {}
    for row in re.findall(r"^\| (`.*) \|$", section(page, "What the deployer must be allowed to do"), re.MULTILINE):
        paths, capabilities, *_ = row.split(" | ")
        for environment in ("prod", "nonprod"):
            for path in re.findall(r"`([^`]+)`", paths):
                own = re.sub(r"\bP\b", f"platform/{environment}", re.sub(r"\bN\b", f"platform-{environment}", path))
                rules[own] = capabilities.split(", ")
    assert rules, f"{name}: no rights on the page"
    return rules


@pytest.fixture(scope="module")
def up(place: Place) -> Place:
    place.program()
    assert place.stack.run("preview").keys() == {"create"}
    assert place.stack.run("up").keys() == {"create"}
    return place


def test_nothing_changes_when_nothing_changed(up: Place) -> None:
    assert up.stack.run("up", "--expect-no-changes").keys() == {"same"}
    assert up.stack.run("refresh", "--expect-no-changes").keys() == {"same"}


def test_containers_are_empty_but_for_the_deploy_key(up: Place) -> None:
    root = up.vault.root
    for name in ("canary", "database", "tenants/acme"):
        metadata: Any = root.read(f"platform/prod/secrets/metadata/{name}")
        assert metadata["data"]["versions"] == {}
    key: Any = root.read("platform/prod/secrets/data/argocd/platform")
    private = key["data"]["data"]["value"]
    assert private.startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    assert private.splitlines()[1] not in json.dumps(up.stack.engine.export())


def test_the_right_token_reads_and_the_audit_log_names_it(up: Place) -> None:
    up.vault.root.write_data("platform/prod/secrets/data/database", data={"data": {"value": "hidden"}})
    found: Any = up.login().read("platform/prod/secrets/data/database")
    assert found["data"]["data"] == {"value": "hidden"}
    text = (up.vault.folder / AUDIT_LOG).read_text()
    assert "hidden" not in text
    entries = [json.loads(line) for line in text.splitlines()]
    (read,) = [one for one in entries if _is_read_of(one, "platform/prod/secrets/data/database")]
    subject = "system:serviceaccount:external-secrets:external-secrets"
    assert read["auth"]["display_name"] == f"platform-prod-jwt-{subject}"
    assert read["auth"]["metadata"] == {"role": "platform-prod-external-secrets"}
    assert read["request"]["remote_address"] == "127.0.0.1"
    assert read["response"]["data"]["data"]["value"].startswith("hmac-")


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is the reader's tool, not one of the project's")
def test_the_query_of_the_page(up: Place) -> None:
    up.vault.root.write_data("platform/prod/secrets/data/database", data={"data": {"value": "hidden"}})
    up.login().read("platform/prod/secrets/data/database")
    page = (PAGES / "components" / "vault-audit.md").read_text()
    query = re.findall(r"jq -r '([^']+)'", section(page, "Who read this secret"))[0]
    log = str(up.vault.folder / AUDIT_LOG)
    lines = subprocess.run(["jq", "-r", query, log], capture_output=True, text=True, check=True).stdout.splitlines()
    who = "platform-prod-jwt-system:serviceaccount:external-secrets:external-secrets"
    assert lines[-1].split("\t")[1:] == [who, "platform-prod-external-secrets", "127.0.0.1"]


def _is_read_of(entry: dict[str, Any], path: str) -> bool:
    """What the query on the page of VaultAudit selects."""
    request, data = entry["request"], entry.get("response", {}).get("data")
    answered = entry["type"] == "response" and not entry.get("error") and data is not None
    return answered and (request["operation"], request["path"]) == ("read", path)


SUBJECT = "system:serviceaccount:"


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": f"{SUBJECT}apps:external-secrets"},
        {"sub": f"{SUBJECT}external-secrets:default"},
        {"aud": ["sts.amazonaws.com"]},
        {"aud": None},
        {"iss": "https://other.example.com"},
        {"exp": 1},
        {"role": "platform-nonprod-external-secrets"},
    ],
    ids="-".join,
)
def test_any_other_token_is_refused(up: Place, claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        up.login(**claims)


def test_a_login_gives_one_policy_for_ten_minutes(up: Place) -> None:
    token: Any = up.login().auth.token.lookup_self()
    assert token["data"]["policies"] == ["platform-prod-external-secrets"]
    assert token["data"]["creation_ttl"] == 600


def test_drift_is_seen_and_mended(up: Place) -> None:
    root = up.vault.root
    root.write_data("platform/prod/secrets/metadata/database", data={"custom_metadata": {"owner": "by hand"}})
    root.sys.delete_policy("platform-prod-writers")
    assert up.stack.run("refresh")["update"] == 1
    assert up.stack.run("up")["create"] == 1
    metadata: Any = root.read("platform/prod/secrets/metadata/database")
    assert metadata["data"]["custom_metadata"]["description"] == "of the test"


def test_what_a_killed_run_left_is_taken_over(up: Place) -> None:
    """The engine forgets, Vault does not: the next run goes on with what is there."""
    state = up.stack.engine.export()
    kept = [one for one in state["deployment"]["resources"] if not one["type"].startswith("vault:")]
    up.stack.engine.import_state({**state, "deployment": {**state["deployment"], "resources": kept}})
    root = up.vault.root
    accessor: Any = root.read("sys/mounts/platform/prod/secrets")
    assert up.stack.run("up")["create"] > 20
    again: Any = root.read("sys/mounts/platform/prod/secrets")
    assert again["data"]["accessor"] == accessor["data"]["accessor"]
    value: Any = root.read("platform/prod/secrets/data/database")
    assert value["data"]["data"] == {"value": "hidden"}


def test_the_end(up: Place) -> None:
    assert up.stack.run("destroy").keys() == {"delete"}
    root = up.vault.root
    for table_of in ("sys/mounts", "sys/auth"):
        mounts: Any = root.read(table_of)
        assert not [path for path in mounts["data"] if path.startswith("platform/")]
    policies: Any = root.sys.list_acl_policies()
    assert not [name for name in policies["data"]["keys"] if name.startswith("platform-")]


def test_the_deployer_reads_no_value_and_uses_no_key(place: Place) -> None:
    token = place.vault.token_of("deployer")
    for path in ("platform/prod/secrets/data/database", "sys/mounts", "platform/staging/secrets/metadata/a"):
        with pytest.raises(VaultError):
            token.read(path)
    with pytest.raises(VaultError):
        token.write_data("platform/prod/transit/encrypt/etcd", data={"plaintext": "aGlkZGVu"})
