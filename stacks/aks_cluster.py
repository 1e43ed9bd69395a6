"""An AKS cluster whose Secrets are encrypted by the environment's key from its first second. It makes no network."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import yaml
from pulumi_azure_native import containerservice

from components import AzureNames, ClusterEncryption, ClusterRef, aks_kms_profile
from components.arguments import Arguments
from components.azure.config import AksClusterConfig
from components.azure.forms import PrincipalType
from components.azure.roles import AzureRole, role_assignment

# The application of every AKS API server in Microsoft Entra (kubelogin, README: `--server-id`).
_AKS_SERVER_ID = "6dae42f8-4368-4678-94ff-3960e28e3630"


@dataclass(frozen=True, kw_only=True)
class AksClusterArgs(Arguments):
    """Arguments of AksCluster.

    names: the environment's names.
    cluster_name: the cluster's name.
    settings: subnet, version, nodes and who reaches the API.
    encryption: the key for Secrets and the identity that may use it.
    administrators: who may do everything in the cluster, by object id, each with its type.
    protect: whether a destroy of the cluster is refused.
    """

    names: AzureNames
    cluster_name: str
    settings: AksClusterConfig
    encryption: ClusterEncryption
    administrators: Mapping[str, PrincipalType]
    protect: bool


class AksCluster(pulumi.ComponentResource):
    """An AKS cluster that knows no local account: who gets in is said by roles of Azure.

    Creates:
    - the cluster with its nodes, issuer and Workload ID, and the key wired in;
    - for each administrator the role Azure Kubernetes Service RBAC Cluster Admin on this cluster.

    Outputs:
    - `cluster`: the cluster, with a provider that gets in by kubelogin (ClusterRef).

    Sources: AKS, "Add Key Management Service etcd encryption", "Use Azure RBAC for Kubernetes authorization", "Manage
    local accounts", "Create an OpenID Connect provider".
    """

    cluster: ClusterRef

    def __init__(self, name: str, args: AksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AksCluster", name, None, opts)
        names = args.names
        cluster = self._cluster(name, args)
        access = [
            role_assignment(
                f"{name}-administrator-{who}",
                role=AzureRole.AKS_RBAC_CLUSTER_ADMIN,
                scope=names.cluster_id(args.cluster_name),
                principal_id=who,
                principal_type=kind,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[cluster]),
            )
            for who, kind in args.administrators.items()
        ]
        # It holds the API's address and authority; without local accounts it holds no credential.
        file = containerservice.list_managed_cluster_user_credentials_output(
            resource_group_name=names.resource_group,
            resource_name=cluster.name,
            format="exec",
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        provider = kubernetes.Provider(
            f"{name}-kubernetes",
            kubeconfig=file.kubeconfigs.apply(lambda files: _with_kubelogin(files[0].value)),
            # Without it, a kubeconfig that is unknown in a preview replaces everything in the cluster (pulumi #11521).
            cluster_identifier=names.cluster_id(args.cluster_name),
            enable_server_side_apply=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[cluster, *access]),
        )
        self.cluster = ClusterRef(
            name=args.cluster_name,
            issuer_url=cluster.oidc_issuer_profile.apply(_issuer),
            provider=provider,
            gates=[cluster, *access],
        )
        self.register_outputs({"clusterName": cluster.name, "clusterId": cluster.id})

    def _cluster(self, name: str, args: AksClusterArgs) -> containerservice.ManagedCluster:
        names, settings, encryption = args.names, args.settings, args.encryption
        assert encryption.identity_id is not None  # AzureClusterIdentity makes one
        return containerservice.ManagedCluster(
            f"{name}-aks",
            resource_name_=args.cluster_name,
            resource_group_name=names.resource_group,
            location=names.location,
            dns_prefix=f"{names.prefix}-{names.environment}",
            kubernetes_version=settings.version,
            sku=containerservice.ManagedClusterSKUArgs(name="Base", tier="Standard"),
            identity=containerservice.ManagedClusterIdentityArgs(
                type=containerservice.ResourceIdentityType.USER_ASSIGNED,
                user_assigned_identities=[encryption.identity_id],
            ),
            security_profile=containerservice.ManagedClusterSecurityProfileArgs(
                azure_key_vault_kms=aks_kms_profile(encryption),
                workload_identity=containerservice.ManagedClusterSecurityProfileWorkloadIdentityArgs(enabled=True),
            ),
            oidc_issuer_profile=containerservice.ManagedClusterOIDCIssuerProfileArgs(enabled=True),
            disable_local_accounts=True,
            enable_rbac=True,
            aad_profile=containerservice.ManagedClusterAADProfileArgs(
                managed=True, enable_azure_rbac=True, tenant_id=names.tenant_id
            ),
            api_server_access_profile=containerservice.ManagedClusterAPIServerAccessProfileArgs(
                enable_private_cluster=settings.public_access_cidrs is None,
                authorized_ip_ranges=settings.public_access_cidrs,
                disable_run_command=True,
            ),
            network_profile=containerservice.ContainerServiceNetworkProfileArgs(
                network_plugin="azure", network_plugin_mode="overlay", load_balancer_sku="standard"
            ),
            agent_pool_profiles=[
                containerservice.ManagedClusterAgentPoolProfileArgs(
                    name="nodes",
                    mode="System",
                    type="VirtualMachineScaleSets",
                    os_type="Linux",
                    count=settings.nodes,
                    vm_size=settings.vm_size,
                    vnet_subnet_id=settings.subnet_id,
                )
            ],
            tags=names.tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=encryption.gates, protect=args.protect),
        )


def _issuer(profile: Any) -> str:
    return profile.issuer_url


def _with_kubelogin(encoded: str) -> str:
    """A kubeconfig without a credential: kubelogin gets a short-lived token with what the Azure CLI is signed in as."""
    (entry,) = yaml.safe_load(base64.b64decode(encoded))["clusters"]
    token = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": ["get-token", "--login", "azurecli", "--server-id", _AKS_SERVER_ID],
        "interactiveMode": "Never",
    }
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "aks",
        "clusters": [{"name": "aks", "cluster": entry["cluster"]}],
        "contexts": [{"name": "aks", "context": {"cluster": "aks", "user": "aks"}}],
        "users": [{"name": "aks", "user": {"exec": token}}],
    }
    return yaml.safe_dump(kubeconfig, sort_keys=False)
