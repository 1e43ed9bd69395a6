"""Whatever a file holds, the search ends, and says what it found in the rest."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.leaks.claims import Claims
from bootstrap.leaks.documents import TextFile
from bootstrap.leaks.scan import check
from tests.fast.leaks.fakes import filled_in

_WORDS = [
    "apiVersion: v1",
    "kind: Secret",
    "data:",
    "  a: ",
    "stringData: {",
    "}",
    "{{",
    "}}",
    "---",
    "- ",
    "|",
    "&a ",
    "*a",
]
_MORE = [
    "<<: *a",
    "sops:",
    "  mac: x",
    "ENC[",
    "users:",
    "secretGenerator:",
    "\t",
    "\n",
    "'",
    '"',
    "# ",
    "é",
    "\0",
    "Zm9v",
]
texts = st.lists(st.sampled_from(_WORDS + _MORE) | st.text(max_size=5), max_size=40).map("\n".join)
names = st.sampled_from(["a.yaml", "kustomization.yaml", ".sops.yaml", "values.yaml", "a.json", "a.md", "kubeconfig"])


def claims() -> Claims:
    everything = Claims()
    everything.add(TextFile(".sops.yaml", "creation_rules: [{path_regex: '.*'}]\n"))
    return everything


@given(name=names, text=texts)
def test_any_text_is_read(name: str, text: str) -> None:
    everything = claims()
    everything.add(TextFile(name, text))
    for finding in check(TextFile(name, text), everything):
        assert 1 <= finding.line <= text.count("\n") + 1


def _bomb(entry: str) -> str:
    rows = [
        f"{chr(98 + row)}: &{chr(98 + row)} {entry.format(','.join([f'*{chr(97 + row)}'] * 9))}" for row in range(9)
    ]
    return "\n".join(["sops: {mac: a}", "a: &a {secret: x}", *rows])


@pytest.mark.parametrize(
    "text",
    [
        "secret: &a [*a]\nsops: {mac: a}",
        "secret: &a {<<: *a, b: c}",
        _bomb("[{}]"),
        _bomb("{{<<: [{}]}}"),
        "secret: " + "[" * 5000 + "]" * 5000,
        "secret: " + "{a: " * 5000,
        "secret:\n" + "- " * 5000,
        "kind: Secret\n" + " " * 100_000 + "x",
        "-----BEGIN PRIVATE KEY-----" + "\n" * 100_000,
        "kind: Secret\n" + "a" * 100_000,
        "://" + "a" * 100_000 + ":" * 1000,
        "{{" * 50_000,
        "eyJ" * 50_000,
        "aws" * 50_000,
        "?sig=&sv=20" * 2_000,
    ],
    ids=range(15),
)
def test_hostile_texts_end(text: str) -> None:
    start = time.process_time()
    check(TextFile("a.yaml", text), claims())
    assert time.process_time() - start < 10


def test_one_damaged_document_hides_no_other() -> None:
    text = filled_in("a: [\n---\nkind: Secret\ndata: {a: <password:b64>}\n---\nb: }\n")
    assert [(finding.rule, finding.line) for finding in check(TextFile("a.yaml", text), Claims())] == [
        ("secret-manifest", 4)
    ]


def test_what_is_too_large_to_parse_is_read_by_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bootstrap.leaks.documents.LARGEST_PARSED", 10)
    text = filled_in("apiVersion: v1\nkind: Secret\ndata:\n  a: <password:b64>\n")
    assert [finding.line for finding in check(TextFile("a.yaml", text), Claims())] == [4]


@pytest.mark.parametrize("pattern", ["((?i)(PIN|seed))", "(?i)^PIN$", "pin"])
def test_expressions_of_go(pattern: str) -> None:
    rules = Claims()
    rules.add(TextFile(".sops.yaml", f"creation_rules: [{{path_regex: a, encrypted_regex: '{pattern}'}}]\n"))
    assert len(check(TextFile("a.yaml", "pin: 12345\n"), rules)) == 1
    assert check(TextFile("a.yaml", "host: 12345\n"), rules) == []


@pytest.mark.parametrize("option", ["encrypted_regex", "unencrypted_regex"])
def test_an_expression_that_cannot_be_read_counts_against_the_file(option: str) -> None:
    rules = Claims()
    rules.add(TextFile(".sops.yaml", f"creation_rules: [{{path_regex: '(?P<a', {option}: '[[:alpha:]](?'}}]\n"))
    assert len(check(TextFile("a.yaml", "host: 12345\n"), rules)) == 1
