"""One control plane as the rest of the program sees it: made, repaired, changed and removed in one call each.

Owns the order of things. What is started is in `programs`, what is on disk in `record`, `pki` and `layout`.
"""

import contextlib
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2

from bootstrap.errors import BootstrapError
from bootstrap.localcloud.cloud import Cluster, LocalCloud, PatchesPods
from bootstrap.localcloud.kubernetes import api_objects, daemons, kubeconfigs, stored
from bootstrap.localcloud.kubernetes.layout import ADMIN, CONTROLLER_MANAGER, Layout
from bootstrap.localcloud.kubernetes.pki import Pki
from bootstrap.localcloud.kubernetes.programs import Programs
from bootstrap.localcloud.kubernetes.record import ClusterRecord
from bootstrap.paths import private_dir, write_private
from bootstrap.rotation.etcd.configuration import providers
from bootstrap.rotation.etcd.rewriting import rewrite_secrets

_STATIC_POD_SECONDS = 20.0
_PODS_SECONDS = 15.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class ControlPlane:
    """A Kubernetes cluster of one node on loopback."""

    directory: Path
    cloud: LocalCloud

    @classmethod
    def create(
        cls,
        state_dir: Path,
        name: str,
        *,
        cloud: LocalCloud,
        tools: Path,
        port_base: int,
        region: str | None,
        node_role_arn: str | None,
        encryption_configuration: str | None,
        kms_plugin: str | None,
    ) -> "ControlPlane":
        """Make the control plane and start it, or adopt the one of that name and make it what is asked for."""
        directory = state_dir / "clusters" / name
        wanted = ClusterRecord(
            name=name,
            region=region,
            port_base=port_base,
            tools=str(tools),
            cloud=cloud.kind,
            cloud_port=cloud.port,
            node_role_arn=node_role_arn,
            encryption_configuration=encryption_configuration,
            kms_plugin=kms_plugin,
        )
        plane = cls(directory, cloud)
        if wanted.layout(directory).record.exists():
            _refuse_other(ClusterRecord.load(directory), wanted)
            plane._register()
            plane.update_encryption(encryption_configuration, kms_plugin)
            return plane
        private_dir(state_dir / "clusters")
        private_dir(directory)
        wanted.save(directory)
        plane.ensure()
        return plane

    @classmethod
    def existing(cls, state_dir: Path, cloud: LocalCloud) -> list["ControlPlane"]:
        """The control planes of a state folder, running or not."""
        return [cls(record.parent, cloud) for record in sorted((state_dir / "clusters").glob("[!.]*/cluster.json"))]

    @property
    def name(self) -> str:
        return self.directory.name

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self._layout.kubeconfig(ADMIN)

    @property
    def endpoint(self) -> str:
        return self._layout.endpoint

    @property
    def issuer_url(self) -> str:
        return self._layout.endpoint

    @property
    def authority(self) -> str:
        """The certificate (PEM) of the authority of the API, and so of the issuer."""
        return self._pki.authority.read_text()

    @property
    def issuer_thumbprint(self) -> str:
        return self._pki.thumbprint()

    @property
    def _record(self) -> ClusterRecord:
        return ClusterRecord.load(self.directory)

    @property
    def issuer_key(self) -> Path:
        """The private key with which the cluster signs tokens of service accounts."""
        return self._pki.issuer_key

    @property
    def _layout(self) -> Layout:
        return self._record.layout(self.directory)

    @property
    def _pki(self) -> Pki:
        """Certificates and the files made of them; made by the first who asks."""
        layout = self._layout
        pki = Pki.ensure(layout.pki, layout.clients)
        for client in (ADMIN, CONTROLLER_MANAGER):
            path = layout.kubeconfig(client)
            if not path.exists():
                kubeconfigs.write_with_certificate(
                    path,
                    server=layout.endpoint,
                    authority=pki.authority,
                    user=layout.clients[client].user,
                    pair=pki.pair(client),
                )
        if not layout.authentication_configuration.exists():
            write_private(layout.authentication_configuration, api_objects.AUTHENTICATION_CONFIGURATION)
        if not layout.audit_policy.exists():
            write_private(layout.audit_policy, api_objects.AUDIT_POLICY)
        return pki

    @property
    def _programs(self) -> Programs:
        return Programs(self._layout, self._pki, Path(self._record.tools))

    def _register(self) -> None:
        """Make the cluster known to the cloud: its issuer, for identities, and its node, before the node starts."""
        record, layout = self._record, self._layout
        self.cloud.register(
            Cluster(
                name=self.name,
                region=record.region,
                node_name=layout.node_name,
                node_role_arn=record.node_role_arn,
                issuer_url=self.issuer_url,
                authority=self.authority,
                host_path=layout.host_path,
            )
        )

    def ensure(self) -> list[str]:
        """Leave everything running and healthy. Returns the names of the programs that had to be started.

        The KMS plugin comes before the API server, which could not read a single Secret without it.
        """
        programs = self._programs
        if programs.node().process() is None:
            self._register()  # what a node is given may lie outside the cluster's folder, and go when the node goes
        started = daemons.ensure_together([programs.etcd(), programs.node()], self._wait_for_static_pods)
        api_server, controllers = programs.api_server(), programs.controllers()
        if api_server.ensure():
            started.append(api_server.name)
            # Those that ran without it have given up, or try again once a minute.
            controllers.stop()
        if controllers.ensure():
            started.append(controllers.name)
        if started:
            with programs.api_client() as http:
                api_objects.apply(http, self._layout, self._pki, pod_webhook=isinstance(self.cloud, PatchesPods))
            self._wait_for_pods()
        return started

    def is_healthy(self) -> bool:
        """Whether every program runs and says that it is well; nothing is started."""
        programs = self._programs
        wanted = [programs.etcd(), programs.node(), programs.api_server(), programs.controllers()]
        running = all(daemon.process() is not None and daemon.healthy() for daemon in wanted)
        return running and all(pod["healthy"] for pod in self._static_pods())

    def update_encryption(self, encryption_configuration: str | None, kms_plugin: str | None) -> None:
        """Change how Secrets are encrypted, and write all of them anew. What cannot be read that way is not changed.

        A configuration that cannot read what is in etcd is taken back: an API server with it would lose every Secret.
        """
        before = self._record
        after = replace(before, encryption_configuration=encryption_configuration, kms_plugin=kms_plugin)
        if after == before:
            self.ensure()
            return
        _refuse_to_forget(before, after)
        try:
            self._restart_with(after)
            rewrite_secrets(self._programs.api_client())
        except (BootstrapError, httpx2.HTTPError) as error:
            with contextlib.suppress(BootstrapError):  # it may never have been well either
                self._restart_with(before)
            why = error.why if isinstance(error, BootstrapError) else "the API server did not answer"
            raise BootstrapError(
                f"cluster {self.name}: the new encryption configuration",
                f"{why}; the old configuration is in place again",
                "keep the old provider in the configuration, after the new one, until everything is rewritten",
            ) from error

    @property
    def encryption_configuration(self) -> str | None:
        return self._record.encryption_configuration

    @property
    def kms_plugin(self) -> str | None:
        return self._record.kms_plugin

    def reconfigure(self, encryption_configuration: str, kms_plugin: str | None) -> str:
        """Change configuration and plugins under the running API server, which takes the change up within a minute.

        Nothing is written anew, and nothing is refused: `bootstrap.rotation.etcd` decides when this is safe. Returns
        the configuration as the API server reads it.
        """
        replace(self._record, encryption_configuration=encryption_configuration, kms_plugin=kms_plugin).save(
            self.directory
        )
        self._wait_for_static_pods()
        return self._layout.encryption_configuration.read_text()

    def _restart_with(self, record: ClusterRecord) -> None:
        daemons.kill(self._programs.api_server())
        record.save(self.directory)
        self.ensure()

    def delete(self) -> None:
        """End every program and remove everything. A removal that was cut short is finished by the next."""
        if self._layout.record.exists():
            programs, short_folder = self._programs, self._layout.short_folder
            # Clients before servers: nothing then logs or waits for what is gone.
            daemons.stop_together([programs.node(), programs.controllers()])
            daemons.kill(programs.api_server())
            daemons.kill(programs.etcd())
            shutil.rmtree(short_folder, ignore_errors=True)
            self.cloud.deregister(self.name)
        rubbish = self.directory.with_name(f".{self.directory.name}.deleted")
        shutil.rmtree(rubbish, ignore_errors=True)
        if self.directory.exists():
            self.directory.rename(rubbish)
            shutil.rmtree(rubbish)

    def raw_etcd_value(self, namespace: str, secret: str) -> bytes:
        """A Secret as etcd holds it, read past the API server."""
        with self._programs.etcd_client() as http:
            found = stored.read(http, f"{stored.SECRETS}{namespace}/{secret}")
        if found is None:
            raise BootstrapError(
                f"secret {namespace}/{secret} of cluster {self.name}", "it is not in etcd", "check its name"
            )
        return found

    def stored_secrets(self) -> list[tuple[str, str, str]]:
        """Each Secret in etcd: namespace/name, the provider that encrypted it (`identity` if none), its key's id."""
        with self._programs.etcd_client() as http:
            return [(name, *stored.encryption_of(value)) for name, value in stored.secrets(http)]

    def _static_pods(self) -> list[dict[str, Any]]:
        try:
            with self._programs.node_client() as http:
                return list(http.get("/static-pods").raise_for_status().json())
        except httpx2.HTTPError:
            return []

    def _wait_for_pods(self) -> None:
        """Let the node start again what ran before. A pod that it cannot start says so in its status."""
        deadline = time.monotonic() + _PODS_SECONDS
        with self._programs.node_client() as http:
            while time.monotonic() < deadline and not http.get("/settled").json():
                time.sleep(_POLL_SECONDS)

    def _wait_for_static_pods(self) -> None:
        """Wait for the KMS plugin, and say why if it does not get well."""
        deadline = time.monotonic() + _STATIC_POD_SECONDS
        wanted = self._record.kms_plugin is not None
        pods = self._static_pods()
        while not (pods or not wanted) or not all(pod["healthy"] for pod in pods):
            if time.monotonic() > deadline:
                raise _unwell(self.name, pods)
            time.sleep(_POLL_SECONDS)
            pods = self._static_pods()


