"""A fresh value, put into the environment's manager out of band and brought into the cluster by the operator; and one
that comes as a SealedSecret."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from bootstrap.errors import BootstrapError
from bootstrap.sealed.sealing import applied, refusal, seal
from bootstrap.verification.environment import EnvironmentView
from bootstrap.waiting import wait_until

FOLDER = "argocd/"
"""The one folder whose containers the deployer may fill: see its policy."""
_ESCAPED = '"\\/&<%+ é='
"""Each of these is written otherwise in JSON, URLs and shells."""


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A value under way.

    marker: a random name for everything that was made for it, no secret: whoever reads a place where the value has
    passed must find the marker. namespace: of the ExternalSecret and the Secret, both called by the marker. address:
    the container, as the manager's log says it.
    """

    marker: str
    namespace: str
    address: str
    value: bytes = field(repr=False)


@contextmanager
def planted(view: EnvironmentView) -> Iterator[Planted]:
    """Put a value in, have it synced, and take everything away again."""
    marker, value = _fresh()
    first = view.references["canary"]
    namespace, container = first["namespace"], f"{FOLDER}{marker}"
    view.fill(container, value)
    try:
        with _synced(view, namespace, marker, container):
            _wait(lambda: _arrived(view, namespace, marker, value.encode()), f"{namespace}/{marker} was not synced")
            yield Planted(marker=marker, namespace=namespace, address=view.address_of(container), value=value.encode())
    finally:
        view.remove(container)


@contextmanager
def unsealed(view: EnvironmentView) -> Iterator[None]:
    """Where there are Sealed Secrets, a value that their controller opens meanwhile. It is known by its owner."""
    references = view.references.get("sealedSecrets")
    if references is None:
        yield
        return
    (name, value), namespace = _fresh(), references["namespaces"][0]
    sealed = seal(view.kubernetes, references["namespace"], namespace=namespace, name=name, value=value)
    with applied(view.kubernetes, sealed, namespace=namespace, name=name):
        said = refusal(view.kubernetes, namespace=namespace, name=name)
        if said:
            raise BootstrapError(f"SealedSecret {namespace}/{name}", said, "run `python -m bootstrap sealed restore`")
        yield


def _fresh() -> tuple[str, str]:
    """A marker and a value."""
    marker = f"leaks-{os.urandom(6).hex()}"
    return marker, f"{secrets.token_urlsafe(24)}{_ESCAPED}{secrets.token_urlsafe(24)}"


@contextmanager
def _synced(view: EnvironmentView, namespace: str, name: str, container: str) -> Iterator[None]:
    """An ExternalSecret like the first sync's, for another container."""
    path = f"/apis/external-secrets.io/v1/namespaces/{namespace}/externalsecrets"
    body = view.like_the_first_sync(name, key=view.key_of(container))
    view.kubernetes.post(path, json=body).raise_for_status()
    try:
        yield
    finally:
        view.kubernetes.delete(f"{path}/{name}").raise_for_status()
        secret = f"/api/v1/namespaces/{namespace}/secrets/{name}"
        for gone in (f"{path}/{name}", secret):  # its owner goes, so the Secret goes too
            _wait(lambda gone=gone: view.kubernetes.get(gone).status_code == HTTPStatus.NOT_FOUND, f"{gone} stays")


def _arrived(view: EnvironmentView, namespace: str, name: str, value: bytes) -> bool:
    there = view.kubernetes.get(f"/api/v1/namespaces/{namespace}/secrets/{name}").is_success
    return there and value in view.secret_data(namespace, name).values()


def _wait(done: Callable[[], bool], otherwise: str) -> None:
    try:
        wait_until(done)
    except TimeoutError:
        mend = "run `python -m bootstrap verify`"
        raise BootstrapError("the value that is followed", otherwise, mend) from None
