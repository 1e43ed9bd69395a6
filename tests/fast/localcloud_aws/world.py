"""Two environments in a local AWS, made by its deployer with the library's own names and policies."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore.session
import httpx2
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from bootstrap.localcloud.aws.clusters import Cluster
from bootstrap.localcloud.aws.server import Server
from bootstrap.localcloud.aws.sessions import Session, SessionCredentials
from bootstrap.localcloud.aws.wire import ACCOUNT
from bootstrap.toolchain.policy_engine import install
from components.aws import policies
from components.aws.names import NODE_ROLE, OPERATOR_ROLE, AwsNames
from components.aws.statements import Document, to_json
from components.aws.trust import irsa_trust, pod_identity_trust, service_trust
from tests.fast.localcloud_aws.issuer import Issuer
from tests.output import follow

REGION = "eu-west-1"
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:user/deployer"
OPERATOR = {"namespace": "external-secrets", "service_account": "external-secrets"}
DEPLOY_KEY = "argocd/platform"
VALUE = follow("the value of every container", "a-value-that-must-not-be-written-down")
_SESSION = botocore.session.get_session()


def refusal(call: Any, *args: Any, **parameters: Any) -> str:
    """The code with which a call is refused; a call that is allowed fails the test."""
    with pytest.raises(ClientError) as error:
        call(*args, **parameters)
    return error.value.response.get("Error", {}).get("Code", "")


def refused_by_policy(work: Callable[..., None], *args: Any) -> bool:
    """Whether a policy refuses some call of a work. Another refusal fails the test: it says nothing of policies."""
    try:
        work(*args)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "AccessDeniedException":
            raise
        return True
    return False


@dataclass
class Environment:
    """One environment: its names, its keys' ids by role, and its cluster's issuer."""

    names: AwsNames
    issuer: Issuer
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def cluster(self) -> str:
        return self.names.environment

    @property
    def role_arn(self) -> str:
        return self.names.role_arn(OPERATOR_ROLE)

    def secret(self, name: str) -> str:
        return self.names.secret_name(name)


class World:
    """A running guard with both environments."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._clients: dict[Any, Any] = {}
        self._sessions: dict[str, SessionCredentials] = {}
        self.server = Server(directory / "aws", install(), 0)
        self.guard = self.server.guard
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.issuers = [Issuer(directory / name) for name in ("prod-issuer", "nonprod-issuer")]
        self.http = httpx2.Client(base_url=self.endpoint, trust_env=False)
        self.prod, self.nonprod = (
            Environment(AwsNames(prefix="platform", environment=name, account_id=ACCOUNT, region=REGION), issuer)
            for name, issuer in zip(("prod", "nonprod"), self.issuers, strict=True)
        )
        for environment in (self.prod, self.nonprod):
            self._make(environment)
        self._trust_by_token(self.prod)
        self._trust_by_pod_identity(self.nonprod)

    def close(self) -> None:
        for issuer in self.issuers:
            issuer.close()
        self.http.close()
        self.server.shutdown()
        self.server.server_close()

    def client(self, service: str, credentials: Any = None, region: str = REGION) -> Any:
        """A client of the deployer, or of the holder of session credentials; `UNSIGNED` for one without a key."""
        holder = credentials.access_key_id if isinstance(credentials, SessionCredentials) else credentials
        known = (service, holder, getattr(credentials, "secret_access_key", ""), region)
        if known not in self._clients:
            self._clients[known] = self._new_client(service, credentials, region)
        return self._clients[known]

    def _new_client(self, service: str, credentials: Any, region: str) -> Any:
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        options: dict[str, Any] = {"region_name": region, "endpoint_url": self.endpoint, "config": config}
        if credentials is UNSIGNED:
            options["config"] = config.merge(Config(signature_version=UNSIGNED))
        elif isinstance(credentials, SessionCredentials):
            options |= {
                "aws_access_key_id": credentials.access_key_id,
                "aws_secret_access_key": credentials.secret_access_key,
                "aws_session_token": credentials.token,
            }
        else:
            deployer = self.guard.credentials.deployer
            options |= {"aws_access_key_id": deployer.id, "aws_secret_access_key": deployer.secret}
        return _SESSION.create_client(service, **options)

    def assume(self, environment: Environment, **claims: Any) -> Any:
        """What STS answers to a token of the environment's issuer."""
        return self.client("sts", UNSIGNED).assume_role_with_web_identity(
            RoleArn=environment.role_arn, RoleSessionName="test", WebIdentityToken=environment.issuer.token(**claims)
        )

    def session(self, role_name: str, *, seconds: int = 600, **more: Any) -> SessionCredentials:
        """Credentials of a role's session, as if its trust had been asked: for what comes after that."""
        role = self.guard.cloud.role(role_name)
        assert role is not None
        session = Session(role_arn=role.arn, role_id=role.id, name="test", expires=int(time.time()) + seconds, **more)
        return self.guard._sessions.open_session(session)

    def operator(self, environment: Environment, service: str = "secretsmanager") -> Any:
        return self.client(service, self._standing_session(environment.names.role_name(OPERATOR_ROLE)))

    def node(self, environment: Environment) -> Any:
        return self.client("kms", self._standing_session(environment.names.role_name(NODE_ROLE)))

    def _standing_session(self, role_name: str) -> SessionCredentials:
        if role_name not in self._sessions:
            self._sessions[role_name] = self.session(role_name)
        return self._sessions[role_name]

    def fill(self, environment: Environment, name: str, value: str = VALUE) -> None:
        """Put a value into a container as somebody whom the guard does not judge."""
        secret = self.guard.cloud.secret(REGION, environment.secret(name))
        assert secret is not None
        self.guard.cloud.secrets(REGION).put_secret_value(secret.arn, value, "", "", ["AWSCURRENT"])

    def trust(self, role_name: str, document: Document) -> None:
        self.client("iam").update_assume_role_policy(RoleName=role_name, PolicyDocument=to_json(document))

    def _make(self, environment: Environment) -> None:
        names, kms, manager = environment.names, self.client("kms"), self.client("secretsmanager")
        who: dict[str, Any] = {"administrators": [DEPLOYER], "deployers": [DEPLOYER], "writers": []}
        documents = {
            "secrets": policies.secrets_key_policy(names, **who, canary="canary", written=[DEPLOY_KEY]),
            "etcd": policies.node_etcd_key_policy(names, administrators=[DEPLOYER]),
            "tenants": policies.tenants_key_policy(names, **who),
        }
        tags = [{"TagKey": key, "TagValue": value} for key, value in names.tags().items()]
        for role, document in documents.items():
            made = kms.create_key(Policy=to_json(document), Tags=tags)["KeyMetadata"]
            environment.keys[role] = made["Arn"]
            kms.create_alias(AliasName=names.alias(role), TargetKeyId=made["KeyId"])
        readers = {"canary": None, "database": (), DEPLOY_KEY: (DEPLOYER,), "tenants/acme": ()}
        for name, named in readers.items():
            key = environment.keys["tenants" if name.startswith("tenants/") else "secrets"]
            manager.create_secret(Name=environment.secret(name), KmsKeyId=key)
            if named is not None:
                document = policies.secret_policy(names, readers=named)
                manager.put_resource_policy(
                    SecretId=environment.secret(name),
                    ResourcePolicy=to_json(document),
                    BlockPublicPolicy=True,
                )
            self.fill(environment, name)
        self._role(names, NODE_ROLE, service_trust("ec2.amazonaws.com"))
        self._policy(names, NODE_ROLE, policies.node_policy(names, etcd_key_arn=environment.keys["etcd"]))
        self.guard.clusters.put(
            Cluster(
                name=environment.cluster,
                region=REGION,
                issuer_url=environment.issuer.url,
                ca_pem=environment.issuer.ca_pem,
                node_role_arn=names.role_arn(NODE_ROLE),
            )
        )

    def _trust_by_token(self, environment: Environment) -> None:
        issuer = environment.issuer
        provider = self.client("iam").create_open_id_connect_provider(
            Url=issuer.url, ClientIDList=["sts.amazonaws.com"], ThumbprintList=[issuer.thumbprint]
        )["OpenIDConnectProviderArn"]
        trust = irsa_trust(provider_arn=provider, issuer_url=issuer.url, **OPERATOR)
        self._operator(environment, trust)

    def _trust_by_pod_identity(self, environment: Environment) -> None:
        arn = environment.names.cluster_arn(environment.cluster)
        self._operator(environment, pod_identity_trust(cluster_arn=arn, **OPERATOR))
        self.associate(environment)

    def associate(self, environment: Environment) -> str:
        made = self.client("eks").create_pod_identity_association(
            clusterName=environment.cluster,
            namespace=OPERATOR["namespace"],
            serviceAccount=OPERATOR["service_account"],
            roleArn=environment.role_arn,
        )
        return made["association"]["associationId"]

    def _operator(self, environment: Environment, trust: Document) -> None:
        names, keys = environment.names, environment.keys
        self._role(names, OPERATOR_ROLE, trust)
        document = policies.operator_policy(
            names, secrets_key_arn=keys["secrets"], tenants_key_arn=keys["tenants"], canary="canary"
        )
        self._policy(names, OPERATOR_ROLE, document)

    def _role(self, names: AwsNames, role: str, trust: Document) -> None:
        tags = [{"Key": key, "Value": value} for key, value in names.tags().items()]
        self.client("iam").create_role(
            RoleName=names.role_name(role), AssumeRolePolicyDocument=to_json(trust), Tags=tags
        )

    def _policy(self, names: AwsNames, role: str, document: Document) -> None:
        self.client("iam").put_role_policy(
            RoleName=names.role_name(role), PolicyName="policy", PolicyDocument=to_json(document)
        )
