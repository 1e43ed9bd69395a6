import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.providers.changes import changes
from bootstrap.providers.properties import (
    UNKNOWN,
    Properties,
    Secret,
    UnsupportedValueError,
    decode,
    encode,
    has_secret,
    has_unknown,
    plain,
    seal_like,
)

# Short ones: what can go wrong is in the nesting, and long texts only take long to make.
texts = st.text(max_size=6)
scalars = st.booleans() | st.integers(-(2**50), 2**50) | texts | st.just(UNKNOWN)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4) | st.builds(Secret, inner),
    max_leaves=12,
)
objects = st.dictionaries(texts, values, max_size=4)


@given(objects)
def test_what_is_sent_comes_back(properties: Properties) -> None:
    assert decode(encode(properties)) == properties


@given(values)
def test_marks_can_be_put_back(value: object) -> None:
    assert plain(seal_like(plain(value), value)) == plain(value)
    assert not has_secret(plain(value))
    assert has_secret(seal_like(plain(value), value)) == has_secret(value)


def test_a_value_of_another_shape_is_sealed_whole() -> None:
    assert seal_like(["a", "b"], [Secret("a")]) == Secret(["a", "b"])
    assert seal_like({"a": "new", "b": "x"}, {"a": Secret("old"), "b": "y"}) == {"a": Secret("new"), "b": "x"}


def test_a_secret_does_not_show_itself() -> None:
    assert "hush" not in f"{Secret('hush')!r} {Secret('hush')}"


def test_assets_are_refused() -> None:
    asset = Struct()
    asset.update({"file": {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17"}})
    with pytest.raises(UnsupportedValueError):
        decode(asset)


@given(objects.map(plain))
def test_nothing_changes_by_itself(properties: Properties) -> None:
    assert bool(list(changes(properties, properties))) == has_unknown(properties)


def test_changes_are_named_by_their_paths() -> None:
    old = {"a": 1, "list": [{"b": 1}], "tags": {"x/y": "1", "z": "2"}}
    new = {"a": UNKNOWN, "list": [{"b": 2}], "tags": {"x/y": "3"}, "more": True}
    assert {change.path: change.kind for change in changes(old, new)} == {
        "a": "update",
        "list[0].b": "update",
        'tags["x/y"]': "update",
        "tags.z": "delete",
        "more": "add",
    }
