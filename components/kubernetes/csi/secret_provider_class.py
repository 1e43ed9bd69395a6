"""Secrets as files of pods, by the Secrets Store CSI driver. It installs neither the driver nor a provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ...arguments import Arguments
from ...contracts import IdentityRef, StoreRef
from ...forms import DNS_LABEL, DNS_SUBDOMAIN, FILE_NAME, FILE_PATH, SECRET_IN_MANAGER
from ..store_spec import provider_spec
from .parameters import PROVIDERS, Request, check

API_VERSION = "secrets-store.csi.x-k8s.io/v1"
DRIVER = "secrets-store.csi.k8s.io"


@dataclass(frozen=True, kw_only=True)
class SecretProviderClassArgs(Arguments):
    """Arguments of SecretProviderClass.

    namespace: where it lives, and where its pods do.
    class_name: its name in the namespace.
    store: the manager, as the operator's stores have it.
    identity: who the pods are: an identity for their own service account, in this namespace.
    files: the secrets' names in the manager (`names.secret_name(…)`), by the name of the file; at least one.
    failover_region: another AWS region that is asked if the store's own does not answer; default none.
    ca_certificate_path: where the Vault provider's pods have the certificate of Vault's authority; default none, which
        is right if a public authority signed Vault's.
    """

    namespace: str
    class_name: str
    store: StoreRef
    identity: IdentityRef
    files: Mapping[str, str]
    failover_region: str | None = None
    ca_certificate_path: str | None = None

    def __post_init__(self) -> None:
        self.require_form("namespace", self.namespace, DNS_LABEL)
        self.require_form("class_name", self.class_name, DNS_SUBDOMAIN)
        provider_spec("SecretProviderClassArgs.identity", self.store, self.identity)
        self.require(
            self.identity.service_account.namespace == self.namespace,
            "identity.service_account.namespace",
            "is not the class's namespace, and a pod is nobody but its own service account",
            f"use an identity for a service account in {self.namespace}",
        )
        self.require(bool(self.files), "files", "is empty", "name at least one file and its secret")
        for file, secret in self.files.items():
            self.require_form(f"files.{file}", file, FILE_NAME)
            self.require_form(f"files.{file}", secret, SECRET_IN_MANAGER)
        if self.ca_certificate_path is not None:
            self.require_form("ca_certificate_path", self.ca_certificate_path, FILE_PATH)
        check(self.request)

    @property
    def request(self) -> Request:
        """What the provider is asked for."""
        return Request(
            owner=type(self).__name__,
            store=self.store,
            identity=self.identity,
            files=self.files,
            failover_region=self.failover_region,
            ca_certificate_path=self.ca_certificate_path,
        )


class SecretProviderClass(pulumi.ComponentResource):
    """One SecretProviderClass: secrets of the manager as files, read by the provider as the pod that mounts them.

    Creates:
    - the SecretProviderClass.

    The driver, the manager's provider and the service account with the identity's annotations are yours. No Kubernetes
    Secret is made, so nothing of a value reaches etcd.

    Outputs:
    - `class_name`: its name in the namespace.
    - `volume`: what stands under a volume's `csi` in a pod.
    - `gates`: the SecretProviderClass.

    Raises ConfigError if the identity cannot open the manager or is of another namespace, for names that cannot work,
    and for what the manager's provider cannot do.
    Sources: Secrets Store CSI driver, "SecretProviderClass" and "Secret Auto Rotation"; those of each provider are in
    `parameters.py`.
    """

    class_name: str
    volume: Mapping[str, Any]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: SecretProviderClassArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:SecretProviderClass", name, None, opts)
        provider = PROVIDERS[args.store.backend]
        made = kubernetes.apiextensions.CustomResource(
            f"{name}-class",
            api_version=API_VERSION,
            kind="SecretProviderClass",
            metadata={"name": args.class_name, "namespace": args.namespace},
            spec={"provider": provider.name, "parameters": provider.parameters(args.request)},
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.identity.gates),
        )
        self.class_name = args.class_name
        self.volume = {
            "driver": DRIVER,
            "readOnly": True,
            "volumeAttributes": {"secretProviderClass": args.class_name},
        }
        self.gates = [made]
        self.register_outputs(
            {
                "className": args.class_name,
                "namespace": args.namespace,
                # Whose pods it is for, and who they are in which manager, for who reads the state (`prove`).
                "serviceAccount": args.identity.service_account.name,
                "backend": args.store.backend,
                "principal": args.identity.principal,
            }
        )
