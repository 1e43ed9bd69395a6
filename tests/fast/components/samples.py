"""Inputs that work, for tests to use and to spoil."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import yaml

from components import ClusterEncryption, ClusterRef, IdentityKind, IdentityRef, KeyRef, ServiceAccountRef, StoreRef
from components.aws.names import AwsNames

REPOSITORY = Path(__file__).resolve().parents[3]
ACCOUNT = "123456789012"
ISSUER = "https://issuer.example.com"
ACCOUNT_OF_OPERATOR = ServiceAccountRef(namespace="external-secrets", name="external-secrets")
NAMES = AwsNames(prefix="platform", environment="prod", account_id=ACCOUNT, region="eu-west-1")
STORE = StoreRef(backend="aws", settings={"service": "SecretsManager", "region": "eu-west-1"})
KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0f0f0f0f-1111-2222-3333-444444444444"


def environment(**changes: Any) -> dict[str, Any]:
    """One environment as it stands in YAML."""
    return {
        "region": "eu-west-1",
        "accountId": ACCOUNT,
        "cluster": {"kind": "selfManaged", "kmsPluginImage": "localhost/aws-encryption-provider:v0"},
        "identity": {"kind": "irsa"},
        "administrators": [f"arn:aws:iam::{ACCOUNT}:role/administrator", f"arn:aws:iam::{ACCOUNT}:role/deployer"],
        "deployers": [f"arn:aws:iam::{ACCOUNT}:role/deployer"],
        "namespaces": ["apps"],
        "secrets": {"database": {}, "tenants/acme": {}},
        "store": {"conditions": [{"namespaces": ["apps"]}]},
        "argocd": {"repository": {"name": "platform", "url": "git@git.example.com:platform/deploy.git"}},
        **changes,
    }


def configuration(**environments: dict[str, Any]) -> dict[str, Any]:
    """A whole configuration; by default with `prod` alone."""
    return {"prefix": "platform", "environments": environments or {"prod": environment()}}


def irsa(backend: str = "aws", account: ServiceAccountRef = ACCOUNT_OF_OPERATOR) -> IdentityRef:
    reference = {"name": account.name, "namespace": account.namespace}
    return IdentityRef(
        kind=IdentityKind.IRSA,
        principal=NAMES.role_arn("external-secrets"),
        service_account=account,
        backends=frozenset({backend}),
        annotations={"eks.amazonaws.com/role-arn": NAMES.role_arn("external-secrets")},
        store_settings={"auth": {"jwt": {"serviceAccountRef": reference}}},
        presents_token=True,
    )


def pod_identity() -> IdentityRef:
    return IdentityRef(
        kind=IdentityKind.POD_IDENTITY,
        principal=NAMES.role_arn("external-secrets"),
        service_account=ACCOUNT_OF_OPERATOR,
        backends=frozenset({"aws"}),
    )


def key(role: str) -> KeyRef:
    return KeyRef(id=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{role}")


def cluster() -> ClusterRef:
    return ClusterRef(
        name="prod",
        issuer_url=ISSUER,
        endpoint="https://cluster.example.com",
        provider=kubernetes.Provider("cluster", kubeconfig="{}"),
    )


def create_cluster() -> Callable[[str, ClusterEncryption, pulumi.ResourceOptions], ClusterRef]:
    """A cluster that is there already."""
    return lambda _name, _encryption, _options: cluster()


def stack_config(topology: str) -> dict[str, Any]:
    """The shipped configuration of a stack."""
    return yaml.safe_load((REPOSITORY / "stacks" / f"Pulumi.{topology}.yaml").read_text())["config"]
