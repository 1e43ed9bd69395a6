"""Who gets in, who does not: each refusal stands beside the rightful call, and the program that refuses is the real
one or the guard in front of the emulated AWS."""

from collections.abc import Iterator
from typing import Any

import boto3
import httpx2
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from bootstrap.verification.aws import POD_IDENTITY_AUDIENCE, AwsView
from tests.local_stack import Running, eventually

OPERATOR = {"namespace": "external-secrets", "name": "external-secrets"}


def assume_with(view: AwsView, role: str, token: str) -> Any:
    sts: Any = boto3.client(
        "sts", region_name="eu-west-1", endpoint_url=view.aws_endpoint, config=Config(signature_version=UNSIGNED)
    )
    return sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="test", WebIdentityToken=token)


def refusal(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def test_only_the_operators_token_for_the_right_audience_becomes_the_role(running: Running) -> None:
    prod, nonprod = running.prod, running.nonprod
    role = prod.references["identityRoleArn"]
    assert assume_with(prod, role, prod.service_account_token("sts.amazonaws.com"))["Credentials"]

    wrong = {
        "another audience": prod.service_account_token("vault"),
        "another service account": prod.service_account_token("sts.amazonaws.com", namespace="apps", name="default"),
        "another cluster's operator": nonprod.service_account_token("sts.amazonaws.com"),
    }
    for what, token in wrong.items():
        with pytest.raises(ClientError) as error:
            assume_with(prod, role, token)
        assert refusal(error) in {"AccessDenied", "InvalidIdentityToken"}, what

    head, payload, signature = prod.service_account_token("sts.amazonaws.com").split(".")
    with pytest.raises(ClientError) as error:
        assume_with(prod, role, f"{head}.{payload}.{signature[::-1]}")
    assert refusal(error) == "InvalidIdentityToken"


def test_the_operators_pod_holds_what_its_own_account_may(running: Running) -> None:
    """Why teams need `identity.serviceAccountRef`: the stack `local` has none, so its operator's pod holds the role of
    the whole environment, and a SecretStore that names nobody takes what the pod holds (external-secrets,
    `constructCredsProvider`). That such a store reads is not seen here: the SDK's own way to STS leads to AWS.
    """
    held = {one.get("AWS_ROLE_ARN") for one in running.prod.operator_environments()}
    assert running.prod.references["identityRoleArn"] in held


def test_the_pod_identity_agent_knows_its_own_cluster_and_account_only(running: Running) -> None:
    nonprod, prod = running.nonprod, running.prod

    def ask(view: AwsView, cluster: str, **account: str) -> int:
        token = view.service_account_token(POD_IDENTITY_AUDIENCE, **account)
        url = f"{view.aws_endpoint}/_agent/{cluster}/v1/credentials"
        return httpx2.get(url, headers={"Authorization": token}).status_code

    assert ask(nonprod, "nonprod") == 200
    assert ask(nonprod, "nonprod", namespace="apps", name="default") >= 400
    assert ask(prod, "nonprod") >= 400
    assert ask(prod, "prod") >= 400  # prod has no association


@pytest.mark.parametrize(("mine", "other"), [("prod", "nonprod"), ("nonprod", "prod")])
def test_an_identity_does_what_it_must_and_nothing_else(running: Running, mine: str, other: str) -> None:
    view, stranger = running.views[mine], running.views[other]
    assert view.read_secret(view.canary_address)
    manager = view.client(view.identity_session, "secretsmanager")
    kms = view.client(view.identity_session, "kms")
    blob = b"x" * 200
    refused = {
        "read the other environment": lambda: manager.get_secret_value(SecretId=stranger.references["canarySecret"]),
        "write another container": lambda: manager.put_secret_value(
            SecretId=f"platform/{mine}/database", SecretString="x"
        ),
        "delete": lambda: manager.delete_secret(SecretId=view.references["canarySecret"]),
        "list": manager.list_secrets,
        "create": lambda: manager.create_secret(Name=f"platform/{mine}/new", SecretString="x"),
        "decrypt outside Secrets Manager": lambda: kms.decrypt(
            CiphertextBlob=blob, KeyId=view.references["secretsKeyArn"]
        ),
        "use the etcd key": lambda: kms.generate_data_key(KeyId=view.references["etcdKeyArn"], KeySpec="AES_256"),
        "assume the other role": lambda: view.client(view.identity_session, "sts").assume_role(
            RoleArn=stranger.references["identityRoleArn"], RoleSessionName="test"
        ),
    }
    for what, attempt in refused.items():
        with pytest.raises(ClientError) as error:
            attempt()
        assert "AccessDenied" in refusal(error), (what, refusal(error))


def test_a_key_administrator_cannot_use_the_key(running: Running) -> None:
    kms = running.aws("kms")
    for purpose in ("secrets", "etcd", "tenants"):
        key = running.prod.references[f"{purpose}KeyArn"]
        kms.describe_key(KeyId=key)
        with pytest.raises(ClientError) as error:
            kms.encrypt(KeyId=key, Plaintext=b"x")
        assert refusal(error) == "AccessDeniedException"


def external_secret(name: str, key: str) -> dict[str, Any]:
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": name},
        "spec": {
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": "prod"},
            "target": {"name": name},
            "data": [{"secretKey": "value", "remoteRef": {"key": key}}],
        },
    }


