"""The Pulumi resource of a local control plane. Owns the names of its inputs and outputs; a provider makes it.

Programs import this module while the engine runs, so it imports nothing but pulumi.
"""

import pulumi


class LocalCluster(pulumi.CustomResource):
    """One Kubernetes control plane on this machine, with etcd encrypted by the environment's own key."""

    endpoint: pulumi.Output[str]
    ca_certificate: pulumi.Output[str]
    issuer_url: pulumi.Output[str]
    issuer_thumbprint: pulumi.Output[str]
    kubeconfig_path: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        cluster_name: pulumi.Input[str],
        region: pulumi.Input[str] | None = None,
        encryption_configuration: pulumi.Input[str] | None = None,
        kms_plugin: pulumi.Input[str] | None = None,
        node_role_arn: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Encryption configuration and plugin are the texts of `ClusterEncryption`.

        Region and role, the nodes' identity, are of clusters on the local AWS.
        """
        super().__init__(
            "localcloud:index:Cluster",
            name,
            {
                "cluster_name": cluster_name,
                "region": region,
                "encryption_configuration": encryption_configuration,
                "kms_plugin": kms_plugin,
                "node_role_arn": node_role_arn,
                # Outputs that the engine fills in.
                "endpoint": None,
                "ca_certificate": None,
                "issuer_url": None,
                "issuer_thumbprint": None,
                "kubeconfig_path": None,
            },
            opts,
        )

    def translate_input_property(self, prop: str) -> str:
        return _ENGINE_NAMES.get(prop, prop)

    def translate_output_property(self, prop: str) -> str:
        return _PYTHON_NAMES.get(prop, prop)


_PYTHON_NAMES = {
    "clusterName": "cluster_name",
    "encryptionConfiguration": "encryption_configuration",
    "kmsPlugin": "kms_plugin",
    "nodeRoleArn": "node_role_arn",
    "caCertificate": "ca_certificate",
    "issuerUrl": "issuer_url",
    "issuerThumbprint": "issuer_thumbprint",
    "kubeconfigPath": "kubeconfig_path",
}
_ENGINE_NAMES = {python: engine for engine, python in _PYTHON_NAMES.items()}
