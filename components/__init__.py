"""secrets-bootstrap: Pulumi components that take an environment from nothing to its first synced secret.

Names are resolved when they are first used (PEP 562): importing the package loads no cloud's SDK.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .aws.audit import AwsAuditTrail as AwsAuditTrail
    from .aws.audit import AwsAuditTrailArgs as AwsAuditTrailArgs
    from .aws.cluster_encryption import AwsNodeEncryption as AwsNodeEncryption
    from .aws.cluster_encryption import AwsNodeEncryptionArgs as AwsNodeEncryptionArgs
    from .aws.cluster_encryption import eks_encryption_config as eks_encryption_config
    from .aws.config import AwsEnvironmentConfig as AwsEnvironmentConfig
    from .aws.deploy_key import AwsDeployKey as AwsDeployKey
    from .aws.deploy_key import AwsDeployKeyArgs as AwsDeployKeyArgs
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
    from .azure.audit import AzureAudit as AzureAudit
    from .azure.audit import AzureAuditArgs as AzureAuditArgs
    from .azure.cluster_encryption import AzureClusterIdentity as AzureClusterIdentity
    from .azure.cluster_encryption import AzureClusterIdentityArgs as AzureClusterIdentityArgs
    from .azure.cluster_encryption import aks_kms_profile as aks_kms_profile
    from .azure.config import AzureEnvironmentConfig as AzureEnvironmentConfig
    from .azure.deploy_key import AzureDeployKey as AzureDeployKey
    from .azure.deploy_key import AzureDeployKeyArgs as AzureDeployKeyArgs
    from .azure.foundation import AzureFoundation as AzureFoundation
    from .azure.foundation import AzureFoundationArgs as AzureFoundationArgs
    from .azure.keys import AzureEnvironmentKeys as AzureEnvironmentKeys
    from .azure.keys import AzureEnvironmentKeysArgs as AzureEnvironmentKeysArgs
    from .azure.names import AzureNames as AzureNames
    from .azure.secret_store import AzureSecretSpec as AzureSecretSpec
    from .azure.secret_store import AzureSecretStore as AzureSecretStore
    from .azure.secret_store import AzureSecretStoreArgs as AzureSecretStoreArgs
    from .azure.vault import AzureVaultNetwork as AzureVaultNetwork
    from .azure.workload_identity import AzureExistingIdentity as AzureExistingIdentity
    from .azure.workload_identity import AzureOperatorGrant as AzureOperatorGrant
    from .azure.workload_identity import AzureWorkloadIdentity as AzureWorkloadIdentity
    from .azure.workload_identity import AzureWorkloadIdentityArgs as AzureWorkloadIdentityArgs
    from .cluster_bootstrap import ArgoCdSettings as ArgoCdSettings
    from .cluster_bootstrap import ClusterBootstrap as ClusterBootstrap
    from .cluster_bootstrap import ClusterBootstrapArgs as ClusterBootstrapArgs
    from .cluster_bootstrap import FirstSyncSettings as FirstSyncSettings
    from .cluster_bootstrap import OperatorSettings as OperatorSettings
    from .config.environment import EnvironmentConfig as EnvironmentConfig
    from .config.parse import BootstrapConfig as BootstrapConfig
    from .config.parse import parse_config as parse_config
    from .contracts import CanaryRef as CanaryRef
    from .contracts import ClusterEncryption as ClusterEncryption
    from .contracts import ClusterRef as ClusterRef
    from .contracts import IdentityKind as IdentityKind
    from .contracts import IdentityRef as IdentityRef
    from .contracts import KeyRef as KeyRef
    from .contracts import Names as Names
    from .contracts import ServiceAccountRef as ServiceAccountRef
    from .contracts import StoreRef as StoreRef
    from .deletion import DeletionProfile as DeletionProfile
    from .errors import ConfigError as ConfigError
    from .foundation import Foundation as Foundation
    from .gcp.audit import GcpAuditLogs as GcpAuditLogs
    from .gcp.audit import GcpAuditLogsArgs as GcpAuditLogsArgs
    from .gcp.cluster_encryption import gke_encryption_config as gke_encryption_config
    from .gcp.config import GcpEnvironmentConfig as GcpEnvironmentConfig
    from .gcp.deploy_key import GcpDeployKey as GcpDeployKey
    from .gcp.deploy_key import GcpDeployKeyArgs as GcpDeployKeyArgs
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
    from .kubernetes.argocd import ArgoCdSecrets as ArgoCdSecrets
    from .kubernetes.argocd import ArgoCdSecretsArgs as ArgoCdSecretsArgs
    from .kubernetes.argocd import ArgoCluster as ArgoCluster
    from .kubernetes.argocd import ArgoRepository as ArgoRepository
    from .kubernetes.cluster_secret_store import ClusterSecretStore as ClusterSecretStore
    from .kubernetes.cluster_secret_store import ClusterSecretStoreArgs as ClusterSecretStoreArgs
    from .kubernetes.cluster_secret_store import StoreCondition as StoreCondition
    from .kubernetes.distributions.node_files import node_files as node_files
    from .kubernetes.first_sync import FirstSync as FirstSync
    from .kubernetes.first_sync import FirstSyncArgs as FirstSyncArgs
    from .kubernetes.namespace_secret_store import NamespaceSecretStore as NamespaceSecretStore
    from .kubernetes.namespace_secret_store import NamespaceSecretStoreArgs as NamespaceSecretStoreArgs
    from .kubernetes.operator import ChartSource as ChartSource
    from .kubernetes.operator import ExternalSecretsOperator as ExternalSecretsOperator
    from .kubernetes.operator import ExternalSecretsOperatorArgs as ExternalSecretsOperatorArgs
    from .kubernetes.restarts import RestartedBy as RestartedBy
    from .kubernetes.restarts import restart_annotations as restart_annotations
    from .secrets_bootstrap import SecretsBootstrap as SecretsBootstrap
    from .secrets_bootstrap import SecretsBootstrapArgs as SecretsBootstrapArgs
    from .vault.audit import VaultAudit as VaultAudit
    from .vault.audit import VaultAuditArgs as VaultAuditArgs
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

_HOME = {
    "ArgoCdSecrets": "kubernetes.argocd",
    "ArgoCdSecretsArgs": "kubernetes.argocd",
    "ArgoCdSettings": "cluster_bootstrap",
    "ArgoCluster": "kubernetes.argocd",
    "ArgoRepository": "kubernetes.argocd",
    "AwsAuditTrail": "aws.audit",
    "AwsAuditTrailArgs": "aws.audit",
    "AwsDeployKey": "aws.deploy_key",
    "AwsDeployKeyArgs": "aws.deploy_key",
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
    "AzureAudit": "azure.audit",
    "AzureAuditArgs": "azure.audit",
    "AzureClusterIdentity": "azure.cluster_encryption",
    "AzureClusterIdentityArgs": "azure.cluster_encryption",
    "AzureDeployKey": "azure.deploy_key",
    "AzureDeployKeyArgs": "azure.deploy_key",
    "AzureEnvironmentConfig": "azure.config",
    "AzureEnvironmentKeys": "azure.keys",
    "AzureEnvironmentKeysArgs": "azure.keys",
    "AzureExistingIdentity": "azure.workload_identity",
    "AzureFoundation": "azure.foundation",
    "AzureFoundationArgs": "azure.foundation",
    "AzureNames": "azure.names",
    "AzureOperatorGrant": "azure.workload_identity",
    "AzureSecretSpec": "azure.secret_store",
    "AzureSecretStore": "azure.secret_store",
    "AzureSecretStoreArgs": "azure.secret_store",
    "AzureVaultNetwork": "azure.vault",
    "AzureWorkloadIdentity": "azure.workload_identity",
    "AzureWorkloadIdentityArgs": "azure.workload_identity",
    "BootstrapConfig": "config.parse",
    "CanaryRef": "contracts",
    "ChartSource": "kubernetes.operator",
    "ClusterBootstrap": "cluster_bootstrap",
    "ClusterBootstrapArgs": "cluster_bootstrap",
    "ClusterEncryption": "contracts",
    "ClusterRef": "contracts",
    "ClusterSecretStore": "kubernetes.cluster_secret_store",
    "ClusterSecretStoreArgs": "kubernetes.cluster_secret_store",
    "ConfigError": "errors",
    "DeletionProfile": "deletion",
    "EnvironmentConfig": "config.environment",
    "ExternalSecretsOperator": "kubernetes.operator",
    "ExternalSecretsOperatorArgs": "kubernetes.operator",
    "FirstSync": "kubernetes.first_sync",
    "FirstSyncArgs": "kubernetes.first_sync",
    "FirstSyncSettings": "cluster_bootstrap",
    "Foundation": "foundation",
    "GcpAuditLogs": "gcp.audit",
    "GcpAuditLogsArgs": "gcp.audit",
    "GcpDeployKey": "gcp.deploy_key",
    "GcpDeployKeyArgs": "gcp.deploy_key",
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
    "IdentityKind": "contracts",
    "IdentityRef": "contracts",
    "KeyRef": "contracts",
    "Names": "contracts",
    "NamespaceSecretStore": "kubernetes.namespace_secret_store",
    "NamespaceSecretStoreArgs": "kubernetes.namespace_secret_store",
    "OperatorGrant": "aws.operator_role",
    "OperatorSettings": "cluster_bootstrap",
    "RestartedBy": "kubernetes.restarts",
    "SecretsBootstrap": "secrets_bootstrap",
    "SecretsBootstrapArgs": "secrets_bootstrap",
    "ServiceAccountRef": "contracts",
    "StoreCondition": "kubernetes.cluster_secret_store",
    "StoreRef": "contracts",
    "VaultAudit": "vault.audit",
    "VaultAuditArgs": "vault.audit",
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
    "aks_kms_profile": "azure.cluster_encryption",
    "eks_encryption_config": "aws.cluster_encryption",
    "gke_encryption_config": "gcp.cluster_encryption",
    "key_policies": "aws.foundation",
    "node_files": "kubernetes.distributions.node_files",
    "parse_config": "config.parse",
    "restart_annotations": "kubernetes.restarts",
    "transit_user_policy": "vault.policies",
}

__all__ = [
    "ArgoCdSecrets",
    "ArgoCdSecretsArgs",
    "ArgoCdSettings",
    "ArgoCluster",
    "ArgoRepository",
    "AwsAuditTrail",
    "AwsAuditTrailArgs",
    "AwsDeployKey",
    "AwsDeployKeyArgs",
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
    "AzureAudit",
    "AzureAuditArgs",
    "AzureClusterIdentity",
    "AzureClusterIdentityArgs",
    "AzureDeployKey",
    "AzureDeployKeyArgs",
    "AzureEnvironmentConfig",
    "AzureEnvironmentKeys",
    "AzureEnvironmentKeysArgs",
    "AzureExistingIdentity",
    "AzureFoundation",
    "AzureFoundationArgs",
    "AzureNames",
    "AzureOperatorGrant",
    "AzureSecretSpec",
    "AzureSecretStore",
    "AzureSecretStoreArgs",
    "AzureVaultNetwork",
    "AzureWorkloadIdentity",
    "AzureWorkloadIdentityArgs",
    "BootstrapConfig",
    "CanaryRef",
    "ChartSource",
    "ClusterBootstrap",
    "ClusterBootstrapArgs",
    "ClusterEncryption",
    "ClusterRef",
    "ClusterSecretStore",
    "ClusterSecretStoreArgs",
    "ConfigError",
    "DeletionProfile",
    "EnvironmentConfig",
    "ExternalSecretsOperator",
    "ExternalSecretsOperatorArgs",
    "FirstSync",
    "FirstSyncArgs",
    "FirstSyncSettings",
    "Foundation",
    "GcpAuditLogs",
    "GcpAuditLogsArgs",
    "GcpDeployKey",
    "GcpDeployKeyArgs",
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
    "IdentityKind",
    "IdentityRef",
    "KeyRef",
    "Names",
    "NamespaceSecretStore",
    "NamespaceSecretStoreArgs",
    "OperatorGrant",
    "OperatorSettings",
    "RestartedBy",
    "SecretsBootstrap",
    "SecretsBootstrapArgs",
    "ServiceAccountRef",
    "StoreCondition",
    "StoreRef",
    "VaultAudit",
    "VaultAuditArgs",
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
    "aks_kms_profile",
    "eks_encryption_config",
    "gke_encryption_config",
    "key_policies",
    "node_files",
    "parse_config",
    "restart_annotations",
    "transit_user_policy",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
