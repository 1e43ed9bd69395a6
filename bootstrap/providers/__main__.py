"""`python -m bootstrap.providers NAME`: the process behind `pulumi-resource-NAME`."""

import sys

from bootstrap.providers.registry import provider
from bootstrap.providers.server import serve
from bootstrap.providers.wrappers import NAMES


def main() -> None:
    # The engine adds arguments of its own after the name.
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        raise SystemExit(f"usage: python -m bootstrap.providers {'|'.join(NAMES)}")
    serve(provider(sys.argv[1]))


main()