def _unwell(cluster: str, pods: list[dict[str, Any]]) -> BootstrapError:
    pod = next((pod for pod in pods if not pod["healthy"]), None)
    if pod is None:
        return BootstrapError(
            f"the KMS plugin of cluster {cluster}", "the node does not run it", "read node.log in the cluster's folder"
        )
    log = Path(pod["log"])
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    last = lines[-1].strip() if lines else "(none)"
    return BootstrapError(
        f"{pod['name']} of cluster {cluster} did not become healthy",
        f"{pod['message'] or 'it does not run'}; its last log line: {last}",
        "check that its key is enabled and that the node's role may use it, then run the command again",
    )


def _refuse_other(found: ClusterRecord, wanted: ClusterRecord) -> None:
    for field in ("region", "node_role_arn", "port_base"):
        if getattr(found, field) != getattr(wanted, field):
            raise BootstrapError(
                f"cluster {wanted.name}",
                f"there is one of that name with {field} {getattr(found, field)}, not {getattr(wanted, field)}",
                "delete that cluster first: this cannot be changed",
            )


def _refuse_to_forget(before: ClusterRecord, after: ClusterRecord) -> None:
    """Every Secret is under the first provider of the configuration that is in place: a next one must know it."""
    writing, known = providers(before.encryption_configuration)[0], providers(after.encryption_configuration)
    if writing not in known:
        raise BootstrapError(
            f"cluster {before.name}: the new encryption configuration",
            f"it has no provider {writing}, so no Secret that is in etcd could be read",
            f"keep {writing} in the configuration, after the new provider, and take it out with a second change",
        )
