"""One provider as a plugin process: serves it on a free port, says which, and ends when the engine has ended."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto.provider_pb2_grpc import add_ResourceProviderServicer_to_server

from bootstrap.providers.base import Provider

# A call may wait minutes for a condition; the engine makes 16 or more calls at a time.
_WORKERS = 64
_MESSAGE_BYTES = 400 * 1024 * 1024  # the engine's own limit


def start(provider: Provider) -> tuple[grpc.Server, int]:
    """The running server and its port on loopback."""
    server = grpc.server(
        ThreadPoolExecutor(max_workers=_WORKERS), options=[("grpc.max_receive_message_length", _MESSAGE_BYTES)]
    )
    add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def serve(provider: Provider) -> None:
    """Serve until the engine is gone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))  # how the engine ends a plugin that has done its work
    server, port = start(provider)
    end_with_parent(os.getppid())
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


def end_with_parent(parent: int) -> None:
    """A killed engine stops no plugin: without this the process would stay, and go on changing the cloud."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)  # what this provider runs, such as helm, must not go on either
        os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
