"""HTTP clients for programs of the local cloud: on loopback, with its own certificates, past every proxy."""

import ssl
from pathlib import Path

import httpx2

from bootstrap.localcloud.certificates import Pair


def client(base_url: str, authority: Path, pair: Pair | None = None, *, timeout: float = 5.0) -> httpx2.Client:
    """A client that trusts one authority only and logs in with `pair`: it cannot take another program for it."""
    context = ssl.create_default_context(cafile=str(authority))
    if pair is not None:
        context.load_cert_chain(str(pair.certificate), str(pair.key))
    return httpx2.Client(base_url=base_url, verify=context, timeout=timeout, trust_env=False)


def answers_ok(http: httpx2.Client, path: str) -> bool:
    """Whether a health endpoint says yes; no answer is a no."""
    try:
        return http.get(path).status_code == httpx2.codes.OK
    except httpx2.HTTPError:
        return False
