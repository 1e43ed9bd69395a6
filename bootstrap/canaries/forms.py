"""How a value may be written: in plain, escaped, encoded, or one inside the other."""

import base64
import json
import urllib.parse
from collections.abc import Callable, Iterator

SHORTEST = 12
"""Bytes. Shorter texts occur by chance."""
_GO_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def forms(value: bytes) -> Iterator[tuple[str, bytes]]:
    """Each form's name, and the bytes that give the value away in it."""
    if len(value) < SHORTEST:
        return
    yield "plain", value
    yield from _encoded(value)
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return  # key material is no text: it is written in hex or base64 only
    for once in _json(text) - {text}:
        yield "JSON", once.encode()
        yield from (("JSON twice", twice.encode()) for twice in _json(once))
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield from (("JSON in base64", within) for within in _inside_base64(once.encode(), encode))


def _json(text: str) -> set[str]:
    """As Python and as Go write it: Go's `encoding/json` escapes `<`, `>` and `&` too, and nothing beyond ASCII."""
    unescaped = json.dumps(text, ensure_ascii=False)[1:-1]
    return {json.dumps(text)[1:-1], unescaped, unescaped.translate(_GO_ESCAPES)}


def _encoded(raw: bytes) -> Iterator[tuple[str, bytes]]:
    for quoted in (urllib.parse.quote(raw, safe=""), urllib.parse.quote(raw), urllib.parse.quote_plus(raw)):
        yield "URL", quoted.encode()
    yield "hex", raw.hex().encode()
    yield "hex", raw.hex().upper().encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for once in _inside_base64(raw, encode):
            yield "base64", once
            yield from (("base64 twice", twice) for twice in _inside_base64(once, encode))


def _inside_base64(raw: bytes, encode: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """The characters that a value has inside a longer base64 text, whatever its neighbours.

    It starts at one of three alignments. A group of four characters that it shares with a neighbour is left out.
    """
    for start in range(3):
        yield encode(raw[start : len(raw) - (len(raw) - start) % 3])
