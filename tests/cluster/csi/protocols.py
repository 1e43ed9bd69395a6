"""The protocols of CSI and of the driver's providers, compiled from the definitions that the driver is built from."""

import sys
from functools import cache
from typing import Any

import grpc

from bootstrap.toolchain.csi_driver import FILES
from bootstrap.toolchain.folders import tools_dir


@cache
def protocol(file: str) -> tuple[Any, Any]:
    """The messages and the services of one file."""
    sys.path.append(str(tools_dir() / FILES))  # where grpc looks for it; it adds a folder of its own for good, too
    return grpc.protos_and_services(file)
