"""A cluster's API: Secrets, where values belong, and everything else, where they do not."""

import base64
import gzip
import json
from collections.abc import Iterator

from bootstrap.canaries.known import Environment
from bootstrap.canaries.origins import HELM_RELEASE
from bootstrap.canaries.place import Place
from bootstrap.canaries.planting import Planted
from bootstrap.canaries.search import Piece
from bootstrap.verification.environment import EnvironmentView


def places(view: EnvironmentView, planted: Planted, secrets: Environment) -> Iterator[Place]:
    marker = planted.marker.encode()
    yield Place(name=f"{view.name}: data of Secrets", read=lambda: _secret_data(view), holds=secrets.in_secrets)
    yield Place(name=f"{view.name}: the rest of Secrets", read=lambda: _secret_metadata(view), control=marker)
    yield Place(
        name=f"{view.name}: objects that are not Secrets", read=view.objects_that_are_not_secrets, control=marker
    )
    yield Place(name=f"{view.name}: events", read=lambda: _events(view), control=marker)
    yield Place(
        name=f"{view.name}: manifests that Helm rendered", read=lambda: _rendered(view), control=b"kind: Deployment"
    )


def _secret_data(view: EnvironmentView) -> Iterator[Piece]:
    for secret in view.get("/api/v1/secrets")["items"]:
        for key, value in (secret.get("data") or {}).items():
            yield f"Secret {_name(secret)}, {key}", base64.b64decode(value)


def _secret_metadata(view: EnvironmentView) -> Iterator[Piece]:
    """Annotations are where `kubectl apply` would leave a copy."""
    for secret in view.get("/api/v1/secrets")["items"]:
        yield f"Secret {_name(secret)}", json.dumps({**secret, "data": None}).encode()


def _events(view: EnvironmentView) -> Iterator[Piece]:
    yield "events", view.kubernetes.get("/api/v1/events").raise_for_status().content


def _rendered(view: EnvironmentView) -> Iterator[Piece]:
    """Helm keeps each release in a Secret, packed: no search of the Secret itself would see into it."""
    for secret in view.get("/api/v1/secrets")["items"]:
        if secret.get("type") == HELM_RELEASE:
            packed = base64.b64decode(base64.b64decode(secret["data"]["release"]))
            release = json.loads(gzip.decompress(packed))
            yield f"release {_name(secret)}", json.dumps({**release, "manifest": None}).encode()
            yield f"release {_name(secret)}", str(release["manifest"]).encode()


def _name(secret: dict[str, dict[str, str]]) -> str:
    return f"{secret['metadata']['namespace']}/{secret['metadata']['name']}"
