"""An environment with two teams beside the running stacks: its own prefix, on prod's cluster and its own operator."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bootstrap.engine import Engine
from bootstrap.paths import REPOSITORY
from bootstrap.toolchain.folders import tools_dir
from bootstrap.verification.environment import EnvironmentView
from bootstrap.verification.vault import VaultView
from tests.local_stack import Running, eventually

EXTERNAL_SECRETS = "/apis/external-secrets.io/v1/namespaces/{}/externalsecrets"
VALUES = {"payments/api": "of-payments", "search/index": "of-search", "shared/ca": "of-all"}
"""What is in the containers."""

_TEAMS: Mapping[str, Any] = {
    "namespaces": [],
    "teams": {
        "payments": {
            "namespaces": ["payments"],
            "prefixes": ["payments/"],
            "refresh": {"externalSecrets": 3},
        },
        "search": {"namespaces": ["search"], "prefixes": ["search/"], "refresh": {"minimumInterval": "15m"}},
    },
    "sharedPrefixes": ["shared/"],
    "secrets": {name: {} for name in VALUES},
    "deletionProfile": "ephemeral",
    "store": {"conditions": [{"namespaces": ["secrets-bootstrap"]}]},
}
_PROGRAM = """
import pulumi
import pulumi_kubernetes as kubernetes
from pathlib import Path
from components import *
from components.config.teams import parsed
from components.foundation import create_foundation
from components.kubernetes.operator_rbac import NAMESPACE_RULES, policy_rules, role_ref

GIVEN = {given}
config = parse_config({{"prefix": "teams", "environments": {{"prod": GIVEN["environment"]}}}})
names, environment = config.names("prod"), config.environments["prod"]
{provider}
there = kubernetes.Provider("prod", kubeconfig=Path(GIVEN["kubeconfig"]).read_text())
cluster = ClusterRef(name="prod", issuer_url=GIVEN["issuer"], endpoint=GIVEN["issuer"], provider=there)
below = pulumi.ResourceOptions(providers=[manager])
foundation = create_foundation("teams", names, environment, below)
operator = foundation.identify("teams-operator", cluster, below)
made = {{}}
for scope in environment.scopes:
    made |= foundation.identify_team(f"teams-{{scope.name}}", scope, cluster, operator, below)
# What SecretsBootstrap does in a cluster that has no operator yet.
writers = []
for namespace in environment.team_namespaces:
    home = kubernetes.core.v1.Namespace(namespace, metadata={{"name": namespace}},
                                        opts=pulumi.ResourceOptions(provider=there))
    after = pulumi.ResourceOptions(provider=there, depends_on=[home])
    metadata = {{"name": "external-secrets-writer", "namespace": namespace}}
    kubernetes.rbac.v1.Role(f"{{namespace}}-role", metadata=metadata, rules=policy_rules(NAMESPACE_RULES), opts=after)
    writers.append(kubernetes.rbac.v1.RoleBinding(
        f"{{namespace}}-binding", metadata=metadata, role_ref=role_ref("Role", "external-secrets-writer"), opts=after,
        subjects=[{{"kind": "ServiceAccount", "name": "external-secrets", "namespace": "external-secrets"}}]))
stores = TeamStores("stores", TeamStoresArgs(
    teams=parsed(environment.teams), store=foundation.store, containers=environment.secret_names(),
    identities={{one: made[one] for one in environment.team_namespaces}},
    shared_prefixes=environment.shared_prefixes, shared_identity=made["external-secrets"], after=writers),
    pulumi.ResourceOptions(provider=there))
