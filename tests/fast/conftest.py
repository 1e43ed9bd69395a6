"""A plain moto for the fast tier. It is a process of its own: moto has one set of objects in a process, and the local
AWS under test is a moto too."""

import gc
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx2
import pytest
from hypothesis import settings

# A test on a busy machine, or the first that imports something slow, is no slower code.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


def pytest_collection_finish() -> None:
    """What is collected stays to the end, and the SDKs of the clouds that tests load later too: the garbage collector
    need not look through it all again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 30
    while True:
        try:
            httpx2.get(f"{endpoint}/moto-api/", trust_env=False)
            break
        except httpx2.TransportError:
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
    yield endpoint
    server.terminate()
    server.wait(10)


@pytest.fixture
def moto(moto_server: str) -> str:
    """The endpoint of an empty account."""
    httpx2.post(f"{moto_server}/moto-api/reset", trust_env=False).raise_for_status()
    return moto_server
