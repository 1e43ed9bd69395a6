"""The controller of Sealed Secrets, for environments without a secret manager."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_kubernetes as kubernetes

from ..arguments import Arguments
from ..config.sealed import SealedSecretsConfig
from ..contracts import ClusterRef, ServiceAccountRef
from ..deletion import DeletionProfile
from ..forms import DNS_LABEL
from ..kubernetes.operator import ChartSource
from ..teams import CREATABLE
from .key_pair import state_key
from .rbac import controller_rbac

_NAME = "sealed-secrets"
_IMAGE_TAG = "0.40.0"

SEALED_SECRETS_CHART = ChartSource(
    chart="sealed-secrets", repository="https://bitnami.github.io/sealed-secrets", version="2.19.3"
)


@dataclass(frozen=True, kw_only=True)
class SealedSecretsArgs(Arguments):
    """Arguments of SealedSecrets. Raises ConfigError for what cannot work.

    namespaces: where SealedSecrets are opened, each with the resource that creates it (None: it is there); at least
        one.
    namespace: the controller's own, created here, with its keys and nothing else; default sealed-secrets.
    first_key: who makes the first key: `cluster`, the controller, so that it never passes through Pulumi; or `state`,
        pulumi-tls, so that it is in Pulumi's encrypted state and made again from there; default cluster.
    recreate: whether a deleted Secret is made again; the controller may then list all Secrets of the namespaces;
        default false.
    chart: where the chart comes from; default the project's repository, version 2.19.3.
    deletion_profile: what a destroy does; DURABLE protects the namespace of the keys and a key in the state; default
        DURABLE.
    timeout_seconds: how long its pod may take to be ready; seconds, 30 to 3600; default 300.
    after: what must be ready before; default none.
    """

    namespaces: Mapping[str, pulumi.Resource | None]
    namespace: str = _NAME
    first_key: Literal["cluster", "state"] = "cluster"
    recreate: bool = False
    chart: ChartSource = SEALED_SECRETS_CHART
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    timeout_seconds: int = 300
    after: Sequence[pulumi.Resource] = ()

    @classmethod
    def configured(
        cls,
        sealed: SealedSecretsConfig,
        profile: DeletionProfile,
        makers: Mapping[str, pulumi.Resource],
        cluster: ClusterRef,
    ) -> "SealedSecretsArgs":
        """Those of an environment's configuration. makers: what creates each of its namespaces."""
        return cls(
            namespaces={one: makers[one] for one in sealed.namespaces},
            namespace=sealed.namespace,
            first_key=sealed.first_key,
            recreate=sealed.recreate,
            chart=ChartSource(chart=sealed.chart, repository=sealed.repository, version=sealed.version),
            deletion_profile=profile,
            timeout_seconds=sealed.timeout_seconds,
            after=cluster.gates,
        )

    def __post_init__(self) -> None:
        self.require(bool(self.namespaces), "namespaces", "is empty", "name the namespaces that get SealedSecrets")
        self.require_form("namespace", self.namespace, DNS_LABEL, CREATABLE)
        for namespace in self.namespaces:
            self.require_form(f"namespaces.{namespace}", namespace, DNS_LABEL)
            self.require(
                namespace != self.namespace,
                f"namespaces.{namespace}",
                "is the namespace of the keys: a SealedSecret there could bring in another key",
                "keep SealedSecrets in other namespaces",
            )
        self.require_timeout(self.timeout_seconds, least=30)


class SealedSecrets(pulumi.ComponentResource):
    """The controller that opens SealedSecrets, with permissions in named namespaces only.

    It stands beside SecretsBootstrap or alone, and changes nothing there. Keys are backed up, restored, renewed by
    `python -m bootstrap sealed`; the controller makes none by itself after the first, so that none is without a backup.

    Creates, each only when the one before is ready:
    - the namespace of the keys;
    - with `first_key="state"` the key pair (`tls.PrivateKey`, `tls.SelfSignedCert`) and its Secret;
    - a role and its binding for the keys, and one for each of `namespaces`;
    - a Helm release with the definition (CRD) and the controller.

    Outputs:
    - `certificate`: what `kubeseal --cert` encrypts with, PEM; None with `first_key="cluster"`: it is then published by
      `sealed certificate`.
    - `references`: what a stack may export: namespaces and the certificate, never a key.
    - `gates`: what SealedSecrets have to wait for.

    Raises ConfigError for arguments that cannot work.
    Sources: sealed-secrets v0.40.0, `cmd/controller/main.go`, `pkg/controller` and the chart's `values.yaml`.
    """

    certificate: pulumi.Output[str] | None
    references: Mapping[str, Any]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: SealedSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:SealedSecrets", name, None, opts)
        children = pulumi.ResourceOptions(parent=self)
        protect = args.deletion_profile.protect
        home = kubernetes.core.v1.Namespace(
            f"{name}-namespace",
            metadata={"name": args.namespace},
            opts=pulumi.ResourceOptions(parent=self, protect=protect, depends_on=args.after),
        )
        before: list[pulumi.Resource] = controller_rbac(
            name,
            account=ServiceAccountRef(namespace=args.namespace, name=_NAME),
            home=home,
            namespaces=args.namespaces,
            recreate=args.recreate,
            opts=children,
        )
        self.certificate = None
        if args.first_key == "state":
            # Before the controller: it makes a key of its own if it finds none.
            secret, self.certificate = state_key(
                name, namespace=args.namespace, home=home, protect=protect, opts=children
            )
            before.append(secret)
        controller = args.chart.release(
            f"{name}-controller",
            called=_NAME,
            namespace=args.namespace,
            values=_values(args),
            timeout_seconds=args.timeout_seconds,
            opts=pulumi.ResourceOptions(parent=self, depends_on=before),
        )
        self.references = {
            "namespace": args.namespace,
            "namespaces": sorted(args.namespaces),
            **({"certificate": self.certificate} if self.certificate is not None else {}),
        }
        self.gates = [controller, *before]
        design = {"namespaces": sorted(args.namespaces), "recreate": args.recreate}
        self.register_outputs({"namespace": args.namespace, "certificate": self.certificate, **design})


def _values(args: SealedSecretsArgs) -> dict[str, Any]:
    return {
        "fullnameOverride": _NAME,
        "image": {"tag": _IMAGE_TAG},
        "rbac": {"create": False},
        # Once it is given namespaces, it watches those and its own, and not the whole cluster.
        "additionalNamespaces": sorted(args.namespaces),
        "skipRecreate": not args.recreate,
        # A key that nobody has backed up yet would be in use: `sealed renew` makes them, backup first.
        "keyrenewperiod": "0",
    }
