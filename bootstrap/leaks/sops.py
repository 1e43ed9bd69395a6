"""SOPS: which values a rule encrypts, what a creation rule claims, and what is only half encrypted.

Follows getsops/sops, config/config.go and sops.go: the nearest `.sops.yaml` above a file is its configuration; the
first creation rule whose `path_regex` is found in the path below that folder counts; what holds for a key holds for all
below it.
A rule without `path_regex` fits every file that someone may ever encrypt, so it claims none. An expression that only Go
can read counts against the file.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from bootstrap.leaks.documents import TextFile, Tree
from bootstrap.leaks.finding import Finding, found
from bootstrap.leaks.material import is_material

CONFIGURATION = ".sops.yaml"
# A manifest of these kinds holds references or ciphertext of its own: `allowed` beside the secrets of a claimed folder.
_REFERRING = {
    *("ExternalSecret", "ClusterExternalSecret", "PushSecret", "SecretStore", "ClusterSecretStore", "Kustomization"),
    *("SealedSecret", "SecretProviderClass"),
}
_BESIDE = re.compile(r"(?:README|LICENSE)[^/]*|\.git\w+|kustomization\.ya?ml|Kustomization|\.sops\.yaml", re.IGNORECASE)
_SELECTORS = ("encrypted_regex", "unencrypted_regex", "encrypted_suffix", "unencrypted_suffix")
_ASSIGNMENT = re.compile(r"^\s*(?:export\s+)?([\w.-]+)\s*=\s*(.*)$")
_FLAGS = re.compile(r"\(\?([ims]+)\)")
_METADATA = re.compile(r"^sops_\w+=|^\[sops\]", re.MULTILINE)


@dataclass(frozen=True)
class Selector:
    """Which keys of a file SOPS encrypts."""

    options: Mapping[str, str]

    @property
    def is_narrow(self) -> bool:
        return "encrypted_regex" in self.options or "encrypted_suffix" in self.options

    def encrypts(self, keys: tuple[str, ...]) -> bool:
        options = self.options
        if any(name.endswith("_comment_regex") for name in options):
            return False  # decided by comments, which a parsed document does not have
        if pattern := options.get("encrypted_regex"):
            return any(_fits(pattern, key, unreadable=True) for key in keys)
        if pattern := options.get("unencrypted_regex"):
            return not any(_fits(pattern, key, unreadable=False) for key in keys)
        if suffix := options.get("encrypted_suffix"):
            return any(key.endswith(suffix) for key in keys)
        return not any(key.endswith(options.get("unencrypted_suffix") or "_unencrypted") for key in keys)


@dataclass(frozen=True)
class CreationRule:
    path_regex: str
    selector: Selector


@dataclass(frozen=True)
class Configuration:
    """One version of a `.sops.yaml`."""

    file: TextFile

    @cached_property
    def rules(self) -> list[CreationRule]:
        rules = [rule for tree in self.file.trees for rule in tree.elements_at("creation_rules")]
        return [CreationRule(rule.text_at("path_regex"), _selector(rule)) for rule in rules]

    def claim(self, path: str) -> Selector | None:
        """What must be encrypted in a file; `path` is below the configuration's folder."""
        for rule in self.rules:
            if not rule.path_regex:
                return None
            if _fits(rule.path_regex, path, unreadable=True):
                return rule.selector
        return None


def partly_encrypted(file: TextFile) -> Iterator[Finding]:
    for tree in file.trees:
        metadata = tree.at("sops")
        if metadata and metadata.at("mac"):
            for keys, value in _leaves(tree):
                if _selector(metadata).encrypts(keys) and is_material(value.text or ""):
                    yield found("sops-partly-encrypted", file.path, value.line, value.text or "")
    if _METADATA.search(file.text) and "ENC[" in file.text:
        for number, line in enumerate(file.text.partition("[sops]")[0].splitlines(), 1):
            assignment = _ASSIGNMENT.match(line)
            if assignment and not assignment[1].startswith("sops_") and is_material(assignment[2]):
                yield found("sops-partly-encrypted", file.path, number, assignment[2])


def plain_although_claimed(file: TextFile, selector: Selector) -> Iterator[Finding]:
    """The first value of each document that the rule encrypts."""
    if _BESIDE.fullmatch(file.name) or is_encrypted(file):
        return
    for part in file.parts or [(file.text, 0)]:
        if isinstance(part, Tree):
            kind = part.text_at("kind") if part.at("apiVersion") else ""
            if kind in _REFERRING or (kind and kind != "Secret" and selector.is_narrow):
                continue
            values = ((value.line, value.text or "") for keys, value in _leaves(part) if selector.encrypts(keys))
        else:
            values = assignments(part[0])
        for line, value in values:
            if is_material(value):
                yield found("sops-plaintext", file.path, line, value)
                break


def is_encrypted(file: TextFile) -> bool:
    return bool(_METADATA.search(file.text)) or any(tree.at("sops", "mac") for tree in file.trees)


def assignments(text: str) -> Iterator[tuple[int, str]]:
    """Line and value of each assignment of an environment or INI file, or the whole of another text."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    assigned = [
        (number, _ASSIGNMENT.match(line)) for number, line in lines if not line.lstrip().startswith(("#", ";", "["))
    ]
    if assigned and all(match for _, match in assigned):
        yield from ((number, match[2]) for number, match in assigned if match)
    else:
        yield 1, text


def _fits(pattern: str, text: str, *, unreadable: bool) -> bool:
    compiled = _compiled(pattern)
    return bool(compiled.search(text)) if compiled else unreadable


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """An expression of Go, which allows flags such as `(?i)` in its middle; None if Python has no way to read it."""
    if "[:" in pattern:  # POSIX classes, which Python reads as something else
        return None
    flags = "".join(sorted(set("".join(_FLAGS.findall(pattern)))))
    try:
        return re.compile((f"(?{flags})" if flags else "") + _FLAGS.sub("", pattern))
    except re.error:
        return None


def _selector(tree: Tree) -> Selector:
    names = [*_SELECTORS, "encrypted_comment_regex", "unencrypted_comment_regex"]
    return Selector({name: tree.text_at(name) for name in names if tree.text_at(name)})


def _leaves(document: Tree) -> Iterator[tuple[tuple[str, ...], Tree]]:
    """Each scalar with the keys above it, in order; an alias that occurs again has been seen."""
    waiting: list[tuple[tuple[str, ...], Tree]] = [((), document)]
    seen: set[int] = set()
    while waiting:
        keys, tree = waiting.pop()
        if id(tree.node) in seen:
            continue
        seen.add(id(tree.node))
        if tree.text is not None:
            yield keys, tree
        below = [((*keys, key), value) for key, value in tree.pairs if keys or key != "sops"]
        waiting += reversed(below + [(keys, element) for element in tree.elements])
