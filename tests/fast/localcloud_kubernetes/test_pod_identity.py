"""The webhook: who gets variables and tokens, and what a pod's own settings are worth."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from bootstrap.localcloud.kubernetes.node.pod_identity import PodIdentityWebhook

AGENT = "http://127.0.0.1:15299/_agent/prod/v1/credentials"
ROLE = "arn:aws:iam::123456789012:role/reader"


def review(pod: dict[str, Any], *, associated: bool = True, annotations: Mapping[str, str] | None = None) -> Any:
    asked: list[tuple[str, str]] = []

    def has_association(namespace: str, account: str) -> bool:
        asked.append((namespace, account))
        return associated

    webhook = PodIdentityWebhook(
        agent_url=AGENT,
        region="eu-west-1",
        has_association=has_association,
        annotations=lambda _namespace, _account: annotations or {},
    )
    response = webhook.review({"uid": "1", "namespace": "external-secrets", "object": pod})
    assert (response["uid"], response["allowed"]) == ("1", True)
    assert asked == [("external-secrets", pod["spec"].get("serviceAccountName", "default"))]
    return patched(pod, response)


def patched(pod: dict[str, Any], response: dict[str, Any]) -> Any:
    """The pod after the JSON patch; `add` of whole lists is all that the webhook uses."""
    pod = json.loads(json.dumps(pod))
    for operation in json.loads(base64.b64decode(response.get("patch", "W10="))):
        assert operation["op"] == "add"
        *parents, last = operation["path"].strip("/").split("/")
        target: Any = pod
        for part in parents:
            target = target[int(part) if part.isdigit() else part]
        target[last] = operation["value"]
    return pod


def pod(**container: Any) -> dict[str, Any]:
    return {"spec": {"serviceAccountName": "operator", "containers": [{"name": "main", **container}]}}


def test_an_association_gives_the_agents_address_and_a_token_for_it() -> None:
    spec = review(pod(env=[{"name": "A", "value": "1"}], volumeMounts=[{"name": "v", "mountPath": "/v"}]))["spec"]
    variables = {one["name"]: one["value"] for one in spec["containers"][0]["env"]}
    folder = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount"
    assert variables == {
        "A": "1",
        "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": AGENT,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": f"{folder}/eks-pod-identity-token",
    }
    assert [mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]] == ["/v", folder]
    [volume] = spec["volumes"]
    assert volume["projected"]["sources"][0]["serviceAccountToken"]["audience"] == "pods.eks.amazonaws.com"


def test_without_association_and_annotation_a_pod_is_left_alone() -> None:
    assert review(pod(), associated=False) == pod()


def test_an_annotation_gives_irsa() -> None:
    spec = review(pod(), associated=False, annotations={"eks.amazonaws.com/role-arn": ROLE})["spec"]
    variables = {one["name"]: one["value"] for one in spec["containers"][0]["env"]}
    assert variables["AWS_ROLE_ARN"] == ROLE
    assert variables["AWS_WEB_IDENTITY_TOKEN_FILE"].startswith(spec["containers"][0]["volumeMounts"][0]["mountPath"])
    assert "AWS_CONTAINER_CREDENTIALS_FULL_URI" not in variables
    assert spec["volumes"][0]["projected"]["sources"][0]["serviceAccountToken"]["audience"] == "sts.amazonaws.com"


def test_an_association_goes_before_an_annotation() -> None:
    spec = review(pod(), annotations={"eks.amazonaws.com/role-arn": ROLE})["spec"]
    assert "AWS_ROLE_ARN" not in {one["name"] for one in spec["containers"][0]["env"]}


def test_what_the_pod_sets_itself_stays() -> None:
    own = [{"name": "AWS_REGION", "value": "eu-north-1"}]
    variables = review(pod(env=own))["spec"]["containers"][0]["env"]
    assert [one["value"] for one in variables if one["name"] == "AWS_REGION"] == ["eu-north-1"]
    decided = pod(env=[{"name": "AWS_CONTAINER_CREDENTIALS_FULL_URI", "value": "http://other"}])
    assert review(decided) == decided


def test_a_failure_to_ask_is_a_failure() -> None:
    def has_association(_namespace: str, _account: str) -> bool:
        raise ConnectionError

    webhook = PodIdentityWebhook(
        agent_url=AGENT, region="r", has_association=has_association, annotations=lambda _n, _a: {}
    )
    with pytest.raises(ConnectionError):
        webhook.review({"uid": "1", "namespace": "n", "object": pod()})
