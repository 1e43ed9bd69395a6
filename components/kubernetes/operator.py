"""External Secrets Operator: definitions, permissions and the controller, each a step that the next one waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ..arguments import Arguments
from ..contracts import OPERATOR_ACCOUNT, IdentityRef, ServiceAccountRef
from .operator_rbac import operator_rbac

_NO_CLUSTER_WIDE_KINDS = {
    "createClusterExternalSecret": False,
    "createClusterGenerator": False,
    "createClusterPushSecret": False,
}


@dataclass(frozen=True, kw_only=True)
class ChartSource:
    """Where the chart comes from: a name in a repository, or a folder.

    `repository` and `version` are None for a folder.
    """

    chart: str = "external-secrets"
    repository: str | None = "https://charts.external-secrets.io"
    version: str | None = "0.20.4"


OFFICIAL_CHART = ChartSource()


@dataclass(frozen=True, kw_only=True)
class ExternalSecretsOperatorArgs(Arguments):
    """Arguments of ExternalSecretsOperator.

    identity: who the operator is in the cloud.
    namespaces: where it may write Secrets, each with the resource that creates it (None: it is there).
    service_account: the controller's own. Default external-secrets/external-secrets.
    chart: where the chart comes from. Default: the project's repository, version 0.20.4.
    webhook: whether its validating webhook runs. Default true.
    environment: extra environment variables of the controller; no credentials. Default none.
    timeout_seconds: how long its pods may take to be ready, 30 to 3600. Default 300.
    """

    identity: IdentityRef
    namespaces: Mapping[str, pulumi.Resource | None]
    service_account: ServiceAccountRef = OPERATOR_ACCOUNT
    chart: ChartSource = OFFICIAL_CHART
    webhook: bool = True
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    timeout_seconds: int = 300

    def __post_init__(self) -> None:
        self.require(bool(self.namespaces), "namespaces", "is empty", "name the namespaces that get Secrets")
        self.require(30 <= self.timeout_seconds <= 3600, "timeout_seconds", "is not from 30 to 3600", "300 is usual")
        self.require(
            self.identity.service_account.namespace == self.service_account.namespace,
            "identity.service_account.namespace",
            "lies outside the operator's namespace",
            f"set it to {self.service_account.namespace}",
        )
        self.require(
            self.identity.presents_token or self.identity.service_account == self.service_account,
            "identity.service_account",
            "is not the controller's own, and this identity presents no token of another",
            f"associate {self.service_account.namespace}/{self.service_account.name}",
        )


class ExternalSecretsOperator(pulumi.ComponentResource):
    """The operator, with permissions of its own.

    Creates the namespace, a Helm release with the definitions (CRDs) only, the roles of `operator_rbac`, a service
    account for the identity
    if it is not the controller's, and a second Helm release with the controller. With `webhook`, the release counts
    as ready when the
    certificate controller is, and that one checks the webhook's endpoints (external-secrets v0.20.4,
    `webhookconfig.ReadyCheck`).
    Outputs: `namespace`, `gates` (what stores have to wait for). Raises ConfigError for impossible arguments.
    Sources: the chart's `values.yaml`; external-secrets #1290 (webhook race).
    """

    gates: Sequence[pulumi.Resource]

    def __init__(
        self, name: str, args: ExternalSecretsOperatorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("secrets-bootstrap:index:ExternalSecretsOperator", name, None, opts)
        self._args, self._children = args, pulumi.ResourceOptions(parent=self)
        account, identity = args.service_account, args.identity
        home = kubernetes.core.v1.Namespace(
            f"{name}-namespace", metadata={"name": account.namespace}, opts=self._children
        )
        definitions = self._release(f"{name}-crds", "external-secrets-crds", _definition_values(), [home])
        permissions = operator_rbac(
            name,
            account=account,
            identity=identity,
            namespaces=args.namespaces,
            home=home,
            opts=self._children,
        )
        if identity.service_account != account:
            permissions.append(self._store_account(f"{name}-store-account", identity, home))
        controller = self._release(
            f"{name}-controller",
            "external-secrets",
            _controller_values(args),
            [definitions, *permissions, *identity.gates],
        )
        self.gates = [controller, *permissions]
        self.register_outputs({"namespace": account.namespace, "release": controller.name})

    def _release(
        self, name: str, release: str, values: Mapping[str, Any], after: Sequence[pulumi.Resource]
    ) -> kubernetes.helm.v3.Release:
        source = self._args.chart
        return kubernetes.helm.v3.Release(
            name,
            name=release,
            namespace=self._args.service_account.namespace,
            chart=source.chart,
            version=source.version,
            repository_opts={"repo": source.repository} if source.repository else None,
            values=values,
            timeout=self._args.timeout_seconds,
            opts=pulumi.ResourceOptions.merge(self._children, pulumi.ResourceOptions(depends_on=after)),
        )

    def _store_account(self, name: str, identity: IdentityRef, home: pulumi.Resource) -> pulumi.Resource:
        account = identity.service_account
        return kubernetes.core.v1.ServiceAccount(
            name,
            metadata={"name": account.name, "namespace": account.namespace, "annotations": identity.annotations},
            opts=pulumi.ResourceOptions.merge(self._children, pulumi.ResourceOptions(depends_on=[home])),
        )


def _definition_values() -> dict[str, Any]:
    return {
        "installCRDs": True,
        "crds": _NO_CLUSTER_WIDE_KINDS,
        "createOperator": False,
        "rbac": {"create": False},
        "serviceAccount": {"create": False},
        "webhook": {"create": False},
        "certController": {"create": False},
    }


def _controller_values(args: ExternalSecretsOperatorArgs) -> dict[str, Any]:
    account, identity = args.service_account, args.identity
    own = identity.service_account == account
    return {
        "installCRDs": False,
        "crds": _NO_CLUSTER_WIDE_KINDS,
        "fullnameOverride": "external-secrets",
        "rbac": {"create": False},
        "serviceAccount": {"name": account.name, "annotations": identity.annotations if own else {}},
        "processClusterExternalSecret": False,
        "processClusterGenerator": False,
        "processClusterPushSecret": False,
        "livenessProbe": {"enabled": True},
        "webhook": {"create": args.webhook},
        "certController": {"create": args.webhook},
        "extraEnv": [{"name": key, "value": value} for key, value in sorted(args.environment.items())],
    }
