"""External Secrets Operator: definitions, permissions and the controller, each a step that the next one waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ..arguments import Arguments
from ..contracts import OPERATOR_ACCOUNT, IdentityRef, ServiceAccountRef
from ..forms import DNS_LABEL, HTTPS_URL, is_credential_variable, is_oci
from .operator_rbac import operator_rbac

_NO_CLUSTER_WIDE_KINDS = {
    "createClusterExternalSecret": False,
    "createClusterGenerator": False,
    "createClusterPushSecret": False,
}


@dataclass(frozen=True, kw_only=True)
class ChartSource(Arguments):
    """Where the chart comes from: a repository, a registry, or a folder. Raises ConfigError for an unpinned chart.

    chart: the chart's name in the repository, its oci:// address, or a folder; default external-secrets.
    repository: https:// address of the chart's repository, None for oci:// and a folder; default the project's own.
    version: the chart's version, None for a folder; default 0.20.4.
    """

    chart: str = "external-secrets"
    repository: str | None = "https://charts.external-secrets.io"
    version: str | None = "0.20.4"

    def __post_init__(self) -> None:
        if self.repository is not None:
            self.require_form("repository", self.repository, HTTPS_URL)
            self.require(
                not is_oci(self.chart), "repository", "has no meaning beside an oci:// address", "set it to None"
            )
        self.require(
            bool(self.version) or (self.repository is None and not is_oci(self.chart)),
            "version",
            "is not set, so the newest chart would be installed",
            "write the chart's version",
        )

    def release(
        self,
        name: str,
        *,
        called: str,
        namespace: str,
        values: Mapping[str, Any],
        timeout_seconds: int,
        opts: pulumi.ResourceOptions,
    ) -> kubernetes.helm.v3.Release:
        """A Helm release of this chart, which is created when its pods are ready.

        name: the resource's name.
        called: the release's name in the cluster.
        namespace: where it is installed.
        values: what differs from the chart's own values.
        timeout_seconds: how long its pods may take.
        opts: options of the resource.
        """
        return kubernetes.helm.v3.Release(
            name,
            name=called,
            namespace=namespace,
            chart=self.chart,
            version=self.version,
            repository_opts={"repo": self.repository} if self.repository else None,
            values=values,
            timeout=timeout_seconds,
            opts=opts,
        )


OFFICIAL_CHART = ChartSource()


@dataclass(frozen=True, kw_only=True)
class ExternalSecretsOperatorArgs(Arguments):
    """Arguments of ExternalSecretsOperator.

    identity: who the operator is in the cloud.
    namespaces: where it may write Secrets, each with the resource that creates it (None: it is there); at least one.
    service_account: the controller's own; default external-secrets/external-secrets.
    existing: whether the operator is there already and is used as it is: no chart is installed; default false.
    grant_permissions: whether an existing operator's service account gets the roles that one installed here has;
        default false.
    chart: where the chart comes from; default the project's repository, version 0.20.4.
    webhook: whether its validating webhook runs; default true.
    environment: extra environment variables of the controller, no credentials; default none.
    timeout_seconds: how long its pods may take to be ready; seconds, 30 to 3600; default 300.
    """

    identity: IdentityRef
    namespaces: Mapping[str, pulumi.Resource | None]
    service_account: ServiceAccountRef = OPERATOR_ACCOUNT
    existing: bool = False
    grant_permissions: bool = False
    chart: ChartSource = OFFICIAL_CHART
    webhook: bool = True
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    timeout_seconds: int = 300

    def __post_init__(self) -> None:
        self.require(bool(self.namespaces), "namespaces", "is empty", "name the namespaces that get Secrets")
        for namespace in self.namespaces:
            self.require_form(f"namespaces.{namespace}", namespace, DNS_LABEL)
        self.require_timeout(self.timeout_seconds, least=30)
        for variable in self.environment:
            self.require(
                not is_credential_variable(variable),
                f"environment.{variable}",
                "is a credential, which would end up in the state and in the pod's manifest",
                "remove it: the operator gets in by its identity",
            )
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
        self._require_adoptable()

    def _require_adoptable(self) -> None:
        self.require(
            self.existing or not self.grant_permissions,
            "grant_permissions",
            "has no meaning for an operator that is installed here: it always gets its roles",
            "leave it out, or set existing to True",
        )
        self.require(
            not (self.existing and self.environment),
            "environment",
            "cannot be given to an operator that is there already",
            "leave it out, or set existing to False",
        )
        self.require(
            not (self.existing and self.identity.annotations and self.identity.service_account == self.service_account),
            "identity.service_account",
            "is the existing operator's own, which stays as it is, and this identity has to annotate its own",
            "choose another service account in the operator's namespace; it is created",
        )


class ExternalSecretsOperator(pulumi.ComponentResource):
    """The operator, with permissions of its own.

    Creates, unless the operator is there already:
    - the namespace;
    - a Helm release with the definitions (CRDs) only, once the identity is there;
    - the roles and bindings of `operator_rbac`;
    - a service account for the identity, if it is not the controller's own;
    - a second Helm release, with the controller.

    For an existing operator it creates the service account and, with `grant_permissions`, the roles and bindings.

    With `webhook`, the second release is ready only when the webhook answers: the certificate controller checks its
    endpoints before it calls itself ready.

    Outputs:
    - `gates`: what stores have to wait for.

    Raises ConfigError for arguments that cannot work together, an environment with credentials or an unpinned chart.
    Sources: the chart's `values.yaml`; external-secrets #1290 (webhook race); external-secrets v0.20.4,
    `webhookconfig.ReadyCheck`.
    """

    gates: Sequence[pulumi.Resource]

    def __init__(
        self, name: str, args: ExternalSecretsOperatorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("secrets-bootstrap:index:ExternalSecretsOperator", name, None, opts)
        self._args, self._children = args, pulumi.ResourceOptions(parent=self)
        if args.existing:
            self.gates = self._permissions(name, None)
        else:
            home = kubernetes.core.v1.Namespace(
                f"{name}-namespace", metadata={"name": args.service_account.namespace}, opts=self._children
            )
            # EKS tells the webhook that admits pods of a new association only after some seconds, and a pod that comes
            # earlier never gets credentials (amazon-eks-pod-identity-webhook #264): the definitions fill that time.
            definitions = self._release(
                f"{name}-crds", "external-secrets-crds", _definition_values(), [home, *args.identity.gates]
            )
            permissions = self._permissions(name, home)
            controller = self._release(
                f"{name}-controller",
                "external-secrets",
                _controller_values(args),
                [definitions, *permissions],
            )
            self.gates = [controller, *permissions]
        self.register_outputs({"namespace": args.service_account.namespace})

    def _permissions(self, name: str, home: pulumi.Resource | None) -> list[pulumi.Resource]:
        """The operator's roles, and the service account that its stores name. `home` makes the operator's namespace."""
        args, identity = self._args, self._args.identity
        created: list[pulumi.Resource] = []
        if not args.existing or args.grant_permissions:
            created += operator_rbac(
                name,
                account=args.service_account,
                identity=identity,
                namespaces=args.namespaces,
                home=home,
                webhook=args.webhook and not args.existing,
                opts=self._children,
            )
        if identity.service_account != args.service_account:
            created.append(self._store_account(f"{name}-store-account", identity, home))
        return created

    def _release(
        self, name: str, release: str, values: Mapping[str, Any], after: Sequence[pulumi.Resource]
    ) -> kubernetes.helm.v3.Release:
        return self._args.chart.release(
            name,
            called=release,
            namespace=self._args.service_account.namespace,
            values=values,
            timeout_seconds=self._args.timeout_seconds,
            opts=pulumi.ResourceOptions.merge(self._children, pulumi.ResourceOptions(depends_on=after)),
        )

    def _store_account(self, name: str, identity: IdentityRef, home: pulumi.Resource | None) -> pulumi.Resource:
        account = identity.service_account
        return kubernetes.core.v1.ServiceAccount(
            name,
            metadata={"name": account.name, "namespace": account.namespace, "annotations": identity.annotations},
            opts=pulumi.ResourceOptions.merge(
                self._children, pulumi.ResourceOptions(depends_on=[home] if home else [])
            ),
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
        "certController": {"create": args.webhook, "rbac": {"create": False}},
        "extraEnv": [{"name": key, "value": value} for key, value in sorted(args.environment.items())],
    }
