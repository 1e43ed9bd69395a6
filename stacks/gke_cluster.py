"""A GKE cluster whose Secrets are encrypted by the environment's key from its first second. It makes no network."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as kubernetes

from components import ClusterEncryption, ClusterRef, GcpNames, gke_encryption_config
from components.arguments import Arguments
from components.gcp.config import GkeClusterConfig
from components.gcp.names import NODES_ACCOUNT_ID
from components.gcp.roles import NODE


@dataclass(frozen=True, kw_only=True)
class GkeClusterArgs(Arguments):
    """Arguments of GkeCluster.

    names: the environment's names.
    cluster_name: the cluster's name.
    settings: network, nodes and who reaches the API.
    encryption: the key for Secrets, and what must exist before: the grant of the key to GKE.
    protect: whether a destroy of the cluster is refused.
    """

    names: GcpNames
    cluster_name: str
    settings: GkeClusterConfig
    encryption: ClusterEncryption
    protect: bool


class GkeCluster(pulumi.ComponentResource):
    """A regional GKE cluster with private nodes that run as a service account of their own.

    Creates:
    - the nodes' service account `<prefix>-<environment>-nodes` and its one role, which opens no secret;
    - the cluster, in the project's pool of workload identities, and its node pool. Pods get at no credential of the
      nodes: the nodes answer with GKE's metadata server.

    Outputs:
    - `cluster`: the cluster, with a provider that gets in by `gke-gcloud-auth-plugin` (ClusterRef).

    Sources: GKE, "Harden your cluster's security", "Customize your network isolation" and "Authenticate to Google Cloud
    APIs from GKE workloads".
    """

    cluster: ClusterRef

    def __init__(self, name: str, args: GkeClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GkeCluster", name, None, opts)
        self._name, self._args = name, args
        names = args.names
        account = gcp.serviceaccount.Account(
            f"{name}-nodes-account",
            account_id=names.account_id(NODES_ACCOUNT_ID),
            project=names.project_id,
            display_name=f"GKE nodes of {names.prefix} {names.environment}",
            opts=pulumi.ResourceOptions(parent=self),
        )
        role = gcp.projects.IAMMember(
            f"{name}-nodes-role",
            project=names.project_id,
            role=NODE,
            member=account.member,
            opts=pulumi.ResourceOptions(parent=self),
        )
        cluster = self._control_plane(account, role)
        nodes = self._nodes(cluster, account)
        provider = kubernetes.Provider(
            f"{name}-kubernetes",
            kubeconfig=_kubeconfig(cluster),
            # Without it, a kubeconfig that is unknown in a preview replaces everything in the cluster (pulumi #11521).
            cluster_identifier=names.cluster_resource(args.cluster_name),
            enable_server_side_apply=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[nodes]),
        )
        self.cluster = ClusterRef(
            name=args.cluster_name,
            issuer_url=names.issuer_url(args.cluster_name),
            provider=provider,
            gates=[cluster, nodes],
        )
        self.register_outputs({"clusterName": cluster.name})

    def _control_plane(self, account: gcp.serviceaccount.Account, role: pulumi.Resource) -> gcp.container.Cluster:
        args, names, settings = self._args, self._args.names, self._args.settings
        cidrs = settings.public_access_cidrs
        return gcp.container.Cluster(
            f"{self._name}-gke",
            name=args.cluster_name,
            project=names.project_id,
            location=names.location,
            node_locations=settings.zones,
            network=settings.network,
            subnetwork=settings.subnetwork,
            networking_mode="VPC_NATIVE",
            ip_allocation_policy=gcp.container.ClusterIpAllocationPolicyArgs(),
            database_encryption=gke_encryption_config(args.encryption.key),
            workload_identity_config=gcp.container.ClusterWorkloadIdentityConfigArgs(workload_pool=names.workload_pool),
            private_cluster_config=gcp.container.ClusterPrivateClusterConfigArgs(
                enable_private_nodes=True, enable_private_endpoint=cidrs is None
            ),
            master_authorized_networks_config=gcp.container.ClusterMasterAuthorizedNetworksConfigArgs(
                cidr_blocks=[
                    gcp.container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgs(cidr_block=cidr)
                    for cidr in cidrs or ()
                ],
                gcp_public_cidrs_access_enabled=False,
            ),
            release_channel=gcp.container.ClusterReleaseChannelArgs(channel=settings.release_channel),
            # The pool that comes with a cluster goes at once; till then its nodes are no better equipped than ours.
            remove_default_node_pool=True,
            initial_node_count=1,
            node_config=gcp.container.ClusterNodeConfigArgs(
                service_account=account.email,
                oauth_scopes=[_SCOPE],
                workload_metadata_config=gcp.container.ClusterNodeConfigWorkloadMetadataConfigArgs(mode="GKE_METADATA"),
            ),
            resource_labels=names.labels(),
            deletion_protection=args.protect,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                # A component hands its own `depends_on` to no child.
                depends_on=[role, *args.encryption.gates],
                # It describes the pool that is gone, and a difference would replace the cluster.
                ignore_changes=["nodeConfig"],
            ),
        )

    def _nodes(self, cluster: gcp.container.Cluster, account: gcp.serviceaccount.Account) -> gcp.container.NodePool:
        settings = self._args.settings
        return gcp.container.NodePool(
            f"{self._name}-nodes",
            cluster=cluster.id,
            node_count=settings.nodes_per_zone,
            node_config=gcp.container.NodePoolNodeConfigArgs(
                machine_type=settings.machine_type,
                service_account=account.email,
                oauth_scopes=[_SCOPE],
                metadata={"disable-legacy-endpoints": "true"},
                shielded_instance_config=gcp.container.NodePoolNodeConfigShieldedInstanceConfigArgs(
                    enable_secure_boot=True, enable_integrity_monitoring=True
                ),
                workload_metadata_config=gcp.container.NodePoolNodeConfigWorkloadMetadataConfigArgs(
                    mode="GKE_METADATA"
                ),
            ),
            management=gcp.container.NodePoolManagementArgs(auto_repair=True, auto_upgrade=True),
            opts=pulumi.ResourceOptions(parent=self),
        )


# What nodes may do is limited by their service account's role, not by scopes (GKE, "Access scopes in GKE").
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


def _kubeconfig(cluster: gcp.container.Cluster) -> pulumi.Output[str]:
    """A kubeconfig without a credential: the plugin gets a short-lived token of the caller whenever one is needed."""
    token = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "gke-gcloud-auth-plugin",
        # The credentials that the provider of Google Cloud takes too.
        "args": ["--use_application_default_credentials"],
        "provideClusterInfo": True,
        "interactiveMode": "Never",
    }
    return pulumi.Output.json_dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "gke",
            "clusters": [
                {
                    "name": "gke",
                    "cluster": {
                        "server": pulumi.Output.concat("https://", cluster.endpoint),
                        "certificate-authority-data": cluster.master_auth.cluster_ca_certificate,
                    },
                }
            ],
            "contexts": [{"name": "gke", "context": {"cluster": "gke", "user": "gke"}}],
            "users": [{"name": "gke", "user": {"exec": token}}],
        }
    )
