"""Makes Helm templates into YAML that parses: each action becomes a reference, or the literal that it writes."""

import re

REFERENCE = "\ue000"  # stands for what a template fills in; a private-use character, which YAML allows
_ONE = r"\{\{(?:(?!\{\{|\}\}).)*+\}\}"  # the time stays linear where an end is missing
_ACTION = re.compile(_ONE, re.DOTALL)
_LINE_OF_ACTIONS = re.compile(rf"^[ \t]*+(?:{_ONE}[ \t]*+)+$", re.MULTILINE | re.DOTALL)
_QUOTED = r'(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)'
# `{{ "x" | b64enc }}`, `{{ b64enc "x" }}` and `{{ .Values.x | default "x" }}` write a literal.
_LITERAL = re.compile(
    rf"\{{\{{-?\s*(?:\(?\s*(?:b64enc|quote|squote|toString|trim)\s+)*{_QUOTED}|\bdefault\s+{_QUOTED}", re.DOTALL
)


def without_templates(text: str) -> str:
    """The text with as many lines as before."""
    if "{{" not in text:
        return text
    text = _LINE_OF_ACTIONS.sub(lambda lines: _lines_of(lines[0], ""), text)
    return _ACTION.sub(_written, text)


def _written(action: re.Match[str]) -> str:
    literal = _LITERAL.search(action[0])
    content = next((group for group in literal.groups() if group), "") if literal else ""
    return _lines_of(action[0], content or REFERENCE)


def _lines_of(original: str, replacement: str) -> str:
    return replacement + "\n" * original.count("\n")
