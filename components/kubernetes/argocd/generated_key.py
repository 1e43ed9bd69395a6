"""An SSH key that is made in the cluster and goes to the manager, past Pulumi: its private half is in no state."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ...arguments import Arguments
from ...contracts import CanaryRef
from ...forms import DNS_LABEL, DNS_SUBDOMAIN, Form
from ..store_spec import API_VERSION, GENERATORS_API_VERSION, remote_ref
from ..waiting import wait_until_ready
from .credentials import SshKey

# What external-secrets v0.20.4 calls the halves (`pkg/generator/sshkey`).
_PRIVATE, _PUBLIC = "privateKey", "publicKey"
_SHORT = Form(
    lambda text: len(text) <= 40 and DNS_LABEL.holds(text),
    "is not a Kubernetes name of up to 40 characters",
    "shorten it",
)


@dataclass(frozen=True, kw_only=True)
class GeneratedDeployKeyArgs(Arguments):
    """Arguments of GeneratedDeployKey.

    key_name: what the key is for; its objects in the cluster are called `deploy-key-<key_name>`; up to 40 characters.
    namespace: where they live; it must exist and may use the store.
    store_name: the ClusterSecretStore.
    container: the empty container that the operator may fill.
    timeout_seconds: how long each step may take; seconds, 10 to 3600; default 300.
    after: what must be ready before, such as the first sync; default none.
    """

    key_name: str
    namespace: str
    store_name: str
    container: CanaryRef
    timeout_seconds: int = 300
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require_form("key_name", self.key_name, _SHORT)
        self.require_form("namespace", self.namespace, DNS_LABEL)
        self.require_form("store_name", self.store_name, DNS_SUBDOMAIN)
        self.require_timeout(self.timeout_seconds)


class GeneratedDeployKey(pulumi.ComponentResource):
    """An Ed25519 key pair for Git, made by the operator. Only its public half comes to Pulumi.

    Creates, each only when the one before is ready:
    - an SSHKey generator;
    - a PushSecret that fills the container, if it is empty, with both halves in one write: `privateKey`, `publicKey`;
    - an ExternalSecret that reads the public half into the Secret `deploy-key-<key_name>-public`, which Pulumi reads.

    Outputs:
    - `credential`: the private half, as a reference for ArgoRepository (SshKey).
    - `public_key`: the public half in OpenSSH's form; register it at the Git host.
    - `gates`: the ExternalSecret.

    A cluster that is made anew finds the container filled and takes the key that is there; on Google Cloud, where the
    operator takes an empty container for a filled one, it makes another.

    Raises ConfigError for names or times of the wrong form.
    Source: external-secrets v0.20.4, `pkg/generator/sshkey` and `PushSecretData.GetSecretKey` (no key: the whole map).
    """

    credential: SshKey
    public_key: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: GeneratedDeployKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GeneratedDeployKey", name, None, opts)
        self._args = args
        synced = self._public_half(name, self._pushed(name))
        self.credential = SshKey(remote_key=args.container.remote_key, property=_PRIVATE)
        # The name is known only once the Secret is there, so that no preview looks for it.
        public = kubernetes.core.v1.Secret.get(
            f"{name}-public",
            synced.id.apply(lambda _: f"{args.namespace}/{self._object_name}-public"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[synced]),
        )
        self.public_key = pulumi.Output.unsecret(public.data.apply(_public_text))
        self.gates = [synced]
        self.register_outputs({"publicKey": self.public_key})

    @property
    def _object_name(self) -> str:
        return f"deploy-key-{self._args.key_name}"

    @property
    def _store(self) -> Mapping[str, str]:
        return {"kind": "ClusterSecretStore", "name": self._args.store_name}

    def _pushed(self, name: str) -> pulumi.Resource:
        args, container = self._args, self._args.container
        generator = kubernetes.apiextensions.CustomResource(
            f"{name}-generator",
            api_version=GENERATORS_API_VERSION,
            kind="SSHKey",
            metadata={"name": self._object_name, "namespace": args.namespace},
            spec={"keyType": "ed25519", "comment": args.key_name},
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.after),
        )
        # Both halves in one write: halves of two runs would not fit together.
        pushed: dict[str, Any] = {"match": {"remoteRef": remote_ref(container.remote_key, None, "remoteKey")}}
        if container.push_metadata is not None:
            pushed["metadata"] = container.push_metadata
        reference = {"apiVersion": GENERATORS_API_VERSION, "kind": "SSHKey", "name": self._object_name}
        return kubernetes.apiextensions.CustomResource(
            f"{name}-push",
            api_version="external-secrets.io/v1alpha1",
            kind="PushSecret",
            metadata=self._metadata(),
            spec={
                "refreshInterval": "1h0m0s" if container.update_policy == "IfNotExists" else "0s",
                "updatePolicy": container.update_policy,
                "deletionPolicy": "None",
                "secretStoreRefs": [self._store],
                "selector": {"generatorRef": reference},
                "data": [pushed],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[generator]),
        )

    def _public_half(self, name: str, push: pulumi.Resource) -> kubernetes.apiextensions.CustomResource:
        target = {"name": f"{self._object_name}-public", "creationPolicy": "Owner", "deletionPolicy": "Retain"}
        remote = remote_ref(self._args.container.remote_key, _PUBLIC)
        return kubernetes.apiextensions.CustomResource(
            f"{name}-external-secret",
            api_version=API_VERSION,
            kind="ExternalSecret",
            metadata=self._metadata(),
            spec={
                "refreshInterval": "1h0m0s",
                "secretStoreRef": self._store,
                "target": target,
                "data": [{"secretKey": _PUBLIC, "remoteRef": remote}],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[push]),
        )

    def _metadata(self) -> Mapping[str, Any]:
        args = self._args
        annotations = wait_until_ready(args.timeout_seconds)
        return {"name": self._object_name, "namespace": args.namespace, "annotations": annotations}


def _public_text(data: Mapping[str, str]) -> str:
    return base64.b64decode(data[_PUBLIC]).decode().strip()
