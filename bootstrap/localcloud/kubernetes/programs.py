"""The programs of a control plane and their flags. Owns what is started, not when."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2
from tenacity import retry, stop_after_delay, wait_fixed

from bootstrap.localcloud import loopback
from bootstrap.localcloud.kubernetes.layout import ADMIN, CONTROLLER_MANAGER, Layout
from bootstrap.localcloud.kubernetes.pki import Pki
from bootstrap.paths import REPOSITORY, require_free
from bootstrap.processes import Daemon, clean_environment

ETCD, API_SERVER, CONTROLLERS, NODE_AGENT = "etcd", "kube-apiserver", "kube-controller-manager", "node"
_START_SECONDS = 40.0
_PORT_SECONDS = 3.0

# What workloads of one node without storage or networks need. The others would only cost start-up time.
_CONTROLLERS = (
    "clusterrole-aggregation-controller",
    "deployment-controller",
    "garbage-collector-controller",
    "namespace-controller",
    "replicaset-controller",
    "resourcequota-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
)


@dataclass(frozen=True)
class Programs:
    """Daemons of one control plane, each with the health check that tells it from any other program on its port."""

    layout: Layout
    pki: Pki
    tools: Path

    def etcd(self) -> Daemon:
        """Durable: it syncs every write to disk. Only holders of a certificate of etcd's own authority get in."""
        layout, pki, pair = self.layout, self.pki, self.pki.pair("etcd")
        client_url = f"https://127.0.0.1:{layout.etcd_port}"
        peer_url = f"https://127.0.0.1:{layout.etcd_peer_port}"
        flags = {
            "name": layout.name,
            "data-dir": layout.directory / "etcd-data",
            "listen-client-urls": client_url,
            "advertise-client-urls": client_url,
            "listen-peer-urls": peer_url,
            "initial-advertise-peer-urls": peer_url,
            "initial-cluster": f"{layout.name}={peer_url}",
            "cert-file": pair.certificate,
            "key-file": pair.key,
            "trusted-ca-file": pki.etcd_authority,
            "client-cert-auth": "true",
            "peer-cert-file": pair.certificate,
            "peer-key-file": pair.key,
            "peer-trusted-ca-file": pki.etcd_authority,
            "peer-client-cert-auth": "true",
            # The only member waits for nobody's vote.
            "heartbeat-interval": "50",
            "election-timeout": "250",
            "log-level": "warn",
        }
        return self._daemon(ETCD, flags, self.etcd_client(), "/readyz", [layout.etcd_port, layout.etcd_peer_port])

    def etcd_client(self) -> httpx2.Client:
        url = f"https://127.0.0.1:{self.layout.etcd_port}"
        return loopback.client(url, self.pki.etcd_authority, self.pki.pair("etcd-client"))

    def api_server(self) -> Daemon:
        layout, pki, serving = self.layout, self.pki, self.pki.pair("apiserver")
        etcd_client = pki.pair("etcd-client")
        flags = {
            "bind-address": "127.0.0.1",
            "secure-port": layout.api_port,
            "tls-cert-file": serving.certificate,
            "tls-private-key-file": serving.key,
            "client-ca-file": pki.authority,
            "authentication-config": layout.authentication_configuration,
            "authorization-mode": "Node,RBAC",
            "enable-admission-plugins": "NodeRestriction",
            # Nothing here would ever take the taint away again.
            "disable-admission-plugins": "TaintNodesByCondition",
            "etcd-servers": f"https://127.0.0.1:{layout.etcd_port}",
            "etcd-cafile": pki.etcd_authority,
            "etcd-certfile": etcd_client.certificate,
            "etcd-keyfile": etcd_client.key,
            "service-account-issuer": layout.endpoint,
            "service-account-jwks-uri": f"{layout.endpoint}/openid/v1/jwks",
            "service-account-signing-key-file": pki.issuer_key,
            "service-account-key-file": pki.issuer_public_key,
            # Otherwise a pod's one-hour token is good for a year.
            "service-account-extend-token-expiration": "false",
            "service-cluster-ip-range": "10.96.0.0/16",
            "endpoint-reconciler-type": "none",
            "profiling": "false",
            "audit-policy-file": layout.audit_policy,
            "audit-log-path": layout.audit_log,
            "audit-log-maxsize": "50",
            "audit-log-maxbackup": "1",
        }
        if layout.encryption_configuration.exists():
            flags["encryption-provider-config"] = layout.encryption_configuration
            flags["encryption-provider-config-automatic-reload"] = "true"
        return self._daemon(API_SERVER, flags, self.api_client(), "/readyz", [layout.api_port])

    def api_client(self) -> httpx2.Client:
        """The API as its administrator."""
        return loopback.client(self.layout.endpoint, self.pki.authority, self.pki.pair(ADMIN), timeout=15)

    def controllers(self) -> Daemon:
        layout, pki, serving = self.layout, self.pki, self.pki.pair("controller-manager-serving")
        port = layout.controller_manager_port
        flags = {
            "bind-address": "127.0.0.1",
            "secure-port": port,
            "tls-cert-file": serving.certificate,
            "tls-private-key-file": serving.key,
            "kubeconfig": layout.kubeconfig(CONTROLLER_MANAGER),
            "use-service-account-credentials": "true",
            "root-ca-file": pki.authority,
            "controllers": ",".join(_CONTROLLERS),
            # A quota of objects whose definition is new counts from the next of these on, and refuses all until then.
            "resource-quota-sync-period": "15s",
            "leader-elect": "false",
            "kube-api-qps": "200",
            "kube-api-burst": "400",
            "profiling": "false",
        }
        http = loopback.client(f"https://127.0.0.1:{port}", pki.authority)
        return self._daemon(CONTROLLERS, flags, http, "/healthz", [port])

    def node(self) -> Daemon:
        layout = self.layout
        module = "bootstrap.localcloud.kubernetes.node"
        return Daemon(
            name=NODE_AGENT,
            directory=layout.directory,
            arguments=[sys.executable, "-m", module, "--dir", str(layout.directory)],
            environment=clean_environment(PYTHONPATH=str(REPOSITORY)),
            healthy=self._node_is_ours,
            before_start=self._require_free("node", [layout.node_port, layout.webhook_port]),
            start_seconds=_START_SECONDS,
        )

    def node_client(self) -> httpx2.Client:
        return httpx2.Client(base_url=f"http://127.0.0.1:{self.layout.node_port}", timeout=15, trust_env=False)

    def _node_is_ours(self) -> bool:
        try:
            with self.node_client() as http:
                return http.get("/healthz").text == str(self.layout.directory)
        except httpx2.HTTPError:
            return False

    def _daemon(
        self, name: str, flags: dict[str, object], http: httpx2.Client, health_path: str, ports: list[int]
    ) -> Daemon:
        return Daemon(
            name=name,
            directory=self.layout.directory,
            arguments=[str(self.tools / name), *(f"--{flag}={value}" for flag, value in flags.items())],
            environment=clean_environment(),
            healthy=partial(loopback.answers_ok, http, health_path),
            before_start=self._require_free(name, ports),
            start_seconds=_START_SECONDS,
        )

    def _require_free(self, name: str, ports: list[int]) -> Callable[[], None]:
        # A program that was killed just now still has its ports for a moment.
        @retry(stop=stop_after_delay(_PORT_SECONDS), wait=wait_fixed(0.1), reraise=True)
        def check() -> None:
            for port in ports:
                require_free(port, f"{name} of cluster {self.layout.name}")

        return check
