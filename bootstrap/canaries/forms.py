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
    for name, written in _as_text(value):
        yield name, written
        yield from _encoded(name, written)


def _as_text(value: bytes) -> Iterator[tuple[str, bytes]]:
    yield "plain", value
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return  # key material is no text: it is written in hex or base64 only
    for once in _json(text):
        yield "JSON", once.encode()
        yield from (("JSON twice", twice.encode()) for twice in _json(once))


def _json(text: str) -> Iterator[str]:
    """As Python and as Go write it: Go's `encoding/json` escapes `<`, `>` and `&` too, and nothing beyond ASCII."""
    yield json.dumps(text)[1:-1]
    unescaped = json.dumps(text, ensure_ascii=False)[1:-1]
    yield unescaped
    yield unescaped.translate(_GO_ESCAPES)


def _encoded(name: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    def within(form: str) -> str:
        return form if name == "plain" else f"{name} in {form}"

    for quoted in (urllib.parse.quote(raw, safe=""), urllib.parse.quote(raw), urllib.parse.quote_plus(raw)):
        yield within("URL"), quoted.encode()
    yield within("hex"), raw.hex().encode()
    yield within("hex"), raw.hex().upper().encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for once in _inside_base64(raw, encode):
            yield within("base64"), once
            yield from ((within("base64 twice"), twice) for twice in _inside_base64(once, encode))


def _inside_base64(raw: bytes, encode: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """The characters that a value has inside a longer base64 text, whatever its neighbours.

    It starts at one of three alignments. A group of four characters that it shares with a neighbour is left out.
    """
    for start in range(3):
        yield encode(raw[start : len(raw) - (len(raw) - start) % 3])
