"""secrets-bootstrap: Pulumi components that take an environment from nothing to its first synced secret.

Names are resolved when they are first used (PEP 562): importing the package loads no cloud's SDK.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .aws.argocd_hub import AwsArgoCdHubRole as AwsArgoCdHubRole
    from .aws.argocd_hub import AwsArgoCdHubRoleArgs as AwsArgoCdHubRoleArgs
    from .aws.argocd_spoke import AwsArgoCdSpokeRole as AwsArgoCdSpokeRole
    from .aws.argocd_spoke import AwsArgoCdSpokeRoleArgs as AwsArgoCdSpokeRoleArgs
    from .aws.audit import AwsAuditTrail as AwsAuditTrail
    from .aws.audit import AwsAuditTrailArgs as AwsAuditTrailArgs
    from .aws.ci import AwsCiRole as AwsCiRole
    from .aws.ci import AwsCiRoleArgs as AwsCiRoleArgs
    from .aws.cluster_encryption import AwsNodeEncryption as AwsNodeEncryption
    from .aws.cluster_encryption import AwsNodeEncryptionArgs as AwsNodeEncryptionArgs
    from .aws.cluster_encryption import eks_encryption_config as eks_encryption_config
    from .aws.config import AwsEnvironmentConfig as AwsEnvironmentConfig
    from .aws.deploy_key import AwsDeployKey as AwsDeployKey
    from .aws.deploy_key import AwsDeployKeyArgs as AwsDeployKeyArgs
    from .aws.dns01 import AwsDns01Role as AwsDns01Role
    from .aws.dns01 import AwsDns01RoleArgs as AwsDns01RoleArgs
    from .aws.foundation import AwsFoundation as AwsFoundation
    from .aws.foundation import AwsFoundationArgs as AwsFoundationArgs
    from .aws.foundation import key_policies as key_policies
    from .aws.irsa import AwsIrsaIdentity as AwsIrsaIdentity
    from .aws.irsa import AwsIrsaIdentityArgs as AwsIrsaIdentityArgs
    from .aws.keys import AwsEnvironmentKeys as AwsEnvironmentKeys
    from .aws.keys import AwsEnvironmentKeysArgs as AwsEnvironmentKeysArgs
    from .aws.names import AwsNames as AwsNames
    from .aws.operator_role import OperatorGrant as OperatorGrant
    from .aws.pod_identity import AwsPodIdentity as AwsPodIdentity
    from .aws.pod_identity import AwsPodIdentityArgs as AwsPodIdentityArgs
    from .aws.secret_rotation import AwsSecretRotation as AwsSecretRotation
    from .aws.secret_rotation import AwsSecretRotationArgs as AwsSecretRotationArgs
    from .aws.secret_store import AwsSecretSpec as AwsSecretSpec
    from .aws.secret_store import AwsSecretStore as AwsSecretStore
    from .aws.secret_store import AwsSecretStoreArgs as AwsSecretStoreArgs
    from .aws.sops_key import AwsSopsKey as AwsSopsKey
    from .aws.sops_key import AwsSopsKeyArgs as AwsSopsKeyArgs
    from .aws.team_identity import AwsTeamIdentity as AwsTeamIdentity
    from .aws.team_identity import AwsTeamIdentityArgs as AwsTeamIdentityArgs
    from .aws.tenant_keys import AwsTenant as AwsTenant
    from .aws.tenant_keys import AwsTenantKeys as AwsTenantKeys
    from .aws.tenant_keys import AwsTenantKeysArgs as AwsTenantKeysArgs
    from .azure.argocd_hub import AzureArgoCdHubIdentity as AzureArgoCdHubIdentity
    from .azure.argocd_hub import AzureArgoCdHubIdentityArgs as AzureArgoCdHubIdentityArgs
    from .azure.audit import AzureAudit as AzureAudit
    from .azure.audit import AzureAuditArgs as AzureAuditArgs
    from .azure.ci import AzureCiIdentity as AzureCiIdentity
    from .azure.ci import AzureCiIdentityArgs as AzureCiIdentityArgs
    from .azure.cluster_encryption import AzureClusterIdentity as AzureClusterIdentity
    from .azure.cluster_encryption import AzureClusterIdentityArgs as AzureClusterIdentityArgs
    from .azure.cluster_encryption import aks_kms_profile as aks_kms_profile
    from .azure.config import AzureEnvironmentConfig as AzureEnvironmentConfig
    from .azure.deploy_key import AzureDeployKey as AzureDeployKey
    from .azure.deploy_key import AzureDeployKeyArgs as AzureDeployKeyArgs
    from .azure.dns01 import AzureDns01Identity as AzureDns01Identity
    from .azure.dns01 import AzureDns01IdentityArgs as AzureDns01IdentityArgs
    from .azure.foundation import AzureFoundation as AzureFoundation
    from .azure.foundation import AzureFoundationArgs as AzureFoundationArgs
    from .azure.keys import AzureEnvironmentKeys as AzureEnvironmentKeys
    from .azure.keys import AzureEnvironmentKeysArgs as AzureEnvironmentKeysArgs
    from .azure.names import AzureNames as AzureNames
    from .azure.secret_store import AzureSecretSpec as AzureSecretSpec
    from .azure.secret_store import AzureSecretStore as AzureSecretStore
    from .azure.secret_store import AzureSecretStoreArgs as AzureSecretStoreArgs
    from .azure.sops_key import AzureSopsKey as AzureSopsKey
    from .azure.sops_key import AzureSopsKeyArgs as AzureSopsKeyArgs
    from .azure.team_identity import AzureTeamIdentity as AzureTeamIdentity
    from .azure.team_identity import AzureTeamIdentityArgs as AzureTeamIdentityArgs
    from .azure.tenant_keys import AzureTenantKeys as AzureTenantKeys
    from .azure.tenant_keys import AzureTenantKeysArgs as AzureTenantKeysArgs
    from .azure.vault import AzureVaultNetwork as AzureVaultNetwork
    from .azure.workload_identity import AzureExistingIdentity as AzureExistingIdentity
    from .azure.workload_identity import AzureOperatorGrant as AzureOperatorGrant
    from .azure.workload_identity import AzureWorkloadIdentity as AzureWorkloadIdentity
    from .azure.workload_identity import AzureWorkloadIdentityArgs as AzureWorkloadIdentityArgs
    from .ci import CiSubject as CiSubject
    from .ci import GitHubSubForm as GitHubSubForm
    from .ci import bitbucket_ci as bitbucket_ci
    from .ci import github_ci as github_ci
    from .ci import gitlab_ci as gitlab_ci
    from .cluster_bootstrap import ArgoCdSettings as ArgoCdSettings
    from .cluster_bootstrap import ClusterBootstrap as ClusterBootstrap
    from .cluster_bootstrap import ClusterBootstrapArgs as ClusterBootstrapArgs
    from .cluster_bootstrap import FirstSyncSettings as FirstSyncSettings
    from .cluster_bootstrap import OperatorSettings as OperatorSettings
    from .config.environment import EnvironmentConfig as EnvironmentConfig
    from .config.parse import BootstrapConfig as BootstrapConfig
    from .config.parse import parse_config as parse_config
    from .config.sealed import SealedEnvironmentConfig as SealedEnvironmentConfig
    from .contracts import ArgoCdAccounts as ArgoCdAccounts
    from .contracts import CanaryRef as CanaryRef
    from .contracts import ClusterEncryption as ClusterEncryption
    from .contracts import ClusterRef as ClusterRef
    from .contracts import Dns01Ref as Dns01Ref
    from .contracts import IdentityKind as IdentityKind
    from .contracts import IdentityRef as IdentityRef
    from .contracts import KeyRef as KeyRef
    from .contracts import Names as Names
    from .contracts import SecretScope as SecretScope
    from .contracts import ServiceAccountRef as ServiceAccountRef
    from .contracts import StoreRef as StoreRef
    from .deletion import DeletionProfile as DeletionProfile
    from .errors import ConfigError as ConfigError
    from .foundation import Foundation as Foundation
    from .gcp.argocd_hub import GcpArgoCdHubAccount as GcpArgoCdHubAccount
    from .gcp.argocd_hub import GcpArgoCdHubAccountArgs as GcpArgoCdHubAccountArgs
    from .gcp.audit import GcpAuditLogs as GcpAuditLogs
    from .gcp.audit import GcpAuditLogsArgs as GcpAuditLogsArgs
    from .gcp.ci import GcpCiIdentity as GcpCiIdentity
    from .gcp.ci import GcpCiIdentityArgs as GcpCiIdentityArgs
    from .gcp.cluster_encryption import gke_encryption_config as gke_encryption_config
    from .gcp.config import GcpEnvironmentConfig as GcpEnvironmentConfig
    from .gcp.deploy_key import GcpDeployKey as GcpDeployKey
    from .gcp.deploy_key import GcpDeployKeyArgs as GcpDeployKeyArgs
    from .gcp.dns01 import GcpDns01Role as GcpDns01Role
    from .gcp.dns01 import GcpDns01RoleArgs as GcpDns01RoleArgs
    from .gcp.foundation import GcpFoundation as GcpFoundation
    from .gcp.foundation import GcpFoundationArgs as GcpFoundationArgs
    from .gcp.keys import GcpEnvironmentKeys as GcpEnvironmentKeys
    from .gcp.keys import GcpEnvironmentKeysArgs as GcpEnvironmentKeysArgs
    from .gcp.names import GcpNames as GcpNames
    from .gcp.operator_grants import GcpOperatorGrant as GcpOperatorGrant
    from .gcp.principal import GcpPrincipalIdentity as GcpPrincipalIdentity
    from .gcp.principal import GcpPrincipalIdentityArgs as GcpPrincipalIdentityArgs
    from .gcp.secret_store import GcpSecretRotation as GcpSecretRotation
    from .gcp.secret_store import GcpSecretSpec as GcpSecretSpec
    from .gcp.secret_store import GcpSecretStore as GcpSecretStore
    from .gcp.secret_store import GcpSecretStoreArgs as GcpSecretStoreArgs
    from .gcp.service_account import GcpServiceAccountIdentity as GcpServiceAccountIdentity
    from .gcp.service_account import GcpServiceAccountIdentityArgs as GcpServiceAccountIdentityArgs
    from .gcp.sops_key import GcpSopsKey as GcpSopsKey
    from .gcp.sops_key import GcpSopsKeyArgs as GcpSopsKeyArgs
    from .gcp.team_identity import GcpTeamIdentity as GcpTeamIdentity
    from .gcp.team_identity import GcpTeamIdentityArgs as GcpTeamIdentityArgs
    from .gcp.tenant_keys import GcpTenantKeys as GcpTenantKeys
    from .gcp.tenant_keys import GcpTenantKeysArgs as GcpTenantKeysArgs
    from .kubernetes.argocd.clusters import ArgoCluster as ArgoCluster
    from .kubernetes.argocd.clusters import argocd_aks_config as argocd_aks_config
    from .kubernetes.argocd.clusters import argocd_eks_config as argocd_eks_config
    from .kubernetes.argocd.clusters import argocd_gke_config as argocd_gke_config
    from .kubernetes.argocd.credentials import AzureReposIdentity as AzureReposIdentity
    from .kubernetes.argocd.credentials import GitHubApp as GitHubApp
    from .kubernetes.argocd.credentials import HttpsToken as HttpsToken
    from .kubernetes.argocd.credentials import SecretsManagerReference as SecretsManagerReference
    from .kubernetes.argocd.credentials import SshKey as SshKey
    from .kubernetes.argocd.generated_key import GeneratedDeployKey as GeneratedDeployKey
    from .kubernetes.argocd.generated_key import GeneratedDeployKeyArgs as GeneratedDeployKeyArgs
    from .kubernetes.argocd.repositories import ArgoCredentialTemplate as ArgoCredentialTemplate
    from .kubernetes.argocd.repositories import ArgoRepository as ArgoRepository
    from .kubernetes.argocd.secrets import ArgoCdSecrets as ArgoCdSecrets
    from .kubernetes.argocd.secrets import ArgoCdSecretsArgs as ArgoCdSecretsArgs
    from .kubernetes.argocd.spoke import ArgoCdSpoke as ArgoCdSpoke
    from .kubernetes.argocd.spoke import ArgoCdSpokeArgs as ArgoCdSpokeArgs
    from .kubernetes.cert_manager.certificate import TlsCertificate as TlsCertificate
    from .kubernetes.cert_manager.certificate import TlsCertificateArgs as TlsCertificateArgs
    from .kubernetes.cert_manager.controller import CertManager as CertManager
    from .kubernetes.cert_manager.controller import CertManagerArgs as CertManagerArgs
    from .kubernetes.cert_manager.issuer import AcmeDirectory as AcmeDirectory
    from .kubernetes.cert_manager.issuer import AcmeIssuer as AcmeIssuer
    from .kubernetes.cert_manager.issuer import AcmeIssuerArgs as AcmeIssuerArgs
    from .kubernetes.cert_manager.issuer import IssuerRef as IssuerRef
    from .kubernetes.cert_manager.solvers import Dns01 as Dns01
    from .kubernetes.cert_manager.solvers import Http01 as Http01
    from .kubernetes.cert_manager.solvers import HttpGateway as HttpGateway
    from .kubernetes.cluster_secret_store import ClusterSecretStore as ClusterSecretStore
    from .kubernetes.cluster_secret_store import ClusterSecretStoreArgs as ClusterSecretStoreArgs
    from .kubernetes.cluster_secret_store import StoreCondition as StoreCondition
    from .kubernetes.csi.secret_provider_class import SecretProviderClass as SecretProviderClass
    from .kubernetes.csi.secret_provider_class import SecretProviderClassArgs as SecretProviderClassArgs
    from .kubernetes.distributions.node_files import node_files as node_files
    from .kubernetes.first_sync import FirstSync as FirstSync
    from .kubernetes.first_sync import FirstSyncArgs as FirstSyncArgs
    from .kubernetes.namespace_secret_store import NamespaceSecretStore as NamespaceSecretStore
    from .kubernetes.namespace_secret_store import NamespaceSecretStoreArgs as NamespaceSecretStoreArgs
    from .kubernetes.operator import ChartSource as ChartSource
    from .kubernetes.operator import ExternalSecretsOperator as ExternalSecretsOperator
    from .kubernetes.operator import ExternalSecretsOperatorArgs as ExternalSecretsOperatorArgs
    from .kubernetes.refresh_limit import RefreshLimit as RefreshLimit
    from .kubernetes.refresh_limit import RefreshLimitArgs as RefreshLimitArgs
    from .kubernetes.restarts import RestartedBy as RestartedBy
    from .kubernetes.restarts import restart_annotations as restart_annotations
    from .kubernetes.team_stores import TeamStores as TeamStores
    from .kubernetes.team_stores import TeamStoresArgs as TeamStoresArgs
    from .refresh_cost import ManagerPrices as ManagerPrices
    from .refresh_cost import RefreshEstimate as RefreshEstimate
    from .refresh_cost import RefreshLoad as RefreshLoad
    from .refresh_cost import manager_prices as manager_prices
    from .refresh_cost import refresh_estimate as refresh_estimate
    from .sealed_secrets.bootstrap import SealedBootstrap as SealedBootstrap
    from .sealed_secrets.bootstrap import SealedBootstrapArgs as SealedBootstrapArgs
    from .sealed_secrets.controller import SealedSecrets as SealedSecrets
    from .sealed_secrets.controller import SealedSecretsArgs as SealedSecretsArgs
    from .secrets_bootstrap import SecretsBootstrap as SecretsBootstrap
    from .secrets_bootstrap import SecretsBootstrapArgs as SecretsBootstrapArgs
    from .teams import Team as Team
    from .teams import TeamRefresh as TeamRefresh
    from .teams import team_scopes as team_scopes
    from .teams import teams_estimate as teams_estimate
    from .vault.audit import VaultAudit as VaultAudit
    from .vault.audit import VaultAuditArgs as VaultAuditArgs
    from .vault.ci import VaultCiRole as VaultCiRole
    from .vault.ci import VaultCiRoleArgs as VaultCiRoleArgs
    from .vault.config import VaultEnvironmentConfig as VaultEnvironmentConfig
    from .vault.database import VaultDatabase as VaultDatabase
    from .vault.database import VaultDatabaseArgs as VaultDatabaseArgs
    from .vault.database import VaultDatabaseRole as VaultDatabaseRole
    from .vault.database import VaultStaticRole as VaultStaticRole
    from .vault.deploy_key import VaultDeployKey as VaultDeployKey
    from .vault.deploy_key import VaultDeployKeyArgs as VaultDeployKeyArgs
    from .vault.dynamic_credentials import VaultDynamicCredentials as VaultDynamicCredentials
    from .vault.dynamic_credentials import VaultDynamicCredentialsArgs as VaultDynamicCredentialsArgs
    from .vault.foundation import VaultFoundation as VaultFoundation
    from .vault.foundation import VaultFoundationArgs as VaultFoundationArgs
    from .vault.jwt_identity import VaultJwtIdentity as VaultJwtIdentity
    from .vault.jwt_identity import VaultJwtIdentityArgs as VaultJwtIdentityArgs
    from .vault.keys import VaultEnvironmentKeys as VaultEnvironmentKeys
    from .vault.keys import VaultEnvironmentKeysArgs as VaultEnvironmentKeysArgs
    from .vault.kubernetes_identity import VaultKubernetesIdentity as VaultKubernetesIdentity
    from .vault.kubernetes_identity import VaultKubernetesIdentityArgs as VaultKubernetesIdentityArgs
    from .vault.names import VaultNames as VaultNames
    from .vault.node_encryption import VaultNodeEncryption as VaultNodeEncryption
    from .vault.node_encryption import VaultNodeEncryptionArgs as VaultNodeEncryptionArgs
    from .vault.policies import transit_user_policy as transit_user_policy
    from .vault.secret_store import VaultSecretSpec as VaultSecretSpec
    from .vault.secret_store import VaultSecretStore as VaultSecretStore
    from .vault.secret_store import VaultSecretStoreArgs as VaultSecretStoreArgs
    from .vault.team_identity import VaultTeamIdentity as VaultTeamIdentity
    from .vault.team_identity import VaultTeamIdentityArgs as VaultTeamIdentityArgs
    from .vault.tenant_keys import VaultTenantKeys as VaultTenantKeys
    from .vault.tenant_keys import VaultTenantKeysArgs as VaultTenantKeysArgs

_HOME = {
    "AcmeDirectory": "kubernetes.cert_manager.issuer",
    "AcmeIssuer": "kubernetes.cert_manager.issuer",
    "AcmeIssuerArgs": "kubernetes.cert_manager.issuer",
    "ArgoCdAccounts": "contracts",
    "ArgoCdSecrets": "kubernetes.argocd.secrets",
    "ArgoCdSecretsArgs": "kubernetes.argocd.secrets",
    "ArgoCdSettings": "cluster_bootstrap",
    "ArgoCdSpoke": "kubernetes.argocd.spoke",
    "ArgoCdSpokeArgs": "kubernetes.argocd.spoke",
    "ArgoCluster": "kubernetes.argocd.clusters",
    "ArgoCredentialTemplate": "kubernetes.argocd.repositories",
    "ArgoRepository": "kubernetes.argocd.repositories",
    "AwsArgoCdHubRole": "aws.argocd_hub",
    "AwsArgoCdHubRoleArgs": "aws.argocd_hub",
    "AwsArgoCdSpokeRole": "aws.argocd_spoke",
    "AwsArgoCdSpokeRoleArgs": "aws.argocd_spoke",
    "AwsAuditTrail": "aws.audit",
    "AwsAuditTrailArgs": "aws.audit",
    "AwsCiRole": "aws.ci",
    "AwsCiRoleArgs": "aws.ci",
    "AwsDeployKey": "aws.deploy_key",
    "AwsDeployKeyArgs": "aws.deploy_key",
    "AwsDns01Role": "aws.dns01",
    "AwsDns01RoleArgs": "aws.dns01",
    "AwsEnvironmentConfig": "aws.config",
    "AwsEnvironmentKeys": "aws.keys",
    "AwsEnvironmentKeysArgs": "aws.keys",
    "AwsFoundation": "aws.foundation",
    "AwsFoundationArgs": "aws.foundation",
    "AwsIrsaIdentity": "aws.irsa",
    "AwsIrsaIdentityArgs": "aws.irsa",
    "AwsNames": "aws.names",
    "AwsNodeEncryption": "aws.cluster_encryption",
    "AwsNodeEncryptionArgs": "aws.cluster_encryption",
    "AwsPodIdentity": "aws.pod_identity",
    "AwsPodIdentityArgs": "aws.pod_identity",
    "AwsSecretRotation": "aws.secret_rotation",
    "AwsSecretRotationArgs": "aws.secret_rotation",
    "AwsSecretSpec": "aws.secret_store",
    "AwsSecretStore": "aws.secret_store",
    "AwsSecretStoreArgs": "aws.secret_store",
    "AwsSopsKey": "aws.sops_key",
    "AwsSopsKeyArgs": "aws.sops_key",
    "AwsTeamIdentity": "aws.team_identity",
    "AwsTeamIdentityArgs": "aws.team_identity",
    "AwsTenant": "aws.tenant_keys",
    "AwsTenantKeys": "aws.tenant_keys",
    "AwsTenantKeysArgs": "aws.tenant_keys",
    "AzureArgoCdHubIdentity": "azure.argocd_hub",
    "AzureArgoCdHubIdentityArgs": "azure.argocd_hub",
    "AzureAudit": "azure.audit",
    "AzureAuditArgs": "azure.audit",
    "AzureCiIdentity": "azure.ci",
    "AzureCiIdentityArgs": "azure.ci",
    "AzureClusterIdentity": "azure.cluster_encryption",
    "AzureClusterIdentityArgs": "azure.cluster_encryption",
    "AzureDeployKey": "azure.deploy_key",
    "AzureDeployKeyArgs": "azure.deploy_key",
    "AzureDns01Identity": "azure.dns01",
    "AzureDns01IdentityArgs": "azure.dns01",
    "AzureEnvironmentConfig": "azure.config",
    "AzureEnvironmentKeys": "azure.keys",
    "AzureEnvironmentKeysArgs": "azure.keys",
    "AzureExistingIdentity": "azure.workload_identity",
    "AzureFoundation": "azure.foundation",
    "AzureFoundationArgs": "azure.foundation",
    "AzureNames": "azure.names",
    "AzureOperatorGrant": "azure.workload_identity",
    "AzureReposIdentity": "kubernetes.argocd.credentials",
    "AzureSecretSpec": "azure.secret_store",
    "AzureSecretStore": "azure.secret_store",
    "AzureSecretStoreArgs": "azure.secret_store",
    "AzureSopsKey": "azure.sops_key",
    "AzureSopsKeyArgs": "azure.sops_key",
    "AzureTeamIdentity": "azure.team_identity",
    "AzureTeamIdentityArgs": "azure.team_identity",
    "AzureTenantKeys": "azure.tenant_keys",
    "AzureTenantKeysArgs": "azure.tenant_keys",
    "AzureVaultNetwork": "azure.vault",
    "AzureWorkloadIdentity": "azure.workload_identity",
    "AzureWorkloadIdentityArgs": "azure.workload_identity",
    "BootstrapConfig": "config.parse",
    "CanaryRef": "contracts",
    "CertManager": "kubernetes.cert_manager.controller",
    "CertManagerArgs": "kubernetes.cert_manager.controller",
    "ChartSource": "kubernetes.operator",
    "CiSubject": "ci",
    "ClusterBootstrap": "cluster_bootstrap",
    "ClusterBootstrapArgs": "cluster_bootstrap",
    "ClusterEncryption": "contracts",
    "ClusterRef": "contracts",
    "ClusterSecretStore": "kubernetes.cluster_secret_store",
    "ClusterSecretStoreArgs": "kubernetes.cluster_secret_store",
    "ConfigError": "errors",
    "DeletionProfile": "deletion",
    "Dns01": "kubernetes.cert_manager.solvers",
    "Dns01Ref": "contracts",
    "EnvironmentConfig": "config.environment",
    "ExternalSecretsOperator": "kubernetes.operator",
    "ExternalSecretsOperatorArgs": "kubernetes.operator",
    "FirstSync": "kubernetes.first_sync",
    "FirstSyncArgs": "kubernetes.first_sync",
    "FirstSyncSettings": "cluster_bootstrap",
    "Foundation": "foundation",
    "GcpArgoCdHubAccount": "gcp.argocd_hub",
    "GcpArgoCdHubAccountArgs": "gcp.argocd_hub",
    "GcpAuditLogs": "gcp.audit",
    "GcpAuditLogsArgs": "gcp.audit",
    "GcpCiIdentity": "gcp.ci",
    "GcpCiIdentityArgs": "gcp.ci",
    "GcpDeployKey": "gcp.deploy_key",
    "GcpDeployKeyArgs": "gcp.deploy_key",
    "GcpDns01Role": "gcp.dns01",
    "GcpDns01RoleArgs": "gcp.dns01",
    "GcpEnvironmentConfig": "gcp.config",
    "GcpEnvironmentKeys": "gcp.keys",
    "GcpEnvironmentKeysArgs": "gcp.keys",
    "GcpFoundation": "gcp.foundation",
    "GcpFoundationArgs": "gcp.foundation",
    "GcpNames": "gcp.names",
    "GcpOperatorGrant": "gcp.operator_grants",
    "GcpPrincipalIdentity": "gcp.principal",
    "GcpPrincipalIdentityArgs": "gcp.principal",
    "GcpSecretRotation": "gcp.secret_store",
    "GcpSecretSpec": "gcp.secret_store",
    "GcpSecretStore": "gcp.secret_store",
    "GcpSecretStoreArgs": "gcp.secret_store",
    "GcpServiceAccountIdentity": "gcp.service_account",
    "GcpServiceAccountIdentityArgs": "gcp.service_account",
    "GcpSopsKey": "gcp.sops_key",
    "GcpSopsKeyArgs": "gcp.sops_key",
    "GcpTeamIdentity": "gcp.team_identity",
    "GcpTeamIdentityArgs": "gcp.team_identity",
    "GcpTenantKeys": "gcp.tenant_keys",
    "GcpTenantKeysArgs": "gcp.tenant_keys",
    "GeneratedDeployKey": "kubernetes.argocd.generated_key",
    "GeneratedDeployKeyArgs": "kubernetes.argocd.generated_key",
    "GitHubApp": "kubernetes.argocd.credentials",
    "GitHubSubForm": "ci",
    "Http01": "kubernetes.cert_manager.solvers",
    "HttpGateway": "kubernetes.cert_manager.solvers",
    "HttpsToken": "kubernetes.argocd.credentials",
    "IdentityKind": "contracts",
    "IdentityRef": "contracts",
    "IssuerRef": "kubernetes.cert_manager.issuer",
    "KeyRef": "contracts",
    "ManagerPrices": "refresh_cost",
    "Names": "contracts",
    "NamespaceSecretStore": "kubernetes.namespace_secret_store",
    "NamespaceSecretStoreArgs": "kubernetes.namespace_secret_store",
    "OperatorGrant": "aws.operator_role",
    "OperatorSettings": "cluster_bootstrap",
    "SealedBootstrap": "sealed_secrets.bootstrap",
    "SealedBootstrapArgs": "sealed_secrets.bootstrap",
    "SealedEnvironmentConfig": "config.sealed",
    "SealedSecrets": "sealed_secrets.controller",
    "SealedSecretsArgs": "sealed_secrets.controller",
    "SecretProviderClass": "kubernetes.csi.secret_provider_class",
    "SecretProviderClassArgs": "kubernetes.csi.secret_provider_class",
    "RefreshEstimate": "refresh_cost",
    "RefreshLimit": "kubernetes.refresh_limit",
    "RefreshLimitArgs": "kubernetes.refresh_limit",
    "RefreshLoad": "refresh_cost",
    "RestartedBy": "kubernetes.restarts",
    "SecretScope": "contracts",
    "SecretsBootstrap": "secrets_bootstrap",
    "SecretsBootstrapArgs": "secrets_bootstrap",
    "SecretsManagerReference": "kubernetes.argocd.credentials",
    "ServiceAccountRef": "contracts",
    "SshKey": "kubernetes.argocd.credentials",
    "StoreCondition": "kubernetes.cluster_secret_store",
    "StoreRef": "contracts",
    "Team": "teams",
    "TeamRefresh": "teams",
    "TeamStores": "kubernetes.team_stores",
    "TeamStoresArgs": "kubernetes.team_stores",
    "TlsCertificate": "kubernetes.cert_manager.certificate",
    "TlsCertificateArgs": "kubernetes.cert_manager.certificate",
    "VaultAudit": "vault.audit",
    "VaultAuditArgs": "vault.audit",
    "VaultCiRole": "vault.ci",
    "VaultCiRoleArgs": "vault.ci",
    "VaultDatabase": "vault.database",
    "VaultDatabaseArgs": "vault.database",
    "VaultDatabaseRole": "vault.database",
    "VaultDeployKey": "vault.deploy_key",
    "VaultDeployKeyArgs": "vault.deploy_key",
    "VaultDynamicCredentials": "vault.dynamic_credentials",
    "VaultDynamicCredentialsArgs": "vault.dynamic_credentials",
    "VaultEnvironmentConfig": "vault.config",
    "VaultEnvironmentKeys": "vault.keys",
    "VaultEnvironmentKeysArgs": "vault.keys",
    "VaultFoundation": "vault.foundation",
    "VaultFoundationArgs": "vault.foundation",
    "VaultJwtIdentity": "vault.jwt_identity",
    "VaultJwtIdentityArgs": "vault.jwt_identity",
    "VaultKubernetesIdentity": "vault.kubernetes_identity",
    "VaultKubernetesIdentityArgs": "vault.kubernetes_identity",
    "VaultNames": "vault.names",
    "VaultNodeEncryption": "vault.node_encryption",
    "VaultNodeEncryptionArgs": "vault.node_encryption",
    "VaultSecretSpec": "vault.secret_store",
    "VaultSecretStore": "vault.secret_store",
    "VaultSecretStoreArgs": "vault.secret_store",
    "VaultStaticRole": "vault.database",
    "VaultTeamIdentity": "vault.team_identity",
    "VaultTeamIdentityArgs": "vault.team_identity",
    "VaultTenantKeys": "vault.tenant_keys",
    "VaultTenantKeysArgs": "vault.tenant_keys",
    "aks_kms_profile": "azure.cluster_encryption",
    "argocd_aks_config": "kubernetes.argocd.clusters",
    "argocd_eks_config": "kubernetes.argocd.clusters",
    "argocd_gke_config": "kubernetes.argocd.clusters",
    "bitbucket_ci": "ci",
    "eks_encryption_config": "aws.cluster_encryption",
    "github_ci": "ci",
    "gitlab_ci": "ci",
    "gke_encryption_config": "gcp.cluster_encryption",
    "key_policies": "aws.foundation",
    "manager_prices": "refresh_cost",
    "node_files": "kubernetes.distributions.node_files",
    "parse_config": "config.parse",
    "refresh_estimate": "refresh_cost",
    "restart_annotations": "kubernetes.restarts",
    "team_scopes": "teams",
    "teams_estimate": "teams",
    "transit_user_policy": "vault.policies",
}

__all__ = [
    "AcmeDirectory",
    "AcmeIssuer",
    "AcmeIssuerArgs",
    "ArgoCdAccounts",
    "ArgoCdSecrets",
    "ArgoCdSecretsArgs",
    "ArgoCdSettings",
    "ArgoCdSpoke",
    "ArgoCdSpokeArgs",
    "ArgoCluster",
    "ArgoCredentialTemplate",
    "ArgoRepository",
    "AwsArgoCdHubRole",
    "AwsArgoCdHubRoleArgs",
    "AwsArgoCdSpokeRole",
    "AwsArgoCdSpokeRoleArgs",
    "AwsAuditTrail",
    "AwsAuditTrailArgs",
    "AwsCiRole",
    "AwsCiRoleArgs",
    "AwsDeployKey",
    "AwsDeployKeyArgs",
    "AwsDns01Role",
    "AwsDns01RoleArgs",
    "AwsEnvironmentConfig",
    "AwsEnvironmentKeys",
    "AwsEnvironmentKeysArgs",
    "AwsFoundation",
    "AwsFoundationArgs",
    "AwsIrsaIdentity",
    "AwsIrsaIdentityArgs",
    "AwsNames",
    "AwsNodeEncryption",
    "AwsNodeEncryptionArgs",
    "AwsPodIdentity",
    "AwsPodIdentityArgs",
    "AwsSecretRotation",
    "AwsSecretRotationArgs",
    "AwsSecretSpec",
    "AwsSecretStore",
    "AwsSecretStoreArgs",
    "AwsSopsKey",
    "AwsSopsKeyArgs",
    "AwsTeamIdentity",
    "AwsTeamIdentityArgs",
    "AwsTenant",
    "AwsTenantKeys",
    "AwsTenantKeysArgs",
    "AzureArgoCdHubIdentity",
    "AzureArgoCdHubIdentityArgs",
    "AzureAudit",
    "AzureAuditArgs",
    "AzureCiIdentity",
    "AzureCiIdentityArgs",
    "AzureClusterIdentity",
    "AzureClusterIdentityArgs",
    "AzureDeployKey",
    "AzureDeployKeyArgs",
    "AzureDns01Identity",
    "AzureDns01IdentityArgs",
    "AzureEnvironmentConfig",
    "AzureEnvironmentKeys",
    "AzureEnvironmentKeysArgs",
    "AzureExistingIdentity",
    "AzureFoundation",
    "AzureFoundationArgs",
    "AzureNames",
    "AzureOperatorGrant",
    "AzureReposIdentity",
    "AzureSecretSpec",
    "AzureSecretStore",
    "AzureSecretStoreArgs",
    "AzureSopsKey",
    "AzureSopsKeyArgs",
    "AzureTeamIdentity",
    "AzureTeamIdentityArgs",
    "AzureTenantKeys",
    "AzureTenantKeysArgs",
    "AzureVaultNetwork",
    "AzureWorkloadIdentity",
    "AzureWorkloadIdentityArgs",
    "BootstrapConfig",
    "CanaryRef",
    "CertManager",
    "CertManagerArgs",
    "ChartSource",
    "CiSubject",
    "ClusterBootstrap",
    "ClusterBootstrapArgs",
    "ClusterEncryption",
    "ClusterRef",
    "ClusterSecretStore",
    "ClusterSecretStoreArgs",
    "ConfigError",
    "DeletionProfile",
    "Dns01",
    "Dns01Ref",
    "EnvironmentConfig",
    "ExternalSecretsOperator",
    "ExternalSecretsOperatorArgs",
    "FirstSync",
    "FirstSyncArgs",
    "FirstSyncSettings",
    "Foundation",
    "GcpArgoCdHubAccount",
    "GcpArgoCdHubAccountArgs",
    "GcpAuditLogs",
    "GcpAuditLogsArgs",
    "GcpCiIdentity",
    "GcpCiIdentityArgs",
    "GcpDeployKey",
    "GcpDeployKeyArgs",
    "GcpDns01Role",
    "GcpDns01RoleArgs",
    "GcpEnvironmentConfig",
    "GcpEnvironmentKeys",
    "GcpEnvironmentKeysArgs",
    "GcpFoundation",
    "GcpFoundationArgs",
    "GcpNames",
    "GcpOperatorGrant",
    "GcpPrincipalIdentity",
    "GcpPrincipalIdentityArgs",
    "GcpSecretRotation",
    "GcpSecretSpec",
    "GcpSecretStore",
    "GcpSecretStoreArgs",
    "GcpServiceAccountIdentity",
    "GcpServiceAccountIdentityArgs",
    "GcpSopsKey",
    "GcpSopsKeyArgs",
    "GcpTeamIdentity",
    "GcpTeamIdentityArgs",
    "GcpTenantKeys",
    "GcpTenantKeysArgs",
    "GeneratedDeployKey",
    "GeneratedDeployKeyArgs",
    "GitHubApp",
    "GitHubSubForm",
    "Http01",
    "HttpGateway",
    "HttpsToken",
    "IdentityKind",
    "IdentityRef",
    "IssuerRef",
    "KeyRef",
    "ManagerPrices",
    "Names",
    "NamespaceSecretStore",
    "NamespaceSecretStoreArgs",
    "OperatorGrant",
    "OperatorSettings",
    "RefreshEstimate",
    "RefreshLimit",
    "RefreshLimitArgs",
    "RefreshLoad",
    "RestartedBy",
    "SealedBootstrap",
    "SealedBootstrapArgs",
    "SealedEnvironmentConfig",
    "SealedSecrets",
    "SealedSecretsArgs",
    "SecretProviderClass",
    "SecretProviderClassArgs",
    "SecretScope",
    "SecretsBootstrap",
    "SecretsBootstrapArgs",
    "SecretsManagerReference",
    "ServiceAccountRef",
    "SshKey",
    "StoreCondition",
    "StoreRef",
    "Team",
    "TeamRefresh",
    "TeamStores",
    "TeamStoresArgs",
    "TlsCertificate",
    "TlsCertificateArgs",
    "VaultAudit",
    "VaultAuditArgs",
    "VaultCiRole",
    "VaultCiRoleArgs",
    "VaultDatabase",
    "VaultDatabaseArgs",
    "VaultDatabaseRole",
    "VaultDeployKey",
    "VaultDeployKeyArgs",
    "VaultDynamicCredentials",
    "VaultDynamicCredentialsArgs",
    "VaultEnvironmentConfig",
    "VaultEnvironmentKeys",
    "VaultEnvironmentKeysArgs",
    "VaultFoundation",
    "VaultFoundationArgs",
    "VaultJwtIdentity",
    "VaultJwtIdentityArgs",
    "VaultKubernetesIdentity",
    "VaultKubernetesIdentityArgs",
    "VaultNames",
    "VaultNodeEncryption",
    "VaultNodeEncryptionArgs",
    "VaultSecretSpec",
    "VaultSecretStore",
    "VaultSecretStoreArgs",
    "VaultStaticRole",
    "VaultTeamIdentity",
    "VaultTeamIdentityArgs",
    "VaultTenantKeys",
    "VaultTenantKeysArgs",
    "aks_kms_profile",
    "argocd_aks_config",
    "argocd_eks_config",
    "argocd_gke_config",
    "bitbucket_ci",
    "eks_encryption_config",
    "github_ci",
    "gitlab_ci",
    "gke_encryption_config",
    "key_policies",
    "manager_prices",
    "node_files",
    "parse_config",
    "refresh_estimate",
    "restart_annotations",
    "team_scopes",
    "teams_estimate",
    "transit_user_policy",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
