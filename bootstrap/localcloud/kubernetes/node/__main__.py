"""`python -m bootstrap.localcloud.kubernetes.node --dir DIR`: the node agent of the control plane in DIR."""

import argparse
import json
import logging
import shutil
import signal
import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2

from bootstrap.localcloud import loopback
from bootstrap.localcloud.cloud import PatchesPods, local_cloud
from bootstrap.localcloud.kubernetes.layout import NODE, SCHEDULER, WEBHOOK, Layout
from bootstrap.localcloud.kubernetes.node import pod_identity
from bootstrap.localcloud.kubernetes.node.agent import Agent
from bootstrap.localcloud.kubernetes.node.api import NodeApi, SchedulerApi
from bootstrap.localcloud.kubernetes.node.pod import NodeContext
from bootstrap.localcloud.kubernetes.node.ports import PodPorts
from bootstrap.localcloud.kubernetes.node.records import PodRecords
from bootstrap.localcloud.kubernetes.pki import Pki
from bootstrap.localcloud.kubernetes.record import ClusterRecord

_STATIC_PODS_SECONDS = 0.2


def main() -> None:
    parser = argparse.ArgumentParser(prog="node", description=__doc__)
    parser.add_argument("--dir", required=True, type=Path, help="folder of the control plane")
    directory: Path = parser.parse_args().dir
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    run(directory)


def run(directory: Path) -> None:
    """Run the node until SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    record = ClusterRecord.load(directory)
    layout, pki = record.layout(directory), Pki(record.layout(directory).pki)
    cloud = local_cloud(record.cloud, directory.parent.parent, record.cloud_port)
    context = NodeContext(
        layout=layout,
        tools=Path(record.tools),
        ports=PodPorts(layout.pod_ports),
        records=PodRecords(directory / "pods.json"),
        api=NodeApi(_client(layout, pki, NODE), layout.node_name),
        # For pods on the node's own network; others are given nothing.
        host_network=cloud.node_environment(record.name),
    )
    agent = Agent(context, SchedulerApi(_client(layout, pki, SCHEDULER)))
    agent.sync_static_pods()
    if isinstance(cloud, PatchesPods):
        _serve_webhook(layout, pki, record, cloud)
    _serve_health(agent, layout)
    threading.Thread(target=agent.follow_api, name="api", daemon=True).start()
    while not stop.wait(_STATIC_PODS_SECONDS):
        agent.sync_static_pods()
    agent.leave()
    shutil.rmtree(layout.short_folder, ignore_errors=True)  # it lies outside the cluster's folder: nobody else would


def _client(layout: Layout, pki: Pki, name: str) -> httpx2.Client:
    return loopback.client(layout.endpoint, pki.authority, pki.pair(name))


def _serve_webhook(layout: Layout, pki: Pki, record: ClusterRecord, cloud: PatchesPods) -> None:
    http = _client(layout, pki, WEBHOOK)

    def annotations(namespace: str, account: str) -> Mapping[str, str]:
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}"
        return http.get(path).raise_for_status().json()["metadata"].get("annotations") or {}

    webhook = cloud.pod_webhook(record.name, record.region, annotations)
    pod_identity.serve(webhook, layout.webhook_port, pki.pair("webhook"))


def _serve_health(agent: Agent, layout: Layout) -> None:
    """`/healthz` answers with the cluster's folder, so that nobody takes another node for this one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                self._answer(str(layout.directory))
            elif self.path == "/static-pods":
                self._answer(json.dumps(agent.static_pods()))
            elif self.path == "/settled":
                self._answer(json.dumps(agent.settled))
            else:
                self.send_error(404)

        def _answer(self, text: str) -> None:
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
            """Asked many times a second while a cluster starts: not worth a line each."""

    server = ThreadingHTTPServer(("127.0.0.1", layout.node_port), Handler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()


if __name__ == "__main__":
    main()
