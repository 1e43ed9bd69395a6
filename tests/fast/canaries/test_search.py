"""A value is found in whatever form it is written, and a place counts only if it was really read."""

import base64
import json
import urllib.parse
from collections.abc import Callable, Iterator

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.canaries.canary import Canary, of_text
from bootstrap.canaries.place import Outcome, Place, searched
from bootstrap.canaries.search import OVERLAP, Piece, Search, pieces

VALUE = 'Zk3v9"\\/&<%+ é=Qw8xRt'
CANARY = Canary(name="it", values=(VALUE.encode(),))
OTHER = of_text("another", b"9f8e7d6c5b4a39281706f5e4d3c2b1a0")
SEARCH = Search([CANARY, OTHER])


def _go(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).translate(str.maketrans({"<": "\\u003c", "&": "\\u0026"}))


WRITTEN: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "json": lambda text: json.dumps({"a": text}).encode(),
    "json of Go": lambda text: _go(text).encode(),
    "json in json": lambda text: json.dumps(json.dumps({"a": text})).encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()),
    "base64 of json": lambda text: base64.b64encode(json.dumps({"a": text}).encode()),
    "base64 of base64": lambda text: base64.b64encode(base64.b64encode(text.encode())),
    "url": lambda text: urllib.parse.quote(text).encode(),
    "form": lambda text: urllib.parse.urlencode({"a": text}).encode(),
    "hex": lambda text: text.encode().hex().encode(),
    "manifest": lambda text: yaml.safe_dump({"data": {"a": base64.b64encode(text.encode()).decode()}}).encode(),
}


@pytest.mark.parametrize("form", WRITTEN)
@given(before=st.text(max_size=9), after=st.text(max_size=9))
def test_every_form_is_found_beside_any_neighbours(form: str, before: str, after: str) -> None:
    data = WRITTEN[form](f"{before}{VALUE}{after}")
    assert {hit.canary for hit in SEARCH.hits("here", data)} == {CANARY}


@given(st.binary(max_size=200))
def test_nothing_is_found_where_nothing_is(data: bytes) -> None:
    assert SEARCH.hits("here", data) == set()


def test_a_value_across_two_pieces_is_found() -> None:
    blocks = iter([b"x" * OVERLAP + VALUE.encode()[:7], VALUE.encode()[7:] + b"y", b""])
    assert any(SEARCH.hits("here", piece) for piece in pieces(lambda _size: next(blocks)))


def test_the_head_that_all_tokens_share_is_no_secret() -> None:
    head, *rest = (base64.urlsafe_b64encode(part * 12).rstrip(b"=") for part in (b'{"alg":"x"', b"claims", b"signed"))
    token = of_text("token", b".".join([head, *rest]))
    assert Search([token]).hits("here", head + b".other.other") == set()
    assert Search([token]).hits("here", b"x" + rest[1])


def test_a_report_shows_no_value() -> None:
    (hit,) = SEARCH.hits("here", VALUE.encode())
    assert VALUE not in f"{hit}{hit!r}{CANARY}{CANARY!r}"


def _reads(*found: bytes) -> Callable[[], Iterator[Piece]]:
    return lambda: (("here", data) for data in found)


def _broken() -> Iterator[Piece]:
    yield "here", b"so far so good"
    raise OSError(VALUE)


@pytest.mark.parametrize(
    ("place", "outcome"),
    [
        (Place(name="x", read=_reads(b"marker"), control=b"marker"), Outcome.CLEAN),
        (Place(name="x", read=_reads(b"marker", VALUE.encode()), control=b"marker"), Outcome.LEAK),
        (Place(name="x", read=_reads(), control=b"marker"), Outcome.UNPROVEN),
        (Place(name="x", read=_broken), Outcome.UNPROVEN),
        (Place(name="x", read=_reads(VALUE.encode()), holds=frozenset({CANARY})), Outcome.HOLDS_ITS_OWN),
        (Place(name="x", read=_reads(b"nothing"), holds=frozenset({CANARY})), Outcome.UNPROVEN),
        (Place(name="x", read=_reads(VALUE.encode()), tolerates=frozenset({CANARY}), because="y"), Outcome.CLEAN),
        (Place(name="x", read=_reads(OTHER.values[0]), holds=frozenset({CANARY})), Outcome.LEAK),
    ],
)
def test_verdicts(place: Place, outcome: Outcome) -> None:
    verdict = searched(place, SEARCH)
    assert verdict.outcome is outcome
    assert verdict.passed == (outcome in (Outcome.CLEAN, Outcome.HOLDS_ITS_OWN))
    assert VALUE not in verdict.evidence
