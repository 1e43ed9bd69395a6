"""The provider `kubernetes`: its configuration, and which resource type serves a token."""

from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2 as rpc
from typing_extensions import override

from bootstrap.providers.base import Provider
from bootstrap.providers.fields import Field
from bootstrap.providers.kubernetes.cluster import Cluster
from bootstrap.providers.kubernetes.helm import Release
from bootstrap.providers.kubernetes.kinds import kind_of
from bootstrap.providers.kubernetes.objects import KubernetesObject
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import Resource

_SWITCH = Field(kind=str, choices=("true", "false"))


class KubernetesProvider(Provider):
    config_fields = {  # noqa: RUF012
        "kubeconfig": Field(kind=str),
        "clusterIdentifier": Field(kind=str),
        "enableServerSideApply": Field(kind=str, choices=("true",)),  # there is no other way here
        "enableSecretMutable": _SWITCH,
        "enableConfigMapMutable": _SWITCH,
    }

    def __init__(self, name: str, version: str) -> None:
        super().__init__(name, version)
        self._cluster: Cluster | None = None

    @override
    def Configure(self, request: rpc.ConfigureRequest, context: grpc.ServicerContext) -> Any:
        response = super().Configure(request, context)
        kubeconfig = self.config.get("kubeconfig")
        self._cluster = Cluster(kubeconfig) if isinstance(kubeconfig, str) else None
        return response

    @override
    def resource(self, token: str) -> Resource:
        if token == "kubernetes:helm.sh/v3:Release":  # noqa: S105
            return Release(self._cluster)
        return KubernetesObject(kind_of(token), self._cluster, self.config)

    @override
    def replaces_config(self, old: Properties, new: Properties, key: str) -> bool:
        """Another cluster means other objects. Without an identifier only the kubeconfig tells clusters apart."""
        if key == "clusterIdentifier":
            return key in old
        return key == "kubeconfig" and "clusterIdentifier" not in new
