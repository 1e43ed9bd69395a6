"""The local AWS as the rest of the bootstrap sees it: start it, stop it, ask it."""

import hmac
import json
import os
import secrets
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from bootstrap.errors import BootstrapError
from bootstrap.localcloud.aws.credentials import ADMIN_FILE, DEPLOYER_FILE, WRITER_FILE, proof
from bootstrap.localcloud.cloud import Cluster
from bootstrap.localcloud.kubernetes.node.pod_identity import PodIdentityWebhook
from bootstrap.paths import REPOSITORY, require_free, write_private
from bootstrap.processes import Daemon, clean_environment
from bootstrap.toolchain.policy_engine import install
from bootstrap.toolchain.tools import Module

_TIMEOUT_SECONDS = 15
# Loopback only: a proxy of the environment must not see these calls.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class LocalAws:
    """One local AWS: `directory` holds all its state, `port` is on 127.0.0.1."""

    kind: ClassVar[str] = "aws"
    title: ClassVar[str] = "local AWS"
    modules: ClassVar[Sequence[Module]] = ()

    directory: Path
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def agent_url(self, cluster: str) -> str:
        """Where the pods of a cluster get credentials by EKS Pod Identity."""
        return f"{self.endpoint}/_agent/{cluster}/v1/credentials"

    def imds_url(self, cluster: str) -> str:
        """Where the nodes of a cluster get theirs."""
        return f"{self.endpoint}/_imds/{cluster}"

    def start(self) -> bool:
        """Leave it running and healthy. Returns whether it had to be started."""
        install()  # here, so that a failing installation is told to whoever waits for it
        return self._daemon.ensure()

    def stop(self) -> None:
        """End it; nothing is lost."""
        self._daemon.stop()

    def health(self) -> bool:
        """Whether the local AWS of this very folder answers on the port, and not some other program."""
        nonce = secrets.token_hex(16)
        try:
            expected = proof((self.directory / ADMIN_FILE).read_text(), nonce)
            with _OPENER.open(f"{self.endpoint}/_local/health?nonce={nonce}", timeout=2) as answer:
                return hmac.compare_digest(str(json.load(answer)["proof"]), expected)
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def deployer_environment(self) -> dict[str, str]:
        """The variables with which an AWS SDK is the deployer of this local AWS."""
        return self._user_environment(DEPLOYER_FILE)

    def writer_environment(self) -> dict[str, str]:
        """The same for the writer of values, who reads none."""
        return self._user_environment(WRITER_FILE)

    def _user_environment(self, file: str) -> dict[str, str]:
        try:
            user = json.loads((self.directory / file).read_text())
        except FileNotFoundError:
            raise BootstrapError(
                f"the local AWS in {self.directory}", "it was never started, so it has no users", "run `make up`"
            ) from None
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": user["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": user["SecretAccessKey"],
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def deployer_profile(self) -> dict[str, str]:
        """The same for a process that starts others: the secret is in a file, so that no environment carries it."""
        given = self.deployer_environment()
        keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        lines = ["[default]", *(f"{key.lower()} = {given.pop(key)}" for key in keys)]
        file = write_private(self.directory / "deployer.ini", "\n".join(lines) + "\n")
        # Without a file of its own, an SDK would mix in the settings of the developer's default profile.
        return {**given, "AWS_SHARED_CREDENTIALS_FILE": str(file), "AWS_CONFIG_FILE": os.devnull}

    def own_secrets(self) -> list[str]:
        users = (self.deployer_environment(), self.writer_environment())
        return [user["AWS_SECRET_ACCESS_KEY"] for user in users]

    def node_environment(self, cluster: str) -> dict[str, str]:
        """Instance metadata, as on EC2."""
        return {"AWS_ENDPOINT_URL": self.endpoint, "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.imds_url(cluster)}

    def pod_webhook(
        self, cluster: str, region: str | None, annotations: Callable[[str, str], Mapping[str, str]]
    ) -> PodIdentityWebhook:
        return PodIdentityWebhook(
            agent_url=self.agent_url(cluster),
            region=_region_of(cluster, region),
            has_association=lambda namespace, account: self.pod_identity(cluster, namespace, account) is not None,
            annotations=annotations,
        )

    def register(self, cluster: Cluster) -> None:
        """Make a cluster known: its issuer, for identities, and the role that its nodes are given."""
        region = _region_of(cluster.name, cluster.region)
        self.register_cluster(cluster.name, region, cluster.issuer_url, cluster.authority, cluster.node_role_arn)

    def register_cluster(
        self, name: str, region: str, issuer_url: str, ca_pem: str, node_role_arn: str | None = None
    ) -> None:
        self._command(
            "register-cluster",
            name=name,
            region=region,
            issuer_url=issuer_url,
            ca_pem=ca_pem,
            node_role_arn=node_role_arn,
        )

    def deregister(self, name: str) -> None:
        """Forget a cluster and its associations; one that is not known is forgotten already."""
        self._command("deregister-cluster", name=name)

    def pod_identity(self, cluster: str, namespace: str, service_account: str) -> dict[str, Any] | None:
        """The Pod Identity association of a service account, as the EKS API shows it."""
        return self._command("pod-identity", cluster=cluster, namespace=namespace, service_account=service_account)

    def set_outage(self, services: Sequence[str]) -> None:
        """Switch exactly these services off, and all others on."""
        self._command("outage", services=list(services))

    def audit(self) -> list[dict[str, Any]]:
        """The audit trail, oldest call first."""
        return self._command("audit")

    @property
    def _daemon(self) -> Daemon:
        return Daemon(
            name="local-aws",
            directory=self.directory,
            arguments=[
                sys.executable,
                *("-m", "bootstrap.localcloud.aws", "--dir", str(self.directory), "--port", str(self.port)),
            ],
            environment=clean_environment(PYTHONPATH=str(REPOSITORY), **_cache_variable()),
            healthy=self.health,
            before_start=lambda: require_free(self.port, "local AWS"),
        )

    def _command(self, command: str, **parameters: Any) -> Any:
        if not self.health():  # the token goes to this very daemon and to nobody else
            raise BootstrapError(
                f"the local AWS on port {self.port}", "it does not answer, or another program does", "run `make up`"
            )
        request = urllib.request.Request(  # noqa: S310  # the scheme is ours
            f"{self.endpoint}/_local/{command}",
            data=json.dumps(parameters).encode(),
            headers={"Authorization": f"Bearer {(self.directory / ADMIN_FILE).read_text()}"},
        )
        try:
            with _OPENER.open(request, timeout=_TIMEOUT_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                message = json.load(error).get("message", "")
            raise BootstrapError(
                f"local AWS: {command}", message, "correct the call: this is a fault of the caller"
            ) from None


def _region_of(cluster: str, region: str | None) -> str:
    if region is None:
        raise BootstrapError(f"cluster {cluster}", "it has no region", "name the region of its AWS")
    return region


def _cache_variable() -> dict[str, str]:
    """Daemons do not inherit variables, and this one must find what was installed for its caller."""
    name = "SECRETS_BOOTSTRAP_CACHE"
    return {name: os.environ[name]} if name in os.environ else {}
