"""What an Argo CD elsewhere may do in a cluster: each refusal beside what it may."""

from typing import Any

from tests.cluster.argocd.conftest import Program

SPOKE = """
ArgoCdSpoke(
    "spoke", ArgoCdSpokeArgs(subject_kind="Group", subject_name="argocd-hub", namespaces=["apps"]), hub
)
"""
AS_ARGO_CD = {"Impersonate-User": "hub", "Impersonate-Group": "argocd-hub"}
EXTERNAL_SECRETS = "/apis/external-secrets.io/v1/namespaces/{}/externalsecrets"


def test_argo_cd_deploys_to_its_namespaces_and_sees_no_secret(beside: Program) -> None:
    api = beside.view.kubernetes

    def ask(method: str, path: str, body: Any = None) -> int:
        return api.request(method, f"{path}?dryRun=All" if body else path, json=body, headers=AS_ARGO_CD).status_code

    named = {"metadata": {"name": "x"}}
    external = {
        **named,
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "spec": {"secretStoreRef": {"name": "prod"}, "dataFrom": [{"extract": {"key": "x"}}]},
    }
    assert ask("POST", "/api/v1/namespaces/apps/configmaps", named) == 403, "before anything is granted"
    beside.up(SPOKE)
    allowed = {
        ("POST", "/api/v1/namespaces/apps/configmaps"): named,
        ("POST", EXTERNAL_SECRETS.format("apps")): external,
        ("GET", "/apis/apps/v1/namespaces/apps/deployments"): None,
    }
    refused = {
        ("GET", "/api/v1/namespaces/apps/secrets"): None,
        ("POST", "/api/v1/namespaces/apps/secrets"): named,
        ("POST", "/api/v1/namespaces/kube-system/configmaps"): named,
        ("POST", EXTERNAL_SECRETS.format("argocd")): external,
        ("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/apps/roles"): {**named, "rules": []},
        ("POST", "/api/v1/namespaces"): named,
        ("GET", "/api/v1/secrets"): None,
    }
    assert {key: ask(*key, body) for key, body in allowed.items()} == {
        key: 201 if key[0] == "POST" else 200 for key in allowed
    }
    assert {key: ask(*key, body) for key, body in refused.items()} == dict.fromkeys(refused, 403)
