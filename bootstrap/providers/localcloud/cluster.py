"""`localcloud:index:Cluster`: a control plane of the stack whose folder is in `SECRETS_BOOTSTRAP_STATE_DIR`, on the
cloud whose kind is in `SECRETS_BOOTSTRAP_CLOUD`.

Create adopts a control plane of the same name: a killed run leaves one that nothing else can own. What a control plane
is made of belongs to `bootstrap.localcloud.kubernetes`.
"""

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from bootstrap.paths import Ports
from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import Call, Created, ProviderError, Resource

if TYPE_CHECKING:
    from bootstrap.localcloud.cloud import LocalCloud
    from bootstrap.localcloud.kubernetes.control_plane import ControlPlane


class Cluster(Resource):
    fields = {  # noqa: RUF012
        "clusterName": Field(kind=str, required=True, replaces=True),
        "region": Field(kind=str, replaces=True),
        "encryptionConfiguration": Field(kind=str),
        "kmsPlugin": Field(kind=str),
        "nodeRoleArn": Field(kind=str, replaces=True),
    }
    computed = ("endpoint", "caCertificate", "issuerUrl", "issuerThumbprint", "kubeconfigPath")

    def __init__(self) -> None:
        self._ports_lock = threading.Lock()

    @override
    def delete_before_replace(self, old: Properties, new: Properties) -> bool:
        return old["clusterName"] == new["clusterName"]

    @override
    def create(self, inputs: Properties, call: Call) -> Created:
        from bootstrap.localcloud.kubernetes.control_plane import ControlPlane

        directory, cloud = _state_dir(), _cloud()
        with self._ports_lock:
            port_base = Ports.load(directory).cluster_base(inputs["clusterName"])
        plane = ControlPlane.create(
            directory,
            inputs["clusterName"],
            cloud=cloud,
            tools=Path(_from_environment("SECRETS_BOOTSTRAP_TOOLS")),
            port_base=port_base,
            region=inputs.get("region"),
            node_role_arn=inputs.get("nodeRoleArn"),
            encryption_configuration=inputs.get("encryptionConfiguration"),
            kms_plugin=inputs.get("kmsPlugin"),
        )
        return Created(plane.name, _state(plane, inputs))

    @override
    def read(self, id_: str, inputs: Properties, state: Properties, call: Call) -> Properties | None:
        plane = _find(id_)
        return None if plane is None else _state(plane, {**state, **inputs})

    @override
    def update(self, id_: str, old: Properties, new: Properties, call: Call) -> Properties:
        plane = _find(id_)
        if plane is None:
            raise ProviderError(f"cluster {id_} is no longer on this machine: run `pulumi refresh`")
        plane.update_encryption(new.get("encryptionConfiguration"), new.get("kmsPlugin"))
        return _state(plane, new)

    @override
    def delete(self, id_: str, state: Properties, call: Call) -> None:
        plane = _find(id_)
        if plane is not None:
            plane.delete()


def _state(plane: "ControlPlane", known: Properties) -> Properties:
    return {
        **{name: known[name] for name in Cluster.fields if known.get(name) is not None},
        "clusterName": plane.name,
        "endpoint": plane.endpoint,
        "caCertificate": plane.authority,
        "issuerUrl": plane.issuer_url,
        "issuerThumbprint": plane.issuer_thumbprint,
        "kubeconfigPath": str(plane.kubeconfig),
    }


def _find(name: str) -> "ControlPlane | None":
    from bootstrap.localcloud.kubernetes.control_plane import ControlPlane

    return next((plane for plane in ControlPlane.existing(_state_dir(), _cloud()) if plane.name == name), None)


def _cloud() -> "LocalCloud":
    from bootstrap.localcloud.cloud import local_cloud

    directory = _state_dir()
    return local_cloud(_from_environment("SECRETS_BOOTSTRAP_CLOUD"), directory, Ports.load(directory).cloud)


def _state_dir() -> Path:
    return Path(_from_environment("SECRETS_BOOTSTRAP_STATE_DIR"))


def _from_environment(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise ProviderError(f"{variable} is not set: clusters on this machine are made by `make up`")
    return value
