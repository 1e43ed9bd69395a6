"""One environment of a running stack, seen from outside: its references, its cluster, and what its identity can get."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx2

from bootstrap.kubernetes_api import connect

if TYPE_CHECKING:
    import boto3

IRSA_AUDIENCE = "sts.amazonaws.com"
POD_IDENTITY_AUDIENCE = "pods.eks.amazonaws.com"
_TIMEOUT_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class EnvironmentView:
    """`references`: the stack's output for this environment. `raw_etcd_value(namespace, secret)`: from etcd itself."""

    name: str
    references: Mapping[str, Any]
    aws_endpoint: str
    deployer: "boto3.Session"
    raw_etcd_value: Callable[[str, str], bytes]
    operator_environments: Callable[[], list[dict[str, str]]]

    @cached_property
    def kubernetes(self) -> httpx2.Client:
        """The cluster's API, as the kubeconfig's user."""
        return connect(self.references["kubeconfigPath"])

    def custom_resource(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any]:
        """An object of the External Secrets API as the API server holds it."""
        path = f"/apis/external-secrets.io/v1/{'' if namespace is None else f'namespaces/{namespace}/'}{kind}/{name}"
        return self.get(path)

    def get(self, path: str) -> dict[str, Any]:
        return dict(self.kubernetes.get(path).raise_for_status().json())

    def secret_data(self, namespace: str, name: str) -> dict[str, bytes]:
        data = self.get(f"/api/v1/namespaces/{namespace}/secrets/{name}").get("data") or {}
        return {key: base64.b64decode(value) for key, value in data.items()}

    def service_account_token(self, audience: str, *, namespace: str = "", name: str = "") -> str:
        """A short-lived token of a service account (by default the operator's), minted by this cluster."""
        account = self.references["serviceAccount"]
        namespace, name = namespace or account["namespace"], name or account["name"]
        body = {"spec": {"audiences": [audience], "expirationSeconds": 600}}
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
        return str(self.kubernetes.post(path, json=body).raise_for_status().json()["status"]["token"])

    @cached_property
    def identity_session(self) -> "boto3.Session":
        """AWS credentials that the environment's own identity gets, by the way its pods get them."""
        import boto3
        from botocore import UNSIGNED
        from botocore.config import Config

        region = self.references["region"]
        if self.references["identityKind"] == "podIdentity":
            answer = httpx2.get(
                f"{self.aws_endpoint}/_agent/{self.references['clusterName']}/v1/credentials",
                headers={"Authorization": self.service_account_token(POD_IDENTITY_AUDIENCE)},
                timeout=_TIMEOUT_SECONDS,
                trust_env=False,
            ).raise_for_status()
            given = answer.json()
            token = given["Token"]
        else:
            unsigned = Config(signature_version=UNSIGNED, proxies={})
            sts = boto3.client("sts", region_name=region, endpoint_url=self.aws_endpoint, config=unsigned)
            given = sts.assume_role_with_web_identity(
                RoleArn=self.references["identityRoleArn"],
                RoleSessionName="verify",
                WebIdentityToken=self.service_account_token(IRSA_AUDIENCE),
            )["Credentials"]
            token = given["SessionToken"]
        return boto3.Session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=token,
            region_name=region,
        )

    def client(self, session: "boto3.Session", service: str) -> Any:
        from botocore.config import Config

        connect: Any = session.client
        region = self.references["region"]
        # No proxy of the developer's stands before loopback: it would see values.
        return connect(service, region_name=region, endpoint_url=self.aws_endpoint, config=Config(proxies={}))
