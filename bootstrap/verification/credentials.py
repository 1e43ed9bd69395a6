"""Finds credentials in a text: known values in the forms they are written in, and the shapes of well-known keys."""

import base64
import json
import urllib.parse
from collections.abc import Iterable, Iterator

_SHORTEST = 12  # shorter texts occur by chance


def find_credentials(text: str, values: Iterable[str]) -> list[str]:
    """What kind of credential the text holds; never the credential itself."""
    found = [f"a known value ({form})" for value in values for form, written in _forms(value) if written in text]
    found += [f"{kind} by its shape" for kind in _shapes(text)]
    return sorted(set(found))


def _forms(value: str) -> Iterator[tuple[str, str]]:
    if len(value) < _SHORTEST:
        return
    yield "plain", value
    yield "JSON", json.dumps(value)[1:-1]
    yield "URL", urllib.parse.quote(value, safe="")
    for offset in range(3):
        # A value inside a longer base64 text starts at one of three alignments; the ends depend on its neighbours.
        encoded = base64.b64encode(b"\0" * offset + value.encode()).decode()
        yield "base64", encoded[4 if offset else 0 : -4]


def _shapes(text: str) -> Iterator[str]:
    from detect_secrets.plugins.aws import AWSKeyDetector
    from detect_secrets.plugins.jwt import JwtTokenDetector
    from detect_secrets.plugins.private_key import PrivateKeyDetector

    for detector in (AWSKeyDetector(), JwtTokenDetector(), PrivateKeyDetector()):
        if any(True for _ in detector.analyze_string(text)):
            yield detector.secret_type
