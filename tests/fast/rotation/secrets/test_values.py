"""New values: made, or read once; never repeated."""

import io

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.rotation.secrets.values import from_stream, generated

NAMES = ["nonprod", "prod"]


def test_each_environment_gets_a_value_of_its_own() -> None:
    made = generated(NAMES, 32)
    assert list(made) == NAMES
    assert len(set(made.values())) == 2
    assert all(len(value) == 32 and value.isalnum() for value in made.values())
    for length in (15, 4097):
        with pytest.raises(BootstrapError, match="not from 16 to 4096"):
            generated(NAMES, length)


def test_values_are_read_as_json_by_environment() -> None:
    given = '{"prod": "line\\nline", "nonprod": "a"}'
    assert from_stream(NAMES, io.StringIO(given)) == {"nonprod": "a", "prod": "line\nline"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hidden-value", "no JSON"),
        ('["hidden-value"]', "keys are not exactly nonprod, prod"),
        ('{"prod": "hidden-value"}', "keys are not exactly"),
        ('{"prod": "hidden-value", "nonprod": "a", "other": "b"}', "keys are not exactly"),
        ('{"prod": "hidden-value", "nonprod": ""}', "or empty"),
        ('{"prod": "hidden-value", "nonprod": 1}', "no text"),
        ('{"prod": "hidden-value", "nonprod": "hidden-value"}', "environments share nothing"),
    ],
)
def test_what_is_refused_is_not_repeated(text: str, why: str) -> None:
    with pytest.raises(BootstrapError, match=why) as refused:
        from_stream(NAMES, io.StringIO(text))
    assert "hidden" not in str(refused.value)
    assert refused.value.__context__ is None or "hidden" not in str(refused.value.__cause__)


def test_a_terminal_is_refused() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    with pytest.raises(BootstrapError, match="a terminal would show"):
        from_stream(NAMES, Terminal("{}"))
