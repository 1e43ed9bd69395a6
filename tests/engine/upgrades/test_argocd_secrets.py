"""A stack that was made by the library before `ArgoRepository.credential`, under the library of today.

`argocd_secrets.json` is that stack's state: PROGRAM with OLD_FORM was brought up with the library at commit 8622c48,
the last one with the old form alone, on a real API server, and exported. It holds no credential, so
nothing in it is encrypted. A preview needs no cluster.
"""

import json
from pathlib import Path

import pytest

from tests.own_program import OwnProgram, own_program

STATE = Path(__file__).parent / "argocd_secrets.json"
OLD_FORM = 'remote_key="platform/prod/argocd/platform", property="privateKey"'
NEW_FORM = f"credential=components.SshKey({OLD_FORM})"
PROGRAM = """
import components, pulumi
import pulumi_kubernetes as kubernetes

argocd = components.ArgoCdSecrets(
    "argocd",
    components.ArgoCdSecretsArgs(
        namespace="argocd",
        store_name="prod",
        repositories={
            "platform": components.ArgoRepository(url="git@git.example.com:platform/deploy.git", CREDENTIAL)
        },
        clusters={
            "in-cluster": components.ArgoCluster(),
            "workloads": components.ArgoCluster(
                server="https://workloads.example.com",
                config={"awsAuthConfig": {
                    "clusterName": "workloads", "roleARN": "arn:aws:iam::111122223333:role/argocd"}},
            ),
        },
    ),
    pulumi.ResourceOptions(provider=kubernetes.Provider("cluster", kubeconfig="kubeconfig")),
)
pulumi.export("repositorySecrets", argocd.repository_secrets)
"""
RESOURCES = 6  # the stack, the provider, the component, an ExternalSecret, two Secrets


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> OwnProgram:
    engine = own_program(tmp_path_factory.mktemp("upgraded"), "upgrade")
    engine.import_state(json.loads(STATE.read_text()))
    return engine


def preview(engine: OwnProgram, program: str) -> tuple[dict[str, int], str]:
    """How many resources would change, by operation, and what was said."""
    engine.write(program)
    done = json.loads(engine.operate("preview", "--json", capture=True))
    return done["changeSummary"], json.dumps(done.get("diagnostics", []))


def test_the_old_program_changes_nothing_and_is_told_the_new_form(upgraded: OwnProgram) -> None:
    changes, said = preview(upgraded, PROGRAM.replace("CREDENTIAL", OLD_FORM))
    assert changes == {"same": RESOURCES}
    assert "remote_key is deprecated" in said


def test_the_new_form_changes_nothing_either(upgraded: OwnProgram) -> None:
    changes, said = preview(upgraded, PROGRAM.replace("CREDENTIAL", NEW_FORM))
    assert changes == {"same": RESOURCES}
    assert "deprecated" not in said


def test_a_renamed_child_would_be_seen(upgraded: OwnProgram) -> None:
    renaming = (
        "from components.kubernetes.argocd import secrets\n"
        "kept = secrets._Labelled\n"
        "secrets._Labelled = lambda resource, *rest: kept(resource + '-renamed', *rest)\n"
    )
    changes, _ = preview(upgraded, renaming + PROGRAM.replace("CREDENTIAL", NEW_FORM))
    assert changes == {"create": 3, "delete": 3, "same": RESOURCES - 3}
