"""Argo CD's repository, credential and cluster secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ...arguments import Arguments
from ...forms import DNS_LABEL, DNS_SUBDOMAIN, DURATION
from ..durations import canonical_duration
from ..store_spec import API_VERSION, remote_ref
from ..waiting import wait_until_ready
from .clusters import ArgoCluster, same_server
from .credentials import Credential, StoredCredential
from .repositories import ArgoCredentialTemplate, ArgoRepository, same_address

_LABEL = "argocd.argoproj.io/secret-type"


@dataclass(frozen=True, kw_only=True)
class ArgoCdSecretsArgs(Arguments):
    """Arguments of ArgoCdSecrets.

    namespace: Argo CD's; it must exist.
    store_name: the ClusterSecretStore that holds the credentials.
    repositories: what Argo CD reads, by name; default none.
    templates: credentials for many repositories, by name; default none.
    clusters: what Argo CD deploys to, by name; default none.
    refresh_interval: how often the credentials are read again; a number and s, m or h; default 1h.
    timeout_seconds: how long a credential may take to be there; seconds, 10 to 3600; default 300.
    after: what must be ready before, such as the first sync; default none.
    """

    namespace: str
    store_name: str
    repositories: Mapping[str, ArgoRepository] = field(default_factory=dict[str, ArgoRepository])
    templates: Mapping[str, ArgoCredentialTemplate] = field(default_factory=dict[str, ArgoCredentialTemplate])
    clusters: Mapping[str, ArgoCluster] = field(default_factory=dict[str, ArgoCluster])
    refresh_interval: str = "1h"
    timeout_seconds: int = 300
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require_form("namespace", self.namespace, DNS_LABEL)
        self.require_form("store_name", self.store_name, DNS_SUBDOMAIN)
        self.require_form("refresh_interval", self.refresh_interval, DURATION)
        self.require_timeout(self.timeout_seconds)
        for what, names in (
            ("repositories", self.repositories),
            ("templates", self.templates),
            ("clusters", self.clusters),
        ):
            for name in names:
                self.require_form(f"{what}.{name}", name, DNS_LABEL)
        self._require_distinct(
            "repositories", {name: (same_address(one.url), one.project) for name, one in self.repositories.items()}
        )
        self._require_distinct("templates", {name: same_address(one.url) for name, one in self.templates.items()})
        self._require_distinct(
            "clusters",
            {name: same_server(one.server) for name, one in self.clusters.items() if isinstance(one.server, str)},
        )
        for name, one in self.repositories.items():
            other = self.repositories.get(f"{name}-seed")
            self.require(
                one.seed is None or other is None or isinstance(other.credential, StoredCredential),
                f"repositories.{name}-seed",
                f"is also what the seed of {name} is called",
                "choose another name",
            )

    def _require_distinct(self, what: str, addresses: Mapping[str, object]) -> None:
        """Of two secrets for one address Argo CD takes whichever it finds first."""
        seen: dict[object, str] = {}
        for name, address in addresses.items():
            other = seen.setdefault(address, name)
            self.require(
                other == name, f"{what}.{name}", f"has the same address as {other}", f"leave one of them out of {what}"
            )


class ArgoCdSecrets(pulumi.ComponentResource):
    """Repository and credential secrets as references, cluster secrets without credentials.

    Creates:
    - for each repository or template whose secret part lies in the manager an ExternalSecret, whose Secret
      `repository-<name>` or `repo-creds-<name>` has Argo CD's label; with `seed` the Secret before it;
    - for each other one, which holds no credential, that Secret itself;
    - for each cluster a Secret `cluster-<name>`.

    Outputs:
    - `repository_secrets`: the Secrets' names by repository.
    - `gates`: everything that was created.

    Raises ConfigError for names, addresses or times of the wrong form, and for two secrets of one address.
    Source: Argo CD, "Declarative setup" (labels and keys).
    """

    repository_secrets: Mapping[str, str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: ArgoCdSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:ArgoCdSecrets", name, None, opts)
        self._args = args
        self.repository_secrets = {key: f"repository-{key}" for key in args.repositories}
        self.gates = [
            *(
                made
                for key, one in args.repositories.items()
                for made in self._git(
                    _Labelled(f"{name}-repository-{key}", f"repository-{key}", "repository", one.data()),
                    one.credential,
                    one.seed,
                )
            ),
            *(
                made
                for key, one in args.templates.items()
                for made in self._git(
                    _Labelled(f"{name}-repo-creds-{key}", f"repo-creds-{key}", "repo-creds", one.data()), one.credential
                )
            ),
            *(
                self._secret(_Labelled(f"{name}-cluster-{key}", f"cluster-{key}", "cluster", one.data(key)))
                for key, one in args.clusters.items()
            ),
        ]
        self.register_outputs({"namespace": args.namespace, "repositorySecrets": self.repository_secrets})

    def _git(
        self, labelled: "_Labelled", credential: Credential | None, seed: pulumi.Input[str] | None = None
    ) -> list[pulumi.Resource]:
        if not isinstance(credential, StoredCredential):
            return [self._secret(labelled)]
        seeded = [self._seed(labelled, credential, seed)] if seed is not None else []
        return [*seeded, self._external_secret(labelled, credential, seeded)]

    def _external_secret(
        self, labelled: "_Labelled", credential: StoredCredential, seeded: Sequence[pulumi.Resource]
    ) -> pulumi.Resource:
        args, secret_field = self._args, credential.secret_field
        template = {
            "metadata": {"labels": labelled.labels},
            "data": {**labelled.data, secret_field: f"{{{{ .{secret_field} }}}}"},
        }
        # Orphan: what was there before the operator also survives the ExternalSecret.
        target = {"creationPolicy": "Orphan" if seeded else "Owner", "deletionPolicy": "Retain", "template": template}
        return kubernetes.apiextensions.CustomResource(
            labelled.resource,
            api_version=API_VERSION,
            kind="ExternalSecret",
            metadata={
                "name": labelled.secret,
                "namespace": args.namespace,
                "annotations": wait_until_ready(args.timeout_seconds),
            },
            spec={
                "refreshInterval": canonical_duration(args.refresh_interval),
                "secretStoreRef": {"kind": "ClusterSecretStore", "name": args.store_name},
                "target": {"name": labelled.secret, **target},
                "data": [
                    {"secretKey": secret_field, "remoteRef": remote_ref(credential.remote_key, credential.property)}
                ],
            },
            opts=self._options([*seeded, *args.after]),
        )

    def _seed(
        self, labelled: "_Labelled", credential: StoredCredential, seed: pulumi.Input[str]
    ) -> kubernetes.core.v1.Secret:
        """The Secret before there is an operator. From then on it is the operator's: nobody takes it back or away."""
        return kubernetes.core.v1.Secret(
            f"{labelled.resource}-seed",
            metadata={"name": labelled.secret, "namespace": self._args.namespace, "labels": labelled.labels},
            string_data={**labelled.data, credential.secret_field: pulumi.Output.secret(seed)},
            opts=pulumi.ResourceOptions(
                parent=self, retain_on_delete=True, ignore_changes=["metadata", "data", "stringData"]
            ),
        )

    def _secret(self, labelled: "_Labelled") -> pulumi.Resource:
        return kubernetes.core.v1.Secret(
            labelled.resource,
            metadata={"name": labelled.secret, "namespace": self._args.namespace, "labels": labelled.labels},
            string_data=labelled.data,
            opts=self._options(self._args.after),
        )

    def _options(self, after: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=after)


@dataclass(frozen=True)
class _Labelled:
    """A Secret that Argo CD finds by its label: the resource's name, its own, its kind, what is not secret in it."""

    resource: str
    secret: str
    kind: str
    data: Mapping[str, Any]

    @property
    def labels(self) -> Mapping[str, str]:
        return {_LABEL: self.kind}
