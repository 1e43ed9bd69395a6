"""An environment whose keys and secrets are in AWS: what KMS, STS and Secrets Manager are asked."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
import httpx2
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from typing_extensions import override

from bootstrap.localcloud.aws.client import LocalAws
from bootstrap.verification.environment import EnvironmentView, GateError, RefusedError

IRSA_AUDIENCE = "sts.amazonaws.com"
POD_IDENTITY_AUDIENCE = "pods.eks.amazonaws.com"
_TIMEOUT_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class AwsView(EnvironmentView):
    """`deployer`: a session with the deployer's credentials. `cloud`: the server, which knows its other users too."""

    aws_endpoint: str
    deployer: boto3.Session
    cloud: LocalAws

    @override
    def keys_rotate(self) -> str:
        kms = self.client(self.deployer, "kms")
        for purpose in ("secrets", "etcd", "tenants"):
            key = self.references[f"{purpose}KeyArn"]
            state = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
            if state != "Enabled":
                raise GateError(f"the {purpose} key is {state}")
            if not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]:
                raise GateError(f"the {purpose} key does not rotate")
        return "secrets, etcd and tenants keys: Enabled, rotation on"

    @override
    def etcd_key_is_used(self, raw: bytes) -> str:
        if self.references["etcdKeyArn"].encode() not in raw:
            raise GateError("the raw etcd value does not name the environment's etcd key")
        return "it names the environment's etcd key"

    @override
    def identity_is_bound(self) -> str:
        arn = self.client(self.identity_session, "sts").get_caller_identity()["Arn"]
        role = self.references["identityRoleArn"].rsplit("/", 1)[-1]
        if f":assumed-role/{role}/" not in arn:
            raise GateError(f"the service account became {arn}, not the role {role}")
        account = self.references["serviceAccount"]
        return f"{self.references['identityKind']}: {account['namespace']}/{account['name']} is {role}"

    @property
    @override
    def canary_address(self) -> str:
        return self.references["canarySecret"]

    @override
    def read_secret(self, address: str) -> bytes:
        manager = self.client(self.identity_session, "secretsmanager")
        try:
            return manager.get_secret_value(SecretId=address)["SecretString"].encode()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code", "") == "AccessDeniedException":
                raise RefusedError("AccessDeniedException") from error
            raise

    @override
    def explain(self, error: Exception) -> str:
        if isinstance(error, ClientError):
            return f"{error.response.get('Error', {}).get('Code', '')} on {error.operation_name}"
        return super().explain(error)

    @cached_property
    def identity_session(self) -> boto3.Session:
        """AWS credentials that the environment's own identity gets, by the way its pods get them."""
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

    def client(self, session: boto3.Session, service: str) -> Any:
        connect: Any = session.client
        region = self.references["region"]
        # No proxy of the developer's stands before loopback: it would see values.
        return connect(service, region_name=region, endpoint_url=self.aws_endpoint, config=Config(proxies={}))


def view(cloud: LocalAws, **seen: Any) -> AwsView:
    given = cloud.deployer_environment()
    deployer = boto3.Session(
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"], aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"]
    )
    return AwsView(aws_endpoint=cloud.endpoint, deployer=deployer, cloud=cloud, **seen)
