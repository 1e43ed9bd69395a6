"""Argo CD's repository and cluster secrets.

It installs no Argo CD: these are here before it, so that it can start from nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ..arguments import Arguments
from .store_spec import API_VERSION
from .waiting import wait_until_ready

_LABEL = "argocd.argoproj.io/secret-type"
_FORBIDDEN_IN_CLUSTER = ("bearerToken", "password", "username", "keyData", "certData")


@dataclass(frozen=True, kw_only=True)
class ArgoRepository:
    """A repository that is read by SSH. `remote_key`: the name in the manager of the private key."""

    url: str
    remote_key: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class ArgoCluster:
    """A cluster that Argo CD deploys to. `config` says how it gets in, by its own identity: it holds no credential."""

    server: str = "https://kubernetes.default.svc"
    config: Mapping[str, Any] = field(default_factory=lambda: {"tlsClientConfig": {"insecure": False}})


@dataclass(frozen=True, kw_only=True)
class ArgoCdSecretsArgs(Arguments):
    """Arguments of ArgoCdSecrets.

    namespace: Argo CD's; it must exist. store_name: the ClusterSecretStore. repositories, clusters: by name. Default
    none.
    after: what must be ready before. refresh_interval: how often keys are read again. Default 1h. timeout_seconds: 10
    to 3600. Default 300.
    """

    namespace: str
    store_name: str
    repositories: Mapping[str, ArgoRepository] = field(default_factory=dict[str, ArgoRepository])
    clusters: Mapping[str, ArgoCluster] = field(default_factory=dict[str, ArgoCluster])
    refresh_interval: str = "1h"
    timeout_seconds: int = 300
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require(10 <= self.timeout_seconds <= 3600, "timeout_seconds", "is not from 10 to 3600", "300 is usual")
        for name, cluster in self.clusters.items():
            found = [key for key in _FORBIDDEN_IN_CLUSTER if f'"{key}"' in json.dumps(cluster.config)]
            self.require(
                not found,
                f"clusters.{name}.config",
                f"holds a credential ({', '.join(found)}), which would end up in the state",
                "let Argo CD get in by its own identity: awsAuthConfig or execProviderConfig",
            )


class ArgoCdSecrets(pulumi.ComponentResource):
    """Repository secrets as references, cluster secrets without credentials.

    Creates for each repository an ExternalSecret whose Secret `repository-<name>` carries Argo CD's label and the key
    from the manager, and for
    each cluster a Secret `cluster-<name>`. Outputs: `repository_secrets` (names by repository), `gates`. Raises
    ConfigError if a cluster's
    config holds a credential. Source: Argo CD, "Declarative setup" (labels and keys).
    """

    repository_secrets: Mapping[str, str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: ArgoCdSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:ArgoCdSecrets", name, None, opts)
        self._args, self._options = args, pulumi.ResourceOptions(parent=self, depends_on=args.after)
        self.repository_secrets = {key: f"repository-{key}" for key in args.repositories}
        self.gates = [
            *(self._repository(f"{name}-repository-{key}", key, one) for key, one in args.repositories.items()),
            *(self._cluster(f"{name}-cluster-{key}", key, one) for key, one in args.clusters.items()),
        ]
        self.register_outputs({"namespace": args.namespace, "repositorySecrets": self.repository_secrets})

    def _repository(self, name: str, key: str, repository: ArgoRepository) -> pulumi.Resource:
        secret = self.repository_secrets[key]
        template = {
            "metadata": {"labels": {_LABEL: "repository"}},
            "data": {"type": "git", "url": repository.url, "sshPrivateKey": "{{ .sshPrivateKey }}"},
        }
        return kubernetes.apiextensions.CustomResource(
            name,
            api_version=API_VERSION,
            kind="ExternalSecret",
            metadata={
                "name": secret,
                "namespace": self._args.namespace,
                "annotations": wait_until_ready(self._args.timeout_seconds),
            },
            spec={
                "refreshInterval": self._args.refresh_interval,
                "secretStoreRef": {"kind": "ClusterSecretStore", "name": self._args.store_name},
                "target": {"name": secret, "creationPolicy": "Owner", "deletionPolicy": "Retain", "template": template},
                "data": [{"secretKey": "sshPrivateKey", "remoteRef": {"key": repository.remote_key}}],
            },
            opts=self._options,
        )

    def _cluster(self, name: str, key: str, cluster: ArgoCluster) -> pulumi.Resource:
        return kubernetes.core.v1.Secret(
            name,
            metadata={"name": f"cluster-{key}", "namespace": self._args.namespace, "labels": {_LABEL: "cluster"}},
            string_data={"name": key, "server": cluster.server, "config": json.dumps(cluster.config, sort_keys=True)},
            opts=self._options,
        )
