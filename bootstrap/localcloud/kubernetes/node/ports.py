"""Loopback ports for containers: each pod's port gets one of the cluster's block."""

import socket
import threading
from collections.abc import Iterable, Mapping


class PortsExhaustedError(Exception):
    """All ports of the block are taken; the text goes into the pod's status."""


class PodPorts:
    """Hands out ports of a block. Pods keep theirs over restarts, also over a restart of the node."""

    def __init__(self, block: Iterable[int]) -> None:
        self._block = list(block)
        self._taken: dict[str, dict[int, int]] = {}
        self._lock = threading.Lock()

    def adopt(self, uid: str, ports: Mapping[int, int]) -> None:
        with self._lock:
            self._taken[uid] = dict(ports)

    def local(self, uid: str, container_port: int) -> int:
        """The local port of a pod's port: the same at each call."""
        with self._lock:
            own = self._taken.setdefault(uid, {})
            if container_port not in own:
                taken = {port for ports in self._taken.values() for port in ports.values()}
                own[container_port] = next((port for port in self._block if port not in taken and _is_free(port)), 0)
                if own[container_port] == 0:
                    del own[container_port]
                    raise PortsExhaustedError(f"all {len(self._block)} ports for pods of this cluster are taken")
            return own[container_port]

    def of(self, uid: str) -> dict[int, int]:
        with self._lock:
            return dict(self._taken.get(uid, {}))

    def release(self, uid: str) -> None:
        with self._lock:
            self._taken.pop(uid, None)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
