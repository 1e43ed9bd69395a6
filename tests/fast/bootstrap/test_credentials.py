"""The finder sees a known value in every form that it may be written in, and says its kind only."""

import base64
import json
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.verification.credentials import find_credentials

VALUE = 'p"a/s+s=w ö&rd-\n123456'
Encode = Callable[[bytes], bytes]
urlsafe = base64.urlsafe_b64encode


# Text that UTF-8 can write: no lone surrogates.
values = st.text(st.characters(exclude_categories=["Cs"]), min_size=12, max_size=60)
neighbours = st.binary(max_size=9)


@given(value=values, before=neighbours, after=neighbours, encode=st.sampled_from([base64.b64encode, urlsafe]))
def test_base64_at_any_offset(value: str, before: bytes, after: bytes, encode: Encode) -> None:
    text = encode(before + value.encode() + after).decode()
    assert "a known value (base64)" in find_credentials(text, [value])


@given(
    value=values,
    before=neighbours,
    after=neighbours,
    outer=neighbours,
    encode=st.sampled_from([base64.b64encode, urlsafe]),
)
def test_base64_twice_at_any_offset(value: str, before: bytes, after: bytes, outer: bytes, encode: Encode) -> None:
    text = encode(outer + encode(before + value.encode() + after) + outer).decode()
    assert "a known value (base64 twice)" in find_credentials(text, [value])


@given(value=values, other=values)
def test_no_form_of_another_value(value: str, other: str) -> None:
    for text in (other, base64.b64encode(base64.b64encode(other.encode())).decode(), other.encode().hex()):
        known = [one for one in find_credentials(text, [value]) if "known" in one]
        assert known == [] or value[1:-3] in other or other in value


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("plain", f"x{VALUE}y"),
        ("JSON", json.dumps({"k": VALUE})),
        ("JSON", json.dumps({"k": VALUE}, ensure_ascii=False)),
        ("URL", f"https://x/?p={urllib.parse.quote(VALUE, safe='')}"),
        ("URL", f"https://x/?p={urllib.parse.quote_plus(VALUE)}"),
        ("hex", f"00{VALUE.encode().hex()}"),
        ("hex", f"{VALUE.encode().hex().upper()}00"),
    ],
)
def test_forms(form: str, text: str) -> None:
    assert f"a known value ({form})" in find_credentials(text, [VALUE])


def test_shapes() -> None:
    pem = "-----BEGIN " + "OPENSSH PRIVATE KEY-----\n" + "abcd" * 16
    assert find_credentials(pem, []) == ["private-key by its shape"]
    assert find_credentials(base64.b64encode(pem.encode()).decode(), []) == ["private-key by its shape"]
    assert find_credentials("id: AKIA" + "IOSFODNN7EXAMPL2", []) == ["aws-key by its shape"]


def test_nothing_in_a_harmless_text_and_never_the_value() -> None:
    assert find_credentials("arn:aws:kms:eu-west-1:123456789012:key/1 sha256:00ff", [VALUE]) == []
    assert VALUE not in "".join(find_credentials(VALUE, [VALUE]))
