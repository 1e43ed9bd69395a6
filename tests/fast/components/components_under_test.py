"""Every component with arguments that work, for the tests that hold for all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi

import components
from components import (
    ArgoCdSecretsArgs,
    ArgoCdSpokeArgs,
    ArgoCluster,
    ArgoRepository,
    AwsAuditTrailArgs,
    AwsDeployKeyArgs,
    AwsEnvironmentKeysArgs,
    AwsFoundationArgs,
    AwsIrsaIdentityArgs,
    AwsNodeEncryptionArgs,
    AwsPodIdentityArgs,
    AwsSecretRotationArgs,
    AwsSecretStoreArgs,
    AwsSopsKeyArgs,
    AwsTenant,
    AwsTenantKeysArgs,
    CanaryRef,
    ClusterBootstrapArgs,
    ClusterSecretStoreArgs,
    ExternalSecretsOperatorArgs,
    FirstSyncArgs,
    GcpAuditLogsArgs,
    GcpDeployKeyArgs,
    GcpEnvironmentKeysArgs,
    GcpFoundationArgs,
    GcpPrincipalIdentityArgs,
    GcpSecretSpec,
    GcpSecretStoreArgs,
    GcpServiceAccountIdentityArgs,
    GcpSopsKeyArgs,
    GcpTenantKeysArgs,
    GeneratedDeployKeyArgs,
    KeyRef,
    NamespaceSecretStoreArgs,
    RefreshLimitArgs,
    SealedBootstrapArgs,
    SealedSecretsArgs,
    SecretsBootstrapArgs,
    ServiceAccountRef,
    SshKey,
    StoreCondition,
    parse_config,
)
from components.aws.foundation import key_policies
from components.aws.operator_role import OperatorGrant
from components.aws.secret_store import AwsSecretSpec
from components.kubernetes.operator import ChartSource
from tests.fast.components import (
    samples,
    samples_argocd,
    samples_azure,
    samples_ci,
    samples_gcp,
    samples_sealed,
    samples_teams,
    samples_tls,
    samples_vault,
)
from tests.fast.components.secret_provider_classes import SAMPLES

GRANT = OperatorGrant(secrets_key=samples.key("secrets"), tenants_key=samples.key("tenants"))
CANARY = CanaryRef(remote_key="platform/prod/canary")
CONDITIONS = [StoreCondition(namespaces=["apps"])]


@dataclass(frozen=True)
class Case:
    """A component by its name, and a function that makes its arguments inside a program."""

    component: str
    arguments: Callable[[], Any]

    def create(self, name: str, opts: pulumi.ResourceOptions | None = None) -> pulumi.ComponentResource:
        return getattr(components, self.component)(name, self.arguments(), opts)


def _environment() -> Any:
    return parse_config(samples.configuration()).environments["prod"]


CASES = [
    Case(
        "AwsEnvironmentKeys",
        lambda: AwsEnvironmentKeysArgs(names=samples.NAMES, policies=key_policies(samples.NAMES, _environment())),
    ),
    Case(
        "AwsSecretStore",
        lambda: AwsSecretStoreArgs(
            names=samples.NAMES,
            secrets_key=samples.key("secrets"),
            tenants_key=samples.key("tenants"),
            secrets={"database": AwsSecretSpec()},
        ),
    ),
    Case(
        "AwsSecretRotation",
        lambda: AwsSecretRotationArgs(
            names=samples.NAMES,
            secret="database",
            secret_arn=f"{samples.NAMES.secret_arn('database')[:-7]}-AbCdEf",
            key=samples.key("secrets"),
            function_arn=f"arn:aws:lambda:eu-west-1:{samples.ACCOUNT}:function:rotate",
            function_role_arn=f"arn:aws:iam::{samples.ACCOUNT}:role/rotate",
        ),
    ),
    Case("AwsDeployKey", lambda: AwsDeployKeyArgs(secret_id="platform/prod/argocd/platform")),
    Case(
        "AwsNodeEncryption",
        lambda: AwsNodeEncryptionArgs(
            names=samples.NAMES, etcd_key=samples.key("etcd"), plugin_image="localhost/aws-encryption-provider:v0"
        ),
    ),
    Case(
        "AwsIrsaIdentity",
        lambda: AwsIrsaIdentityArgs(
            names=samples.NAMES, cluster=samples.cluster(), service_account=samples.ACCOUNT_OF_OPERATOR, grant=GRANT
        ),
    ),
    Case(
        "AwsPodIdentity",
        lambda: AwsPodIdentityArgs(
            names=samples.NAMES, cluster=samples.cluster(), service_account=samples.ACCOUNT_OF_OPERATOR, grant=GRANT
        ),
    ),
    Case(
        "AwsAuditTrail",
        lambda: AwsAuditTrailArgs(prefix="platform", account_id=samples.ACCOUNT, region="eu-west-1"),
    ),
    Case(
        "AwsTenantKeys",
        lambda: AwsTenantKeysArgs(
            names=samples.NAMES,
            tenants_key=KeyRef(id=samples.KEY_ARN),
            tenants={
                "acme": AwsTenant(service_account=ServiceAccountRef(namespace="acme", name="app")),
                "globex": AwsTenant(role_arn=samples.NAMES.role_arn("app")),
            },
            administrators=[samples.NAMES.role_arn("support")],
            issuer_url=samples.ISSUER,
        ),
    ),
    Case(
        "AwsSopsKey",
        lambda: AwsSopsKeyArgs(
            names=samples.NAMES,
            administrators=[samples.NAMES.role_arn("keys")],
            editors=[samples.NAMES.role_arn("team")],
            appliers=[samples.NAMES.role_arn("pipeline")],
        ),
    ),
    Case("AwsFoundation", lambda: AwsFoundationArgs(names=samples.NAMES, environment=_environment())),
    *(Case(component, arguments) for component, arguments in samples_vault.ARGUMENTS.items()),
    Case(
        "GcpEnvironmentKeys",
        lambda: GcpEnvironmentKeysArgs(names=samples_gcp.NAMES, administrators=[samples_gcp.ADMINISTRATOR]),
    ),
    Case(
        "GcpSecretStore",
        lambda: GcpSecretStoreArgs(
            names=samples_gcp.NAMES,
            secrets_keys=samples_gcp.keys("secrets"),
            tenants_keys=samples_gcp.keys("tenants"),
            secrets={"database": GcpSecretSpec(writers=[samples_gcp.WRITER])},
        ),
    ),
    Case(
        "GcpDeployKey",
        lambda: GcpDeployKeyArgs(
            secret_id=samples_gcp.NAMES.secret_resource("platform--prod--argocd--platform"),
            deployers=[samples_gcp.DEPLOYER],
        ),
    ),
    Case("GcpAuditLogs", lambda: GcpAuditLogsArgs(names=samples_gcp.NAMES)),
    Case(
        "GcpPrincipalIdentity",
        lambda: GcpPrincipalIdentityArgs(
            names=samples_gcp.NAMES,
            cluster=samples_gcp.cluster(),
            service_account=samples_gcp.OPERATOR,
            grant=samples_gcp.grant(),
        ),
    ),
    Case(
        "GcpServiceAccountIdentity",
        lambda: GcpServiceAccountIdentityArgs(
            names=samples_gcp.NAMES,
            cluster=samples_gcp.cluster(),
            service_account=samples_gcp.OPERATOR,
            grant=samples_gcp.grant(),
        ),
    ),
    Case("GcpSopsKey", lambda: GcpSopsKeyArgs(**samples_gcp.sops_values())),
    Case("GcpTenantKeys", lambda: GcpTenantKeysArgs(**samples_gcp.tenant_values())),
    Case("GcpFoundation", lambda: GcpFoundationArgs(names=samples_gcp.NAMES, environment=samples_gcp.parsed())),
    Case(
        "ExternalSecretsOperator",
        lambda: ExternalSecretsOperatorArgs(identity=samples.irsa(), namespaces={"apps": None}, chart=ChartSource()),
    ),
    Case(
        "ClusterSecretStore",
        lambda: ClusterSecretStoreArgs(
            store_name="prod", store=samples.STORE, identity=samples.irsa(), conditions=CONDITIONS
        ),
    ),
    Case(
        "NamespaceSecretStore",
        lambda: NamespaceSecretStoreArgs(
            namespace="apps", store_name="prod", store=samples.STORE, identity=samples.pod_identity()
        ),
    ),
    Case("SecretProviderClass", SAMPLES["vault"].arguments),
    Case("FirstSync", lambda: FirstSyncArgs(namespace="secrets-bootstrap", store_name="prod", canary=CANARY)),
    Case(
        "ArgoCdSecrets",
        lambda: ArgoCdSecretsArgs(
            namespace="argocd",
            store_name="prod",
            repositories={
                "platform": ArgoRepository(
                    url="git@git.example.com:a/b.git", credential=SshKey(remote_key="platform/prod/argocd/x")
                )
            },
            clusters={"prod": ArgoCluster()},
        ),
    ),
    Case(
        "ArgoCdSpoke",
        lambda: ArgoCdSpokeArgs(subject_kind="Group", subject_name="argocd", namespaces=["apps"]),
    ),
    Case("RefreshLimit", lambda: RefreshLimitArgs(minimum_interval="15m")),
    Case(
        "SealedBootstrap",
        lambda: SealedBootstrapArgs(
            environment=parse_config(samples_sealed.configuration()).sealed_environments["prod"],
            create_cluster=lambda _name, _options: samples.cluster(),
        ),
    ),
    Case("SealedSecrets", lambda: SealedSecretsArgs(namespaces={"apps": None}, first_key="state")),
    Case(
        "GeneratedDeployKey",
        lambda: GeneratedDeployKeyArgs(key_name="platform", namespace="argocd", store_name="prod", container=CANARY),
    ),
    Case(
        "ClusterBootstrap",
        lambda: ClusterBootstrapArgs(
            store=samples.STORE,
            canary=CANARY,
            identity=samples.irsa(),
            store_name="prod",
            conditions=CONDITIONS,
            namespaces=["apps"],
        ),
    ),
    Case(
        "SecretsBootstrap",
        lambda: SecretsBootstrapArgs(
            names=samples.NAMES,
            environment=_environment(),
            create_cluster=samples.create_cluster(),
        ),
    ),
    *(Case(component, arguments) for component, arguments in samples_azure.ARGUMENTS.items()),
    *(Case(component, arguments) for component, arguments in samples_ci.ARGUMENTS.items()),
    *(Case(component, arguments) for component, arguments in samples_teams.ARGUMENTS.items()),
    *(Case(component, arguments) for component, arguments in samples_tls.ARGUMENTS.items()),
    *(Case(component, arguments) for component, arguments in samples_argocd.ARGUMENTS.items()),
]
