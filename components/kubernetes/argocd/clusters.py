"""Clusters that Argo CD deploys to, and how it gets into each by its own identity: no credential is stored.

Sources: Argo CD v3.2.6, `SecretToCluster`, `RawRestConfig` and `cmd/argocd-k8s-auth`; Argo CD, "Declarative setup".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pulumi

from ...arguments import Arguments
from ...forms import DNS_LABEL, HTTPS_URL, Form, is_credential_variable, matches

IN_CLUSTER = "https://kubernetes.default.svc"

# Argo CD reads these names in any case (Go, `encoding/json`).
_CREDENTIALS = frozenset({"bearertoken", "password", "username", "keydata", "certdata"})
_CREDENTIAL_FLAGS = matches(r"--?(?:password|token|client-secret|client-certificate-password)(?:=.*)?")

EKS_CLUSTER_ARN = Form(
    matches(r"arn:aws(?:-[a-z]+)*:eks:[a-z0-9-]+:[0-9]{12}:cluster/[A-Za-z0-9_-]+"),
    "is not the ARN of an EKS cluster",
    "write it as arn:aws:eks:REGION:ACCOUNT:cluster/NAME",
)
_SERVER = Form(
    lambda text: HTTPS_URL.holds(text) or EKS_CLUSTER_ARN.holds(text),
    "is neither an https:// address nor the ARN of an EKS cluster",
    "give the API's address; the Argo CD of EKS Capabilities takes the cluster's ARN instead",
)


@dataclass(frozen=True, kw_only=True)
class ArgoCluster(Arguments):
    """A cluster that Argo CD deploys to. Raises ConfigError if `config` holds a credential or trusts any certificate.

    server: its API, https://; for the Argo CD of EKS Capabilities the cluster's ARN; default the cluster that Argo CD
        runs in.
    config: how Argo CD gets in, by its own identity and without a credential; None for an ARN; default its service
        account.
    project: the one AppProject that may deploy to it; required for an ARN; otherwise default any.
    namespaces: the only ones that Argo CD looks into and deploys to; default all.
    cluster_resources: whether it also deploys what lies in no namespace, where `namespaces` limits it; default false.
    """

    server: pulumi.Input[str] = IN_CLUSTER
    config: Mapping[str, Any] | None = None
    project: str | None = None
    namespaces: Sequence[str] = ()
    cluster_resources: bool = False

    def __post_init__(self) -> None:
        self.require_form("server", self.server, _SERVER)
        self.require(
            not self._is_arn or self.config is None,
            "config",
            "has no meaning for a cluster that is named by its ARN",
            "leave it out: the Argo CD of EKS Capabilities gets in by its own role",
        )
        self.require(
            not self._is_arn or self.project is not None,
            "project",
            "is missing, and the Argo CD of EKS Capabilities takes no cluster without one",
            "name the AppProject, such as default",
        )
        if self.project is not None:
            self.require_form("project", self.project, DNS_LABEL)
        for index, namespace in enumerate(self.namespaces):
            self.require_form(f"namespaces.{index}", namespace, DNS_LABEL)
        self.require(
            bool(self.namespaces) or not self.cluster_resources,
            "cluster_resources",
            "has no meaning without namespaces: Argo CD then deploys everything",
            "name the namespaces, or leave it out",
        )
        self._require_no_credential(self.config or {})

    @property
    def _is_arn(self) -> bool:
        return isinstance(self.server, str) and EKS_CLUSTER_ARN.holds(self.server)

    def _require_no_credential(self, config: Mapping[str, Any]) -> None:
        # `execProviderConfig.env` has keys of its own.
        found = [key for key, _ in _entries(config) if key.lower() in _CREDENTIALS or is_credential_variable(key)]
        found += [text for _, text in _entries(config) if isinstance(text, str) and _CREDENTIAL_FLAGS(text)]
        self.require(
            not found,
            "config",
            f"holds a credential ({', '.join(one.partition('=')[0] for one in found)}), which would end up in the "
            "state",
            "let Argo CD get in by its own identity: awsAuthConfig or execProviderConfig",
        )
        self.require(
            not any(key.lower() == "insecure" and value is True for key, value in _entries(config)),
            "config",
            "trusts any certificate, so whoever stands between gets Argo CD's token",
            "give the authority of the cluster's certificate in tlsClientConfig.caData",
        )

    def data(self, name: str) -> dict[str, pulumi.Input[str]]:
        """`stringData` of the Secret, which holds no credential."""
        config = {"tlsClientConfig": {"insecure": False}} if self.config is None else self.config
        data: dict[str, pulumi.Input[str]] = {"name": name, "server": self.server}
        if not self._is_arn:
            data["config"] = pulumi.Output.json_dumps(config, sort_keys=True)
        if self.project is not None:
            data["project"] = self.project
        if self.namespaces:
            data["namespaces"] = ",".join(self.namespaces)
            data["clusterResources"] = str(self.cluster_resources).lower()
        return data


def same_server(server: str) -> str:
    """Addresses that are one to Argo CD (v3.2.6, `SecretToCluster`)."""
    return server.rstrip("/")


def argocd_eks_config(
    *, cluster_name: pulumi.Input[str], role_arn: pulumi.Input[str], ca_data: pulumi.Input[str]
) -> Mapping[str, Any]:
    """`config` of an EKS cluster: Argo CD becomes a role (IRSA or Pod Identity), then this role, and signs a token.

    cluster_name: the cluster's name in EKS.
    role_arn: the role that the cluster lets in by an access entry; it trusts Argo CD's own role.
    ca_data: the authority of the API's certificate, as EKS gives it (base64).
    """
    return {"awsAuthConfig": {"clusterName": cluster_name, "roleARN": role_arn}, "tlsClientConfig": _trusting(ca_data)}


def argocd_gke_config(*, ca_data: pulumi.Input[str]) -> Mapping[str, Any]:
    """`config` of a GKE cluster: Argo CD gets a token for its own identity (Workload Identity Federation).

    ca_data: the authority of the API's certificate, as GKE gives it (base64).
    """
    return {"execProviderConfig": _helper("gcp"), "tlsClientConfig": _trusting(ca_data)}


def argocd_aks_config(
    *,
    client_id: pulumi.Input[str],
    tenant_id: pulumi.Input[str],
    ca_data: pulumi.Input[str],
    azure_environment: str = "AzurePublicCloud",
) -> Mapping[str, Any]:
    """`config` of an AKS cluster with Entra ID: Argo CD exchanges its service account's token (workload identity).

    client_id: the client id of the managed identity that trusts Argo CD's service accounts.
    tenant_id: its tenant.
    ca_data: the authority of the API's certificate, as AKS gives it (base64).
    azure_environment: the cloud's name; default AzurePublicCloud.
    """
    environment = {
        "AAD_ENVIRONMENT_NAME": azure_environment,
        "AAD_LOGIN_METHOD": "workloadidentity",
        "AZURE_CLIENT_ID": client_id,
        "AZURE_TENANT_ID": tenant_id,
    }
    return {"execProviderConfig": {**_helper("azure"), "env": environment}, "tlsClientConfig": _trusting(ca_data)}


def _helper(cloud: str) -> dict[str, Any]:
    return {"command": "argocd-k8s-auth", "args": [cloud], "apiVersion": "client.authentication.k8s.io/v1beta1"}


def _trusting(ca_data: pulumi.Input[str]) -> Mapping[str, Any]:
    return {"insecure": False, "caData": ca_data}


def _entries(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Every key of nested mappings and lists, with its value; items of lists under the list's key."""
    if isinstance(value, Mapping):
        for name, inner in cast(Mapping[object, object], value).items():
            yield from _entries(inner, str(name))
            if isinstance(inner, Mapping | list | tuple):
                yield str(name), inner
    elif isinstance(value, list | tuple):
        for inner in cast(Sequence[object], value):
            yield from _entries(inner, key)
    else:
        yield key, value
