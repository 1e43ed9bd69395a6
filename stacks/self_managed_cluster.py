"""A control plane on a machine of AWS, its etcd encrypted from the first start. It makes no network and no image."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import yaml

from components import AwsNames, ClusterEncryption, ClusterRef
from components.arguments import Arguments
from components.aws.names import NODE_ROLE
from components.forms import HTTPS_URL
from components.kubernetes.distributions.node_files import DISTRIBUTIONS, node_files

_API_PORT = 6443


@dataclass(frozen=True, kw_only=True)
class MachineSettings(Arguments):
    """The machine of one environment's control plane.

    distribution: kubeadm, k3s or rke2.
    image_id: your machine image (AMI): it has the distribution, the cluster's authority, and starts nothing by itself.
    start_command: what starts the control plane once its files are there, as words.
    vpc_id: where it stands.
    subnet_ids: where the machine and its address stand; at least one.
    security_group_ids: who reaches it, and what it reaches: KMS, your registry, and the API from your runner.
    issuer_url: the issuer of its service accounts' tokens; https://, readable by AWS.
    ca_certificate: the authority of its API, PEM.
    token_command: what prints a short-lived ExecCredential for the API, as words.
    instance_type: the machine's type; default m7g.large.
    """

    distribution: str
    image_id: str
    start_command: Sequence[str]
    vpc_id: str
    subnet_ids: Sequence[str]
    security_group_ids: Sequence[str]
    issuer_url: str
    ca_certificate: str
    token_command: Sequence[str]
    instance_type: str = "m7g.large"

    def __post_init__(self) -> None:
        self.require(
            self.distribution in DISTRIBUTIONS,
            "distribution",
            "cannot run a KMS plugin, or is not known",
            f"choose one of: {', '.join(DISTRIBUTIONS)}",
        )
        self.require_form("issuer_url", self.issuer_url, HTTPS_URL)
        for field in ("start_command", "subnet_ids", "security_group_ids", "token_command"):
            value = getattr(self, field)
            self.require(
                not isinstance(value, str) and len(value) > 0,
                field,
                "is not a list with anything in it",
                "write a list",
            )


@dataclass(frozen=True, kw_only=True)
class SelfManagedClusterArgs(Arguments):
    """Arguments of SelfManagedCluster.

    names: the environment's names.
    cluster_name: the cluster's name.
    settings: the machine.
    encryption: what its control plane starts with.
    protect: whether a destroy of the machine is refused.
    """

    names: AwsNames
    cluster_name: str
    settings: MachineSettings
    encryption: ClusterEncryption
    protect: bool


class SelfManagedCluster(pulumi.ComponentResource):
    """A control plane of one machine behind an internal address.

    Creates:
    - the instance profile of the nodes' role, by which the KMS plugin gets at its one key;
    - the address of the API, and a health check of it;
    - the machine, which is given its files by cloud-init. It counts as made when its API says that it is ready.

    Nothing replaces the machine by itself: etcd is on its disk.

    Outputs:
    - `cluster`: the cluster, with a provider that gets in by `token_command` (ClusterRef).

    Sources: cloud-init, "Write Files" and "Runcmd"; Amazon EC2 Auto Scaling, "Suspend processes"; Pulumi AWS,
    `autoscaling.Group` (`waitForElbCapacity`).
    """

    cluster: ClusterRef

    def __init__(self, name: str, args: SelfManagedClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:SelfManagedCluster", name, None, opts)
        self._name, self._args, self._children = name, args, pulumi.ResourceOptions(parent=self)
        address, target = self._address()
        machine = self._machine(target)
        provider = kubernetes.Provider(
            f"{name}-kubernetes",
            kubeconfig=address.dns_name.apply(lambda host: _kubeconfig(host, args.settings)),
            # Without it, a kubeconfig that is unknown in a preview replaces everything in the cluster (pulumi #11521).
            cluster_identifier=f"{args.names.account_id}/{args.names.region}/{args.cluster_name}",
            enable_server_side_apply=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[machine]),
        )
        self.cluster = ClusterRef(
            name=args.cluster_name,
            issuer_url=args.settings.issuer_url,
            provider=provider,
            endpoint=address.dns_name.apply(_endpoint),
            ca_certificate=args.settings.ca_certificate,
            gates=[machine],
        )
        self.register_outputs({"endpoint": address.dns_name})

    def _address(self) -> tuple[aws.lb.LoadBalancer, aws.lb.TargetGroup]:
        settings, tags = self._args.settings, self._args.names.tags()
        address = aws.lb.LoadBalancer(
            f"{self._name}-api",
            name_prefix="api-",
            internal=True,
            load_balancer_type="network",
            subnets=settings.subnet_ids,
            security_groups=settings.security_group_ids,
            tags=tags,
            opts=self._children,
        )
        target = aws.lb.TargetGroup(
            f"{self._name}-target",
            name_prefix="api-",
            vpc_id=settings.vpc_id,
            port=_API_PORT,
            protocol="TCP",
            health_check=aws.lb.TargetGroupHealthCheckArgs(protocol="HTTPS", path="/readyz"),
            tags=tags,
            opts=self._children,
        )
        aws.lb.Listener(
            f"{self._name}-listener",
            load_balancer_arn=address.arn,
            port=_API_PORT,
            protocol="TCP",
            default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target.arn)],
            tags=tags,
            opts=self._children,
        )
        return address, target

    def _machine(self, target: aws.lb.TargetGroup) -> aws.autoscaling.Group:
        args, settings = self._args, self._args.settings
        profile = aws.iam.InstanceProfile(
            f"{self._name}-profile",
            name=args.names.role_name(NODE_ROLE),
            role=args.names.role_name(NODE_ROLE),
            tags=args.names.tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.encryption.gates),
        )
        template = aws.ec2.LaunchTemplate(
            f"{self._name}-template",
            name=args.names.role_name(NODE_ROLE),
            image_id=settings.image_id,
            instance_type=settings.instance_type,
            iam_instance_profile=aws.ec2.LaunchTemplateIamInstanceProfileArgs(name=profile.name),
            # One hop: the node itself and pods on its network, so the plugin, and no other pod.
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            vpc_security_group_ids=settings.security_group_ids,
            user_data=pulumi.Output.from_input(args.encryption.kms_plugin).apply(self._user_data),
            tags=args.names.tags(),
            opts=self._children,
        )
        return aws.autoscaling.Group(
            f"{self._name}-machine",
            name=args.names.role_name(NODE_ROLE),
            min_size=1,
            max_size=1,
            vpc_zone_identifiers=settings.subnet_ids,
            launch_template=aws.autoscaling.GroupLaunchTemplateArgs(id=template.id, version="$Latest"),
            target_group_arns=[target.arn],
            wait_for_elb_capacity=1,
            wait_for_capacity_timeout="20m",
            health_check_type="EC2",
            suspended_processes=["AZRebalance", "InstanceRefresh", "ReplaceUnhealthy"],
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )

    def _user_data(self, kms_plugin: str | None) -> str:
        encryption, settings = self._args.encryption, self._args.settings
        assert encryption.encryption_configuration is not None  # AwsNodeEncryption makes both
        assert kms_plugin is not None
        files = node_files(
            settings.distribution, encryption_configuration=encryption.encryption_configuration, kms_plugin=kms_plugin
        )
        return base64.b64encode(cloud_config(files, settings.start_command).encode()).decode()


def cloud_config(files: Mapping[str, str], start_command: Sequence[str]) -> str:
    """What cloud-init does at the first boot: files for root alone, then the start."""
    document: dict[str, Any] = {
        "write_files": [
            {"path": path, "owner": "root:root", "permissions": "0600", "content": content}
            for path, content in files.items()
        ],
        "runcmd": [list(start_command)],
    }
    return f"#cloud-config\n{yaml.safe_dump(document, sort_keys=False)}"


def _endpoint(host: str) -> str:
    return f"https://{host}:{_API_PORT}"


def _kubeconfig(host: str, settings: MachineSettings) -> str:
    """A kubeconfig without a credential: a command gets a short-lived token whenever one is needed."""
    command, *words = settings.token_command
    cluster = {
        "server": _endpoint(host),
        "certificate-authority-data": base64.b64encode(settings.ca_certificate.encode()).decode(),
    }
    token = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": command,
        "args": words,
        "interactiveMode": "Never",
    }
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "cluster",
            "clusters": [{"name": "cluster", "cluster": cluster}],
            "contexts": [{"name": "cluster", "context": {"cluster": "cluster", "user": "exec"}}],
            "users": [{"name": "exec", "user": {"exec": token}}],
        }
    )
