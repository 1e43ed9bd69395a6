"""Argo CD's own code reads what was made for it: every kind of repository, template and cluster, field by field."""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from bootstrap.verification.environment import EnvironmentView
from tests.cluster.argocd.conftest import Program, argocd_sees
from tests.local_stack import Running

KEY = "platform/prod/argocd/platform"
TOKEN = "platform/prod/canary"
EVERYTHING = f"""
key = SshKey(remote_key={KEY!r})
token = HttpsToken(username="reader", remote_key={TOKEN!r})
app = GitHubApp(app_id=11, installation_id=22, remote_key={KEY!r}, enterprise_url="https://ghe.test/api/v3")
ArgoCdSecrets(
    "argocd",
    ArgoCdSecretsArgs(
        namespace="argocd",
        store_name="prod",
        repositories={{
            "scoped": ArgoRepository(url="ssh://git@git.test/team/one.git", credential=key, project="team"),
            "token": ArgoRepository(url="https://git.test/team/two.git", credential=token),
            "app": ArgoRepository(url="https://ghe.test/team/three.git", credential=app),
            "azure": ArgoRepository(url="https://dev.azure.test/o/p/_git/r", credential=AzureReposIdentity()),
            "inheriting": ArgoRepository(url="https://git.test/many/four.git"),
        }},
        templates={{
            "many": ArgoCredentialTemplate(url="https://git.test/many/", credential=token),
            "many-ssh": ArgoCredentialTemplate(url="git@git.test:many/", credential=key),
        }},
        clusters={{
            "eks": ArgoCluster(
                server="https://eks.test",
                config=argocd_eks_config(
                    cluster_name="spoke", role_arn="arn:aws:iam::123456789012:role/spoke", ca_data="Q0E="
                ),
            ),
            "gke": ArgoCluster(server="https://gke.test", config=argocd_gke_config(ca_data="Q0E="), project="team"),
            "aks": ArgoCluster(
                server="https://aks.test",
                config=argocd_aks_config(client_id="c", tenant_id="t", ca_data="Q0E="),
                namespaces=["a", "b"],
                cluster_resources=True,
            ),
        }},
    ),
    hub,
)
"""
HELPER = ["client.authentication.k8s.io/v1beta1", "argocd-k8s-auth"]


def fingerprint(public_key: str) -> str:
    digest = hashlib.sha256(base64.b64decode(public_key.split()[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def digest(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()


def by(field: str, found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one[field]: one for one in found}


def test_argo_cd_takes_every_kind(beside: Program) -> None:
    beside.up(EVERYTHING)
    view = beside.view
    asked = {
        "https://git.test/many/five.git": "https",
        "git@git.test:many/six.git": "ssh",
        # What only begins alike gets no credential.
        "https://git.test/many-others/x.git": "none",
        "https://git.test.evil.test/many/x.git": "none",
        "git@git.test:many-others/x.git": "none",
    }
    seen = argocd_sees(view, *asked)

    deploy_key = fingerprint(view.references["deployPublicKey"])
    token = digest(view.secret_data("secrets-bootstrap", "canary")["value"])
    private = view.secret_data("argocd", "repository-platform")["sshPrivateKey"]
    repositories = by("URL", seen["Repositories"])
    assert not any(one["Error"] for one in repositories.values())
    expected: dict[str, dict[str, Any]] = {
        "ssh://git@git.test/team/one.git": {"Credential": "ssh", "Fingerprint": deploy_key, "Project": "team"},
        "https://git.test/team/two.git": {"Credential": "https", "Fingerprint": token, "Username": "reader"},
        "https://ghe.test/team/three.git": {
            "Credential": "githubApp",
            "Fingerprint": digest(private),
            "AppID": 11,
            "InstallationID": 22,
            "EnterpriseURL": "https://ghe.test/api/v3",
        },
        "https://dev.azure.test/o/p/_git/r": {"Credential": "azureWorkloadIdentity"},
        "https://git.test/many/four.git": {"Credential": "https", "Fingerprint": token, "Inherited": True},
    }
    for url, fields in expected.items():
        assert {field: repositories[url][field] for field in fields} == fields, url
    assert sorted(seen["Templates"]) == ["git@git.test:many/", "https://git.test/many/"]
    assert {url: one["Credential"] for url, one in by("URL", seen["Asked"]).items()} == asked

    clusters = by("Name", seen["Clusters"])
    assert clusters["eks"]["Command"] == [
        *HELPER,
        *("aws", "--cluster-name", "spoke", "--role-arn", "arn:aws:iam::123456789012:role/spoke"),
    ]
    assert (clusters["gke"]["Command"], clusters["gke"]["Project"]) == ([*HELPER, "gcp"], "team")
    assert clusters["aks"]["Command"] == [*HELPER, "azure"]
    assert clusters["aks"]["Environment"]["AAD_LOGIN_METHOD"] == "workloadidentity"
    assert (clusters["aks"]["Namespaces"], clusters["aks"]["ClusterResources"]) == (["a", "b"], True)
    for name in ("eks", "gke", "aks"):
        one = clusters[name]
        assert (one["Authority"], one["Insecure"], one["HasStoredSecret"], one["Error"]) == ("CA", False, False, "")
    assert clusters["prod"]["Server"] == "https://kubernetes.default.svc"


def test_a_repository_of_one_project_is_another_projects_stranger(beside: Program) -> None:
    beside.up(EVERYTHING)
    url = "ssh://git@git.test/team/one.git"
    for project, credential in (("team", "ssh"), ("others", "none"), ("", "none")):
        (asked,) = argocd_sees(beside.view, url, project=project)["Asked"]
        assert asked["Credential"] == credential, project


@pytest.mark.parametrize("environment", ["prod", "nonprod"])
def test_argo_cd_takes_the_stacks_own_key(running: Running, environment: str) -> None:
    view = running.views[environment]
    repository = by("URL", argocd_sees(view)["Repositories"])["git@git.example.com:platform/deploy.git"]
    assert repository["Fingerprint"] == fingerprint(view.references["deployPublicKey"])


def test_a_generated_private_key_is_in_no_state_not_even_encrypted(running: Running) -> None:
    state = running.local.engine.run("stack", "export", "--show-secrets")
    # The first line says only that it is a key, and is the same in all of them.
    stated, generated = (_private_half(running.views[name]).decode().splitlines()[2:-1] for name in ("prod", "nonprod"))
    assert all(line in state for line in stated), "Pulumi's own key is there, or this proves nothing"
    assert not any(line in state for line in generated)
    assert running.nonprod.references["deployPublicKey"] in state


def test_both_halves_of_a_generated_key_are_in_the_manager(running: Running) -> None:
    view = running.nonprod
    manager = view.client(view.identity_session, "secretsmanager")  # pyright: ignore[reportAttributeAccessIssue]
    kept = json.loads(manager.get_secret_value(SecretId="platform/nonprod/argocd/platform")["SecretString"])
    assert kept.keys() == {"privateKey", "publicKey"}
    private = serialization.load_ssh_private_key(kept["privateKey"].encode(), password=None)
    public = private.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    assert kept["publicKey"].split()[:2] == public.decode().split()


def _private_half(view: EnvironmentView) -> bytes:
    return view.secret_data("argocd", "repository-platform")["sshPrivateKey"]
