"""Argo CD's secrets, field by field. That Argo CD itself reads them so is in tests/cluster/argocd."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components import (
    ArgoCdSecrets,
    ArgoCdSecretsArgs,
    ArgoCdSpoke,
    ArgoCdSpokeArgs,
    ArgoCluster,
    ArgoCredentialTemplate,
    ArgoRepository,
    AzureReposIdentity,
    CanaryRef,
    ConfigError,
    GeneratedDeployKey,
    GeneratedDeployKeyArgs,
    GitHubApp,
    HttpsToken,
    SecretsBootstrap,
    SecretsBootstrapArgs,
    SecretsManagerReference,
    SshKey,
    argocd_aks_config,
    argocd_eks_config,
    argocd_gke_config,
)
from components.kubernetes.argocd.spoke import DEPLOYABLE
from tests.fast.components.backends import SAMPLES
from tests.fast.components.mock_engine import SECRET, Recording, run
from tests.fast.components.samples import create_cluster

URL = "https://git.example.com/team/app.git"
SSH = SshKey(remote_key="a")
TOKEN = HttpsToken(username="reader", remote_key="b", property="token")
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:platform/prod/git-AbCdEf"
CLUSTER_ARN = "arn:aws:eks:eu-west-1:123456789012:cluster/spoke"
SECRET_TOKEN = "kubernetes:core/v1:Secret"


def secrets(**given: Any) -> Recording:
    arguments = ArgoCdSecretsArgs(namespace="argocd", store_name="prod", **given)
    return run(lambda: ArgoCdSecrets("it", arguments))


def plain_data(recording: Recording, name: str) -> dict[str, str]:
    data = recording.named(name, SECRET_TOKEN).inputs["stringData"]
    return data.get(SECRET, data)


def test_a_token_is_read_from_the_manager_and_everything_else_stands_in_the_template() -> None:
    one = secrets(repositories={"app": ArgoRepository(url=URL, credential=TOKEN, project="team")})
    spec = one.named("it-repository-app").inputs["spec"]
    assert spec["target"]["template"]["data"] == {
        "type": "git",
        "url": URL,
        "project": "team",
        "username": "reader",
        "password": "{{ .password }}",
    }
    assert spec["data"] == [{"secretKey": "password", "remoteRef": {"key": "b", "property": "token"}}]


def test_a_github_app_of_an_enterprise_server() -> None:
    app = GitHubApp(app_id=1, installation_id=2, remote_key="k", enterprise_url="https://ghe.example.com/api/v3")
    template = ArgoCredentialTemplate(url="https://ghe.example.com/team/", credential=app)
    spec = secrets(templates={"team": template}).named("it-repo-creds-team").inputs["spec"]
    assert spec["target"]["name"] == "repo-creds-team"
    assert spec["target"]["template"] == {
        "metadata": {"labels": {"argocd.argoproj.io/secret-type": "repo-creds"}},
        "data": {
            "type": "git",
            "url": "https://ghe.example.com/team/",
            "githubAppID": "1",
            "githubAppInstallationID": "2",
            "githubAppEnterpriseBaseUrl": "https://ghe.example.com/api/v3",
            "githubAppPrivateKey": "{{ .githubAppPrivateKey }}",
        },
    }


@pytest.mark.parametrize(
    ("credential", "url", "fields"),
    [
        (None, URL, {}),
        (AzureReposIdentity(), URL, {"useAzureWorkloadIdentity": "true"}),
        (SecretsManagerReference(secret_arn=ARN), "git@git.example.com:a/b.git", {"secretArn": ARN}),
        (SecretsManagerReference(secret_arn=ARN), URL, {"secretArn": ARN}),
    ],
)
def test_what_holds_no_credential_needs_no_operator(credential: Any, url: str, fields: dict[str, str]) -> None:
    recording = secrets(repositories={"app": ArgoRepository(url=url, credential=credential)})
    assert plain_data(recording, "it-repository-app") == {"type": "git", "url": url, **fields}
    assert not any("external-secrets" in one.token for one in recording.resources.values())


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            argocd_eks_config(cluster_name="spoke", role_arn="arn:aws:iam::123456789012:role/spoke", ca_data="Q0E="),
            {"awsAuthConfig": {"clusterName": "spoke", "roleARN": "arn:aws:iam::123456789012:role/spoke"}},
        ),
        (
            argocd_gke_config(ca_data="Q0E="),
            {
                "execProviderConfig": {
                    "command": "argocd-k8s-auth",
                    "args": ["gcp"],
                    "apiVersion": "client.authentication.k8s.io/v1beta1",
                }
            },
        ),
        (
            argocd_aks_config(client_id="c", tenant_id="t", ca_data="Q0E="),
            {
                "execProviderConfig": {
                    "command": "argocd-k8s-auth",
                    "args": ["azure"],
                    "apiVersion": "client.authentication.k8s.io/v1beta1",
                    "env": {
                        "AAD_ENVIRONMENT_NAME": "AzurePublicCloud",
                        "AAD_LOGIN_METHOD": "workloadidentity",
                        "AZURE_CLIENT_ID": "c",
                        "AZURE_TENANT_ID": "t",
                    },
                }
            },
        ),
    ],
)
def test_clusters_are_reached_without_a_stored_credential(config: Any, expected: Any) -> None:
    spoke = ArgoCluster(server="https://spoke.example.com", config=config, project="team", namespaces=["a", "b"])
    data = plain_data(secrets(clusters={"spoke": spoke}), "it-cluster-spoke")
    assert json.loads(data.pop("config")) == {**expected, "tlsClientConfig": {"insecure": False, "caData": "Q0E="}}
    assert data == {
        "name": "spoke",
        "server": "https://spoke.example.com",
        "project": "team",
        "namespaces": "a,b",
        "clusterResources": "false",
    }


def test_the_managed_argo_cd_is_told_the_clusters_arn() -> None:
    recording = secrets(clusters={"spoke": ArgoCluster(server=CLUSTER_ARN, project="default")})
    assert plain_data(recording, "it-cluster-spoke") == {"name": "spoke", "server": CLUSTER_ARN, "project": "default"}


def test_a_seed_is_there_before_the_operator_and_is_never_taken_away() -> None:
    seeded = ArgoRepository(url="git@git.example.com:a/b.git", credential=SSH, seed="x-leak")
    recording = secrets(repositories={"app": seeded})
    seed = recording.named("it-repository-app-seed")
    assert seed.retained
    assert {"data", "stringData", "metadata"} <= set(seed.ignored)
    assert recording.needs(recording.named("it-repository-app"), seed)
    assert SECRET in seed.inputs["stringData"], "the value must be a secret to the engine"
    external = recording.named("it-repository-app").inputs
    assert seed.inputs["metadata"]["name"] == external["spec"]["target"]["name"]
    assert external["spec"]["target"]["creationPolicy"] == "Orphan"
    assert "x-leak" not in str(external)


def rule(**changes: Any) -> dict[str, Any]:
    return {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"], **changes}


def spoke(**changes: Any) -> ArgoCdSpokeArgs:
    values = {"subject_kind": "Group", "subject_name": "argocd", "namespaces": ["apps"], **changes}
    return ArgoCdSpokeArgs(**values)


def key(**changes: Any) -> GeneratedDeployKeyArgs:
    values = {"key_name": "a", "namespace": "argocd", "store_name": "prod", "container": CanaryRef(remote_key="a")}
    return GeneratedDeployKeyArgs(**{**values, **changes})


def args(**given: Any) -> ArgoCdSecretsArgs:
    return ArgoCdSecretsArgs(namespace="argocd", store_name="prod", **given)


SAME = [ArgoRepository(url="git@git.example.com:a/b.git"), ArgoRepository(url="ssh://git@git.example.com/A/b")]
STORED: list[tuple[type, dict[str, Any]]] = [
    (SshKey, {}),
    (HttpsToken, {"username": "reader"}),
    (GitHubApp, {"app_id": 1, "installation_id": 1}),
]
NO_NAME = "a key's first line\nx-leak"
NO_ADDRESSES = ["https://reader:x-leak@git.example.com/a.git", "http://git.example.com/x-leak", "*", ""]
IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("HttpsToken.username", lambda: HttpsToken(username="{{ x-leak }}", remote_key="a")),
    ("GitHubApp.app_id", lambda: GitHubApp(app_id=0, installation_id=1, remote_key="a")),
    ("GitHubApp.installation_id", lambda: GitHubApp(app_id=1, installation_id=-1, remote_key="a")),
    (
        "GitHubApp.enterprise_url",
        lambda: GitHubApp(app_id=1, installation_id=1, remote_key="a", enterprise_url="http://x-leak"),
    ),
    ("SecretsManagerReference.secret_arn", lambda: SecretsManagerReference(secret_arn="x-leak")),
    *(
        (f"{kind.__name__}.remote_key", lambda kind=kind, more=more: kind(remote_key=NO_NAME, **more))
        for kind, more in STORED
    ),
    ("SshKey.remote_key", lambda: SshKey(remote_key="")),
    *(("ArgoRepository.url", lambda url=url: ArgoRepository(url=url)) for url in NO_ADDRESSES),
    ("ArgoRepository.url", lambda: ArgoRepository(url=URL, credential=SSH)),
    ("ArgoRepository.url", lambda: ArgoRepository(url="git@git.example.com:x-leak", credential=TOKEN)),
    ("ArgoRepository.url", lambda: ArgoRepository(url="https://x-leak@git.example.com/a", credential=TOKEN)),
    ("ArgoRepository.project", lambda: ArgoRepository(url=URL, project="x leak")),
    ("ArgoRepository.url", lambda: ArgoRepository(url=URL, remote_key="x-leak")),
    (
        "ArgoRepository.remote_key",
        lambda: ArgoRepository(url="git@git.example.com:a/b.git", credential=SSH, remote_key="x-leak"),
    ),
    ("ArgoRepository.property", lambda: ArgoRepository(url="git@git.example.com:a/b.git", property="x-leak")),
    ("ArgoRepository.seed", lambda: ArgoRepository(url=URL, seed="x-leak")),
    ("ArgoRepository.seed", lambda: ArgoRepository(url=URL, credential=AzureReposIdentity(), seed="x-leak")),
    ("ArgoCredentialTemplate.url", lambda: ArgoCredentialTemplate(url="https://git.example.com", credential=TOKEN)),
    ("ArgoCredentialTemplate.url", lambda: ArgoCredentialTemplate(url="git@git.example.com:team", credential=SSH)),
    ("ArgoCdSecretsArgs.repositories.1", lambda: args(repositories={str(i): one for i, one in enumerate(SAME)})),
    (
        "ArgoCdSecretsArgs.templates.b",
        lambda: args(
            templates={
                one: ArgoCredentialTemplate(url="https://git.example.com/a/", credential=TOKEN) for one in ("a", "b")
            }
        ),
    ),
    ("ArgoCdSecretsArgs.clusters.b", lambda: args(clusters={"a": ArgoCluster(), "b": ArgoCluster()})),
    (
        "ArgoCdSecretsArgs.clusters.b",
        lambda: args(
            clusters={one: ArgoCluster(server=f"https://a.example.com{end}") for one, end in (("a", ""), ("b", "/"))}
        ),
    ),
    (
        "ArgoCdSecretsArgs.repositories.a-seed",
        lambda: args(
            repositories={
                "a": ArgoRepository(url="git@git.example.com:a/b.git", credential=SSH, seed="x-leak"),
                "a-seed": ArgoRepository(url=URL),
            }
        ),
    ),
    ("ArgoCluster.project", lambda: ArgoCluster(server=CLUSTER_ARN)),
    ("ArgoCluster.config", lambda: ArgoCluster(server=CLUSTER_ARN, config={}, project="default")),
    ("ArgoCluster.config", lambda: ArgoCluster(config={"tlsClientConfig": {"insecure": True}})),
    ("ArgoCluster.config", lambda: ArgoCluster(config={"execProviderConfig": {"args": ["--token=x-leak"]}})),
    ("ArgoCluster.project", lambda: ArgoCluster(project="x leak")),
    ("ArgoCluster.namespaces.0", lambda: ArgoCluster(namespaces=["x leak"])),
    ("ArgoCluster.cluster_resources", lambda: ArgoCluster(cluster_resources=True)),
    ("ArgoCdSpokeArgs.subject_kind", lambda: spoke(subject_kind="x-leak")),
    ("ArgoCdSpokeArgs.subject_name", lambda: spoke(subject_name="system:masters")),
    ("ArgoCdSpokeArgs.subject_name", lambda: spoke(subject_name="")),
    ("ArgoCdSpokeArgs.subject_name", lambda: spoke(subject_name="x leak")),
    ("ArgoCdSpokeArgs.rules", lambda: spoke(rules=[])),
    ("ArgoCdSpokeArgs.rules.0", lambda: spoke(rules=[rule(verbs=[])])),
    ("ArgoCdSpokeArgs.rules.0", lambda: spoke(rules=[rule(apiGroup=["apps"])])),
    ("ArgoCdSpokeArgs.rules.0", lambda: spoke(rules=[rule(nonResourceURLs=["/x-leak"])])),
    ("ArgoCdSpokeArgs.namespaces", lambda: spoke(namespaces=[])),
    ("ArgoCdSpokeArgs.namespaces.0", lambda: spoke(namespaces=["x leak"])),
    ("ArgoCdSpokeArgs.rules.0", lambda: spoke(rules=[rule(verbs=["*"])])),
    ("ArgoCdSpokeArgs.rules.0", lambda: spoke(rules=[rule(resources=["deployments/*"])])),
    ("ArgoCdSpokeArgs.rules.0.verbs", lambda: spoke(rules=[rule(verbs=["escalate"])])),
    ("GeneratedDeployKeyArgs.key_name", lambda: key(key_name="a" * 41)),
    ("GeneratedDeployKeyArgs.namespace", lambda: key(namespace="x leak")),
    ("GeneratedDeployKeyArgs.store_name", lambda: key(store_name="x leak")),
    ("GeneratedDeployKeyArgs.timeout_seconds", lambda: key(timeout_seconds=1)),
]


@pytest.mark.parametrize(("field", "make"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, make: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as caught:
        make()
    assert caught.value.field == field
    assert caught.value.mend
    assert "x-leak" not in str(caught.value)


def test_the_old_form_of_a_repository_is_the_new_one_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    url = "git@git.example.com:a/b.git"
    new = ArgoRepository(url=url, credential=SshKey(remote_key="a", property="key"))
    made: list[ArgoRepository] = []
    run(lambda: made.append(ArgoRepository(url=url, remote_key="a", property="key")))
    assert [record.levelname for record in caplog.records if "credential=SshKey(" in record.message] == ["WARNING"]
    assert made == [new]
    assert dataclasses.replace(made[0], credential=TOKEN, url=URL) == ArgoRepository(url=URL, credential=TOKEN)


def test_one_address_for_two_projects_is_no_mistake() -> None:
    two = {one: ArgoRepository(url=URL, credential=TOKEN, project=one) for one in ("a", "b")}
    assert len(secrets(repositories=two).of("kubernetes:external-secrets.io/v1:ExternalSecret")) == 2


def test_a_spoke_lets_argo_cd_deploy_no_secret_and_nothing_that_no_namespace_holds() -> None:
    assert not any("secrets" in rule["resources"] or "*" in str(rule) for rule in DEPLOYABLE)
    recording = run(lambda: ArgoCdSpoke("it", spoke()))
    tokens = {one.token.rpartition(":")[2] for one in recording.resources.values()}
    assert tokens == {"ArgoCdSpoke", "Role", "RoleBinding"}
    binding = recording.named("it-apps-binding").inputs
    assert binding["subjects"] == [{"kind": "Group", "name": "argocd", "apiGroup": "rbac.authorization.k8s.io"}]


def test_of_a_generated_key_pulumi_sees_the_public_half_only() -> None:
    found: list[str] = []

    def program() -> None:
        made = GeneratedDeployKey("it", key())
        assert made.credential == SshKey(remote_key="a", property="privateKey")
        made.public_key.apply(found.append)

    recording = run(program)
    assert found == ["ssh-ed25519 AAAA mock"]
    assert recording.reads == [(SECRET_TOKEN, "argocd/deploy-key-a-public")]
    push = recording.named("it-push").inputs["spec"]
    assert push["data"] == [{"match": {"remoteRef": {"remoteKey": "a"}}}], "both halves go in one write"
    assert (push["updatePolicy"], push["deletionPolicy"]) == ("IfNotExists", "None")
    (read,) = recording.named("it-external-secret").inputs["spec"]["data"]
    assert read == {"secretKey": "publicKey", "remoteRef": {"key": "a", "property": "publicKey"}}
    outputs = recording.named("it", "secrets-bootstrap:index:GeneratedDeployKey").outputs
    assert outputs == {"publicKey": "ssh-ed25519 AAAA mock"}


def test_a_preview_asks_for_no_key_that_is_not_there() -> None:
    recording = run(lambda: pulumi.export("key", GeneratedDeployKey("it", key()).public_key), preview=True)
    assert recording.reads == []


@pytest.mark.parametrize("backend", SAMPLES)
def test_every_backend_lets_the_operator_fill_the_key_and_makes_none_itself(backend: str) -> None:
    sample = SAMPLES[backend]
    argocd = sample.environment()["argocd"]
    argocd = {**argocd, "repository": {**argocd["repository"], "deployKey": "generated"}}
    names, environment = sample.parse(argocd=argocd)

    def program() -> None:
        SecretsBootstrap(
            "prod", SecretsBootstrapArgs(names=names, environment=environment, create_cluster=create_cluster())
        )

    recording = run(program)
    assert (recording.named("prod").outputs or {})["deployPublicKey"] == "ssh-ed25519 AAAA mock"
    assert recording.of("tls:index/privateKey:PrivateKey") == []
    push = recording.named("prod-bootstrap-deploy-key-platform-push")
    remote = push.inputs["spec"]["data"][0]["match"]["remoteRef"]
    repository = recording.named("prod-bootstrap-argocd-repository-platform")
    assert repository.inputs["spec"]["data"][0]["remoteRef"] == {"key": remote["remoteKey"], "property": "privateKey"}
    assert recording.needs(repository, push)
    assert recording.needs(push, recording.named("prod-bootstrap-first-sync-external-secret"))
