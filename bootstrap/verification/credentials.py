"""Finds credentials in a text: known values in the forms they are written in, and the shapes of well-known keys."""

import base64
import json
import urllib.parse
from collections.abc import Callable, Iterable, Iterator

_SHORTEST = 12  # shorter texts occur by chance


def find_credentials(text: str, values: Iterable[str]) -> list[str]:
    """What kind of credential the text holds; never the credential itself."""
    found = [f"a known value ({form})" for value in values for form, written in _forms(value) if written in text]
    found += [f"{rule} by its shape" for rule in _shapes(text)]
    return sorted(set(found))


def _forms(value: str) -> Iterator[tuple[str, str]]:
    if len(value) < _SHORTEST:
        return
    yield "plain", value
    yield "JSON", json.dumps(value)[1:-1]
    yield "JSON", json.dumps(value, ensure_ascii=False)[1:-1]
    yield "URL", urllib.parse.quote(value, safe="")
    yield "URL", urllib.parse.quote_plus(value)
    raw = value.encode()
    yield "hex", raw.hex()
    yield "hex", raw.hex().upper()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for once in _inside_base64(raw, encode):
            yield "base64", once.decode()
            yield from (("base64 twice", twice.decode()) for twice in _inside_base64(once, encode))


def _inside_base64(raw: bytes, encode: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """The characters that a value has inside a longer base64 text, whatever its neighbours.

    It starts at one of three alignments. A group of four characters that it shares with a neighbour is left out.
    """
    for start in range(3):
        yield encode(raw[start : len(raw) - (len(raw) - start) % 3])


def _shapes(text: str) -> set[str]:
    from bootstrap.leaks.shapes import find_shapes

    return {rule for rule, _, _ in find_shapes(text)}
