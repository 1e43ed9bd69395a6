"""Waiting until something is so."""

import time
from collections.abc import Callable

_POLL_SECONDS = 0.1


def wait_until(done: Callable[[], bool], seconds: float = 60) -> None:
    """Ask again and again. Raises TimeoutError if it is not so after these seconds."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(_POLL_SECONDS)
