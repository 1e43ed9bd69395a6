"""`python -m bootstrap.localcloud.aws --dir DIR --port PORT`: the daemon of one local AWS."""

import argparse
import logging
import os
import signal
from pathlib import Path

from bootstrap.localcloud.aws.server import Server
from bootstrap.toolchain.policy_engine import install


def main() -> None:
    parser = argparse.ArgumentParser(prog="bootstrap.localcloud.aws", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="folder that holds all state")
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)  # moto and botocore log requests, and those carry values
    server = Server(arguments.dir, install(), arguments.port)

    def end(*_: object) -> None:
        # Every change is on disk before its answer, so nothing is left to finish; open connections are not waited for.
        server.guard.engine.close()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    server.serve_forever()


main()
