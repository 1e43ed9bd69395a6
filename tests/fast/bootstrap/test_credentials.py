"""The finder sees a known value in every form that it may be written in, and says its kind only."""

import base64
import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.verification.credentials import find_credentials

VALUE = 'p"a/s+s=w o&rd-\n123456'


@given(value=st.text(min_size=12, max_size=60), before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_base64_at_any_offset(value: str, before: bytes, after: bytes) -> None:
    try:
        raw = value.encode()
    except UnicodeEncodeError:
        return
    text = base64.b64encode(before + raw + after).decode()
    assert "a known value (base64)" in find_credentials(text, [value])


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("plain", f"x{VALUE}y"),
        ("JSON", json.dumps({"k": VALUE})),
        ("URL", f"https://x/?p={urllib.parse.quote(VALUE, safe='')}"),
    ],
)
def test_forms(form: str, text: str) -> None:
    assert f"a known value ({form})" in find_credentials(text, [VALUE])


def test_shapes() -> None:
    pem = "-----BEGIN " + "OPENSSH PRIVATE KEY-----\nabc"
    assert find_credentials(pem, []) == ["Private Key by its shape"]
    assert find_credentials("id: AKIA" + "IOSFODNN7EXAMPL2", []) == ["AWS Access Key by its shape"]


def test_nothing_in_a_harmless_text_and_never_the_value() -> None:
    assert find_credentials("arn:aws:kms:eu-west-1:123456789012:key/1 sha256:00ff", [VALUE]) == []
    assert VALUE not in "".join(find_credentials(VALUE, [VALUE]))