@pytest.fixture(scope="module")
def outside(running: Running) -> Iterator[str]:
    """A namespace that the store's conditions do not name, although the operator may write there."""
    api, name = running.prod.kubernetes, "outside"
    api.post("/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()
    for kind in ("roles", "rolebindings"):
        path = "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/" + kind
        granted = running.prod.get(f"{path.format('apps')}/external-secrets-writer")
        copy = {**granted, "metadata": {"name": "external-secrets-writer"}}
        api.post(path.format(name), json=copy).raise_for_status()
    yield name
    api.delete(f"/api/v1/namespaces/{name}").raise_for_status()


@pytest.mark.parametrize(
    ("name", "namespace", "key", "said"),
    [
        ("own", "apps", "platform/prod/canary", "secret created"),
        ("foreign", "apps", "platform/nonprod/canary", "AccessDeniedException"),  # the manager refuses
        ("alien", "outside", "platform/prod/canary", "not allowed from namespace"),  # the store's conditions refuse
    ],
)
def test_who_may_use_the_store(running: Running, outside: str, name: str, namespace: str, key: str, said: str) -> None:
    """The operator says in an event what it did or who refused it."""
    view = running.prod
    api, path = view.kubernetes, f"/apis/external-secrets.io/v1/namespaces/{namespace}/externalsecrets"
    api.post(path, json=external_secret(name, key)).raise_for_status()
    try:

        @eventually(60)
        def decided() -> None:
            events = view.get(f"/api/v1/namespaces/{namespace}/events")["items"]
            messages = [one["message"] for one in events if one["involvedObject"]["name"] == name]
            assert any(said in message for message in messages), messages

        decided()
        there = api.get(f"/api/v1/namespaces/{namespace}/secrets/{name}").status_code
        assert there == (200 if name == "own" else 404)
    finally:
        api.delete(f"{path}/{name}").raise_for_status()


@pytest.mark.parametrize(
    ("verb", "resource", "namespace", "allowed"),
    [
        ("create", "secrets", "apps", True),
        ("create", "secrets", "kube-system", False),
        ("update", "secrets", "default", False),
        ("create", "serviceaccounts/token:external-secrets", "external-secrets", True),
        ("create", "serviceaccounts/token:default", "apps", False),
        ("create", "serviceaccounts/token:default", "external-secrets", False),
        ("create", "pods", "external-secrets", False),
        ("update", "clusterroles", "", False),
    ],
)
def test_the_operators_rbac(running: Running, verb: str, resource: str, namespace: str, allowed: bool) -> None:
    """Asked from the API server, as the operator's own service account."""
    kind, _, name = resource.partition(":")
    kind, _, subresource = kind.partition("/")
    group = "rbac.authorization.k8s.io" if kind == "clusterroles" else ""
    attributes = {
        "verb": verb,
        "resource": kind,
        "subresource": subresource,
        "namespace": namespace,
        "name": name,
        "group": group,
    }
    body = {
        "spec": {
            "user": "system:serviceaccount:external-secrets:external-secrets",
            "groups": ["system:serviceaccounts", "system:serviceaccounts:external-secrets", "system:authenticated"],
            "resourceAttributes": attributes,
        }
    }
    answer = running.prod.kubernetes.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", json=body)
    assert answer.raise_for_status().json()["status"]["allowed"] is allowed


def test_nonprod_mints_no_operator_tokens(running: Running) -> None:
    """Pod Identity needs none, so the permission is not there."""
    body = {
        "spec": {
            "user": "system:serviceaccount:external-secrets:external-secrets",
            "resourceAttributes": {
                "verb": "create",
                "resource": "serviceaccounts",
                "subresource": "token",
                "namespace": "external-secrets",
                "name": "external-secrets",
            },
        }
    }
    answer = running.nonprod.kubernetes.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", json=body)
    assert answer.raise_for_status().json()["status"]["allowed"] is False


def test_every_secret_in_etcd_is_encrypted_under_its_own_environments_key(running: Running) -> None:
    for view in running.views.values():
        for item in view.get("/api/v1/secrets")["items"]:
            raw = view.raw_etcd_value(item["metadata"]["namespace"], item["metadata"]["name"])
            assert raw.startswith(b"k8s:enc:kms:v2:aws-kms-1:")
            assert view.references["etcdKeyArn"].encode() in raw