pulumi.export("estimate", stores.estimate.calls)
"""


@dataclass(frozen=True)
class Teams:
    """Two teams on a running stack. `preview`: what the engine said before anything was there."""

    view: EnvironmentView
    engine: Engine
    preview: str

    @property
    def api(self) -> httpx2.Client:
        return self.view.kubernetes

    def post(
        self, name: str, namespace: str, key: str, store: str = "SecretStore/team", **spec: Any
    ) -> httpx2.Response:
        """Create an ExternalSecret for one container."""
        kind, _, store_name = store.partition("/")
        reference: dict[str, Any] = {"key": key, **({"property": "value"} if self.in_vault else {})}
        body = {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": {"name": name},
            "spec": {
                "secretStoreRef": {"kind": kind, "name": store_name},
                "data": [{"secretKey": "value", "remoteRef": reference}],
                **spec,
            },
        }
        return self.api.post(EXTERNAL_SECRETS.format(namespace), json=body)

    @property
    def in_vault(self) -> bool:
        return self.view.references["backend"] == "vault"

    def key(self, name: str) -> str:
        """What a container is called in the manager."""
        return name if self.in_vault else f"teams/prod/{name}"

    def outcome(self, namespace: str, name: str, store: str = "SecretStore/team") -> str:
        """What comes of reading a container: its value, or what the operator said of the refusal."""
        object_name = name.replace("/", "-").replace(".", "-")
        created = self.post(object_name, namespace, self.key(name), store)
        created.raise_for_status()
        path = f"{EXTERNAL_SECRETS.format(namespace)}/{object_name}"
        try:

            @eventually(60)
            def decided() -> str:
                found = self.api.get(f"/api/v1/namespaces/{namespace}/secrets/{object_name}")
                if found.status_code == 200:
                    return self.view.secret_data(namespace, object_name)["value"].decode()
                uid = created.json()["metadata"]["uid"]
                events = self.view.get(f"/api/v1/namespaces/{namespace}/events")["items"]
                own = (one for one in events if one["involvedObject"].get("uid") == uid)
                said = [one["message"] for one in own if one["type"] == "Warning"]
                assert said, "neither a Secret nor a warning"
                return "refused: " + " ".join(said)

            return decided()
        finally:
            self.api.delete(path).raise_for_status()
            self._gone(f"/api/v1/namespaces/{namespace}/secrets/{object_name}")

    @eventually(30)
    def _gone(self, path: str) -> None:
        assert self.api.get(path).status_code == 404


@contextmanager
def teams_beside(
    running: Running, cluster: str, folder: Path, provider: str, environment: dict[str, Any]
) -> Iterator[Teams]:
    """The environment by the real engine, down with the block.

    provider: a line that makes the program's `manager`. environment: what the backend needs beside the teams.
    """
    view = running.views[cluster]
    given = {
        "environment": {**_TEAMS, **environment},
        "kubeconfig": str(view.references["kubeconfigPath"]),
        "issuer": view.references["issuerUrl"],
    }
    program = folder / "program"
    (program / "stacks").mkdir(parents=True)
    (program / "Pulumi.yaml").write_text("name: teams\nruntime: python\nstackConfigDir: stacks\n")
    (program / "stacks" / "Pulumi.test.yaml").write_text("config: {}\n")
    (program / "__main__.py").write_text(_PROGRAM.format(given=repr(json.loads(json.dumps(given))), provider=provider))
    engine = Engine(
        stack="test",
        directory=folder / "state",
        tools=tools_dir(),
        cloud_environment={**running.local.engine.cloud_environment, "PYTHONPATH": str(REPOSITORY)},
        program=program,
    )
    engine.prepare()
    preview = engine.operate("preview", capture=True)
    try:
        engine.up(capture=True)
        yield Teams(view, engine, preview)
    finally:
        engine.operate("destroy", "--yes", "--skip-preview", capture=True)


@pytest.fixture(scope="module")
def teams(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teams]:
    """On AWS. The deployer fills the containers."""
    deployer = "arn:aws:iam::123456789012:user/deployer"
    host = running.prod.references["issuerUrl"].removeprefix("https://")
    environment = {
        "region": "eu-west-1",
        "accountId": "123456789012",
        "administrators": [deployer],
        "deployers": [deployer],
        "writers": [deployer],
        "cluster": {"kind": "selfManaged", "name": "prod", "kmsPluginImage": "localhost/plugin:v0"},
        "identity": {
            "kind": "irsa",
            "serviceAccountRef": {"namespace": "external-secrets", "name": "teams-store"},
            "oidcProviderArn": f"arn:aws:iam::123456789012:oidc-provider/{host}",
        },
    }
    provider = 'import pulumi_aws; manager = pulumi_aws.Provider("aws", region="eu-west-1")'
    with teams_beside(running, "prod", tmp_path_factory.mktemp("teams"), provider, environment) as made:
        manager = running.aws("secretsmanager")
        for name, value in VALUES.items():
            manager.update_secret(SecretId=made.key(name), SecretString=value)
        yield made


@pytest.fixture(scope="module", params=["prod", "nonprod"], ids=["vaultKubernetes", "vaultJwt"])
def vault_teams(request: pytest.FixtureRequest, running_vault: Running) -> Teams:
    """On Vault, those of the stack itself, by both auth methods. The writer fills the containers."""
    view = running_vault.views[request.param]
    assert isinstance(view, VaultView)
    with view.vault.login_as_writer(view.references["writersPolicy"]) as writer:
        for name, value in VALUES.items():
            writer.post(f"/v1/{view.address_of(name)}", json={"data": {"value": value}}).raise_for_status()
    return Teams(view, running_vault.local.engine, running_vault.preview)
