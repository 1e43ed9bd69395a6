"""An EKS cluster whose Secrets are encrypted by the environment's key from its first second. It makes no network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from components import AwsNames, ClusterRef, KeyRef, eks_encryption_config
from components.arguments import Arguments
from components.aws.config import EksClusterConfig
from components.aws.names import EKS_CLUSTER_ROLE, EKS_NODES_ROLE
from components.aws.statements import to_json
from components.aws.trust import service_trust

_NODE_POLICIES = ("AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy")


@dataclass(frozen=True, kw_only=True)
class EksClusterArgs(Arguments):
    """Arguments of EksCluster.

    names: the environment's names.
    cluster_name: the cluster's name.
    settings: subnets, version, nodes and who reaches the API.
    encryption_key: the key for Secrets; it cannot be taken back.
    administrators: ARNs that may do everything in the cluster, each with a last part of its own.
    pod_identity: whether the Pod Identity agent is installed.
    protect: whether a destroy of the cluster is refused.
    role_arn: the administrator that the program takes to reach the cluster; default none: its caller's own identity.
    """

    names: AwsNames
    cluster_name: str
    settings: EksClusterConfig
    encryption_key: KeyRef
    administrators: Sequence[str]
    pod_identity: bool
    protect: bool
    role_arn: str | None = None


class EksCluster(pulumi.ComponentResource):
    """An EKS cluster with a managed node group, API access entries and no implicit administrator.

    Creates:
    - the roles of the cluster and of its nodes;
    - the cluster and its node group;
    - an access entry for each administrator;
    - the agent, for Pod Identity.

    Outputs:
    - `cluster`: the cluster, with a provider that gets in by `aws eks get-token` (ClusterRef).

    Sources: EKS User Guide, "Amazon EKS cluster IAM role", "node IAM role", "access entries", "Pod Identity agent".
    """

    cluster: ClusterRef

    def __init__(self, name: str, args: EksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:EksCluster", name, None, opts)
        self._name, self._args, self._children = name, args, pulumi.ResourceOptions(parent=self)
        cluster = self._control_plane()
        access = self._access(cluster)
        nodes = self._nodes(cluster)
        gates: list[pulumi.Resource] = [cluster, nodes, *access]
        if args.pod_identity:
            gates.append(self._pod_identity_agent(cluster, nodes))
        provider = eks_provider(
            name, args, cluster, cluster.endpoint, pulumi.ResourceOptions(parent=self, depends_on=gates)
        )
        self.cluster = ClusterRef(
            name=args.cluster_name,
            issuer_url=cluster.identities.apply(issuer_of),
            provider=provider,
            gates=gates,
        )
        self.register_outputs({"clusterName": cluster.name, "clusterArn": cluster.arn})

    def _control_plane(self) -> aws.eks.Cluster:
        args, settings = self._args, self._args.settings
        role, attached = self._role("cluster", EKS_CLUSTER_ROLE, "eks.amazonaws.com", ("AmazonEKSClusterPolicy",))
        return aws.eks.Cluster(
            f"{self._name}-eks",
            name=args.cluster_name,
            role_arn=role.arn,
            version=settings.version,
            encryption_config=eks_encryption_config(args.encryption_key),
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=settings.subnet_ids,
                endpoint_private_access=True,
                endpoint_public_access=settings.public_access_cidrs is not None,
                public_access_cidrs=settings.public_access_cidrs,
            ),
            enabled_cluster_log_types=["api", "audit", "authenticator"],
            tags=args.names.tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=attached, protect=args.protect),
        )

    def _nodes(self, cluster: aws.eks.Cluster) -> aws.eks.NodeGroup:
        settings = self._args.settings
        role, attached = self._role("nodes", EKS_NODES_ROLE, "ec2.amazonaws.com", _NODE_POLICIES)
        return aws.eks.NodeGroup(
            f"{self._name}-nodes",
            cluster_name=cluster.name,
            node_role_arn=role.arn,
            subnet_ids=settings.subnet_ids,
            ami_type=settings.ami_type,
            instance_types=settings.instance_types,
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                desired_size=settings.nodes, min_size=settings.nodes, max_size=settings.nodes + 1
            ),
            tags=self._args.names.tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=attached),
        )

    def _access(self, cluster: aws.eks.Cluster) -> list[pulumi.Resource]:
        partition = self._args.names.partition
        created: list[pulumi.Resource] = []
        for arn in self._args.administrators:
            who = principal_name(arn)
            entry = aws.eks.AccessEntry(
                f"{self._name}-access-{who}",
                cluster_name=cluster.name,
                principal_arn=arn,
                tags=self._args.names.tags(),
                opts=self._children,
            )
            policy = aws.eks.AccessPolicyAssociation(
                f"{self._name}-access-{who}-admin",
                cluster_name=cluster.name,
                principal_arn=entry.principal_arn,
                policy_arn=f"arn:{partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
                access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                opts=self._children,
            )
            created += [entry, policy]
        return created

    def _pod_identity_agent(self, cluster: aws.eks.Cluster, nodes: aws.eks.NodeGroup) -> aws.eks.Addon:
        return aws.eks.Addon(
            f"{self._name}-pod-identity-agent",
            cluster_name=cluster.name,
            addon_name="eks-pod-identity-agent",
            tags=self._args.names.tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[nodes]),
        )

    def _role(
        self, resource: str, role: str, service: str, policies: Sequence[str]
    ) -> tuple[aws.iam.Role, list[aws.iam.RolePolicyAttachment]]:
        names = self._args.names
        created = aws.iam.Role(
            f"{self._name}-{resource}-role",
            name=names.role_name(role),
            assume_role_policy=to_json(service_trust(service)),
            tags=names.tags(),
            opts=self._children,
        )
        attached = [
            aws.iam.RolePolicyAttachment(
                f"{self._name}-{resource}-{policy}",
                role=created.name,
                policy_arn=f"arn:{names.partition}:iam::aws:policy/{policy}",
                opts=self._children,
            )
            for policy in policies
        ]
        return created, attached


def eks_provider(
    name: str,
    args: EksClusterArgs,
    cluster: aws.eks.Cluster,
    endpoint: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> kubernetes.Provider:
    """The provider `<name>-kubernetes`, which gets into an EKS cluster by `aws eks get-token`."""
    return kubernetes.Provider(
        f"{name}-kubernetes",
        kubeconfig=_kubeconfig(cluster, endpoint, args.names.region, args.role_arn),
        # Without it, a kubeconfig that is unknown in a preview replaces everything in the cluster (pulumi #11521).
        cluster_identifier=args.names.cluster_arn(args.cluster_name),
        enable_server_side_apply=True,
        opts=opts,
    )


def principal_name(arn: str) -> str:
    """What a role's or user's access entry is called: the last part of the ARN."""
    return arn.rsplit("/", 1)[-1]


def issuer_of(identities: Sequence[Any]) -> str:
    """The issuer in what EKS says of a cluster's identities."""
    return identities[0].oidcs[0].issuer


def _kubeconfig(
    cluster: aws.eks.Cluster, endpoint: pulumi.Output[str], region: str, role_arn: str | None
) -> pulumi.Output[str]:
    """A kubeconfig without a credential: the AWS command line gets a short-lived token whenever one is needed."""
    role = ["--role-arn", role_arn] if role_arn else []
    token = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", cluster.name, "--region", region, *role],
        "interactiveMode": "Never",
    }
    return pulumi.Output.json_dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "eks",
            "clusters": [
                {
                    "name": "eks",
                    "cluster": {
                        "server": endpoint,
                        "certificate-authority-data": cluster.certificate_authority.data,
                    },
                }
            ],
            "contexts": [{"name": "eks", "context": {"cluster": "eks", "user": "eks"}}],
            "users": [{"name": "eks", "user": {"exec": token}}],
        }
    )
