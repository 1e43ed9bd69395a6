"""An environment whose keys and secrets are in AWS: what KMS, STS and Secrets Manager are asked."""

import base64
from collections.abc import Iterator, Mapping, Sequence
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
from bootstrap.verification import aws_tenants
from bootstrap.verification.environment import EnvironmentView, GateError, RefusedError

IRSA_AUDIENCE = "sts.amazonaws.com"
POD_IDENTITY_AUDIENCE = "pods.eks.amazonaws.com"
_TIMEOUT_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class AwsView(EnvironmentView):
    """`deployer`: a session with the deployer's credentials. `cloud`: the server, which knows its other users and
    keeps the audit trail."""

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
    def fill(self, name: str, value: str) -> None:
        self.client(self.deployer, "secretsmanager").create_secret(Name=self.address_of(name), SecretString=value)

    @override
    def fill_first(self, name: str, value: str) -> None:
        writer, container = self.client(self.writer, "secretsmanager"), self.address_of(name)
        if not writer.describe_secret(SecretId=container).get("VersionIdsToStages"):
            writer.put_secret_value(SecretId=container, SecretString=value)

    @override
    def remove(self, name: str) -> None:
        manager = self.client(self.deployer, "secretsmanager")
        try:
            manager.delete_secret(SecretId=self.address_of(name), ForceDeleteWithoutRecovery=True)
        except manager.exceptions.ResourceNotFoundException:
            return

    @override
    def address_of(self, name: str) -> str:
        return f"{self.references['secretPrefix']}{name}"

    @override
    def key_of(self, name: str) -> str:
        return self.address_of(name)

    @override
    def presented(self) -> Iterator[tuple[str, str]]:
        token = self.service_account_token(self._audience)
        yield from self._given("the operator", token, self._session(token))
        for who, identity in self.beside.items():
            token = self.token_of(identity)
            yield from self._given(who, token, self.session_by_token(token, identity["roleArn"]))
        for tenant in aws_tenants.tenants(self):
            key = aws_tenants.unwrapped(
                self, aws_tenants.kms_of(self, tenant), tenant, aws_tenants.wrapped(self, tenant)
            )
            yield f"a key of tenant {tenant}", base64.b64encode(key).decode()

    def _given(self, who: str, token: str, session: boto3.Session) -> Iterator[tuple[str, str]]:
        """A token, and what STS gave for it. The session is used, so that whoever logs it had the occasion."""
        yield f"the token of {who}", token
        self.client(session, "sts").get_caller_identity()
        given = session.get_credentials()
        if given is None:
            raise RefusedError("the session has no credentials")
        secrets: list[str | None] = [given.secret_key, given.token]
        yield from ((f"what STS gave {who}", one) for one in secrets if one)

    @property
    @override
    def reader(self) -> str:
        if self.references["identityKind"] == "podIdentity":
            return _reader(self.account, f"cluster {self.references['clusterName']}")
        return _reader(self.account, self.references["issuerUrl"].removeprefix("https://"))

    @override
    def readers_of(self, address: str) -> Sequence[str]:
        """As CloudTrail tells it. Pod Identity: the session's tags are in each read. IRSA: the read has the session's
        key, and the call that opened the session with that key has the token's subject and issuer."""
        log = self.cloud.audit()
        opened = {entry["accessKeyId"]: entry for entry in log if entry["event"] == "sts:AssumeRoleWithWebIdentity"}
        read = ("secretsmanager:GetSecretValue", address, "allowed", "")
        return [
            _named(entry, opened.get(entry["accessKeyId"], {}))
            for entry in log
            if (entry["event"], entry["resource"], entry["decision"], entry["reason"]) == read
        ]

    @override
    def explain(self, error: Exception) -> str:
        if isinstance(error, ClientError):
            return f"{error.response.get('Error', {}).get('Code', '')} on {error.operation_name}"
        return super().explain(error)

    @cached_property
    def writer(self) -> boto3.Session:
        """The credentials of who fills containers, and reads none."""
        given = self.cloud.writer_environment()
        return boto3.Session(
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"], aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"]
        )

    @cached_property
    def identity_session(self) -> boto3.Session:
        """AWS credentials that the environment's own identity gets, by the way its pods get them."""
        return self._session(self.service_account_token(self._audience))

    @property
    def _audience(self) -> str:
        return POD_IDENTITY_AUDIENCE if self.references["identityKind"] == "podIdentity" else IRSA_AUDIENCE

    def _session(self, presented: str) -> boto3.Session:
        """What a token of the operator's account is good for."""
        if self.references["identityKind"] == "podIdentity":
            answer = httpx2.get(
                f"{self.aws_endpoint}/_agent/{self.references['clusterName']}/v1/credentials",
                headers={"Authorization": presented},
                timeout=_TIMEOUT_SECONDS,
                trust_env=False,
            ).raise_for_status()
            given = answer.json()
            return self.session_with({**given, "SessionToken": given["Token"]})
        return self.session_by_token(presented, self.references["identityRoleArn"])

    def session_by_token(self, presented: str, role_arn: str) -> boto3.Session:
        """What STS gives for a token of a service account and a role."""
        unsigned = Config(signature_version=UNSIGNED, proxies={})
        region = self.references["region"]
        sts = boto3.client("sts", region_name=region, endpoint_url=self.aws_endpoint, config=unsigned)
        given = sts.assume_role_with_web_identity(
            RoleArn=role_arn, RoleSessionName="verify", WebIdentityToken=presented
        )
        return self.session_with(given["Credentials"])

    def token_of(self, identity: Mapping[str, Any], audience: str = IRSA_AUDIENCE) -> str:
        """A token of the service account that an identity is for: its `serviceAccount`, as references say it."""
        return self.service_account_token(audience, **identity["serviceAccount"])

    def session_of(self, identity: Mapping[str, Any]) -> boto3.Session:
        """What a service account's own token gets for the `roleArn` of its identity."""
        return self.session_by_token(self.token_of(identity), identity["roleArn"])

    def session_with(self, credentials: Mapping[str, Any]) -> boto3.Session:
        """A session with what STS has given."""
        return boto3.Session(
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            region_name=self.references["region"],
        )

    def client(self, session: boto3.Session, service: str) -> Any:
        connect: Any = session.client
        region = self.references["region"]
        # No proxy of the developer's stands before loopback: it would see values.
        return connect(service, region_name=region, endpoint_url=self.aws_endpoint, config=Config(proxies={}))


def _named(read: Mapping[str, Any], opening: Mapping[str, Any]) -> str:
    tags = read["tags"]
    if "kubernetes-service-account" in tags:
        account = f"{tags['kubernetes-namespace']}/{tags['kubernetes-service-account']}"
        return _reader(account, f"cluster {tags['eks-cluster-name']}")
    if opening.get("subject"):
        account = opening["subject"].removeprefix("system:serviceaccount:").replace(":", "/")
        return _reader(account, opening["provider"].partition("oidc-provider/")[2])
    return str(read["principal"])


def _reader(account: str, origin: str) -> str:
    return f"{account} of {origin}"


def view(cloud: LocalAws, **seen: Any) -> AwsView:
    given = cloud.deployer_environment()
    deployer = boto3.Session(
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"], aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"]
    )
    return AwsView(aws_endpoint=cloud.endpoint, deployer=deployer, cloud=cloud, **seen)
