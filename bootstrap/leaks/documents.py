"""YAML and JSON as trees with line numbers, several documents in a file, damaged ones left as text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bootstrap.leaks.templates import without_templates

LARGEST_PARSED = 4 * 1024 * 1024  # characters of one document; a larger one is read line by line
DEEPEST_PARSED = 200  # collections inside each other
_BRACKET = re.compile(r"[\[\]{}]")
_DEEP_BLOCK = re.compile(rf"(?:[-?:] +){{{DEEPEST_PARSED}}}")
_MARKER = re.compile(r"^---(?=\s|$).*$", re.MULTILINE)
# From `apiVersion:` or `kind:` over every field and element at its indentation and all that is deeper.
_MANIFEST = re.compile(
    r"^([ ]*)(?:apiVersion|kind):.*(?:\n(?:[ ]*$|\1(?:[ ]+\S.*|[\"']?[\w./\ue000-]+[\"']?[ ]*:.*|- .*)))*", re.MULTILINE
)
_STRUCTURED = (".yaml", ".yml", ".json", ".tpl", ".tmpl", ".gotmpl", ".kubeconfig", ".conf")
# Parsing costs much more than searching: what holds none of these words has nothing for any check of trees.
_WORTH_PARSING = re.compile(
    r"secret|passw|pwd|token|credential|private|key|connection|creation_rules|sops|\bENC\[|users", re.IGNORECASE
)


@dataclass(frozen=True)
class Tree:
    """A document, or a part of one. `first_line` is the line of the file above it, counted from 0."""

    node: Node
    first_line: int = 0

    @property
    def line(self) -> int:
        return self.first_line + self.node.start_mark.line + 1

    @property
    def text(self) -> str | None:
        """A scalar as it is written; None for null and for what is no scalar."""
        scalar = isinstance(self.node, ScalarNode) and not self.node.tag.endswith(":null")
        return self.node.value if scalar else None

    @property
    def is_switch(self) -> bool:
        return self.node.tag.endswith(":bool")

    @cached_property
    def pairs(self) -> list[tuple[str, "Tree"]]:
        """The fields of a mapping, merged ones (`<<`) too; a key that occurs twice is there twice."""
        fields: list[tuple[str, Tree]] = []
        waiting, seen = [self.node], set[int]()
        while waiting:
            mapping = waiting.pop()
            if not isinstance(mapping, MappingNode) or id(mapping) in seen:
                continue
            seen.add(id(mapping))
            for key, value in mapping.value:
                if key.tag.endswith(":merge"):
                    waiting += value.value if isinstance(value, SequenceNode) else [value]
                elif isinstance(key, ScalarNode):
                    fields.append((key.value, Tree(value, self.first_line)))
        return fields

    @property
    def elements(self) -> "list[Tree]":
        nodes = self.node.value if isinstance(self.node, SequenceNode) else []
        return [Tree(node, self.first_line) for node in nodes]

    def at(self, *keys: str) -> "Tree | None":
        tree: Tree | None = self
        for key in keys:
            tree = next((value for name, value in tree.pairs if name == key), None) if tree else None
        return tree

    def pairs_at(self, *keys: str) -> list[tuple[str, "Tree"]]:
        tree = self.at(*keys)
        return tree.pairs if tree else []

    def elements_at(self, *keys: str) -> "list[Tree]":
        tree = self.at(*keys)
        return tree.elements if tree else []

    def text_at(self, *keys: str) -> str:
        tree = self.at(*keys)
        return (tree.text if tree else None) or ""

    @cached_property
    def mappings(self) -> "list[Tree]":
        """Every mapping in this tree, each once however often it is an alias."""
        return [tree for tree in self._every if isinstance(tree.node, MappingNode)]

    @cached_property
    def _every(self) -> "list[Tree]":
        waiting: list[Tree] = [self]
        seen: dict[int, Tree] = {}
        while waiting:
            tree = waiting.pop()
            if id(tree.node) not in seen:
                seen[id(tree.node)] = tree
                waiting += reversed([*(value for _, value in tree.pairs), *tree.elements])
        return list(seen.values())

    def written_inside(self) -> "Iterator[Tree]":
        """Mappings inside scalars, such as a manifest in an annotation or values in an Application."""
        return filter(None, (inner(part) for part in self._every))


@dataclass(frozen=True)
class TextFile:
    """A file's path in the repository and its text."""

    path: str
    text: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @cached_property
    def parts(self) -> list[Tree | tuple[str, int]]:
        """A tree for each document or manifest in it; text and first line of a manifest that does not parse."""
        text = without_templates(self.text.removeprefix("\ufeff")).replace("\t", "  ")
        return list(_parts(text) if self._is_structured else _embedded(text, 0))

    @property
    def _is_structured(self) -> bool:
        named = self.name.lower().endswith(_STRUCTURED) or "." not in self.name.lstrip(".")
        return named or self.text.startswith(("apiVersion:", "kind:", "---\n", "{"))

    @cached_property
    def trees(self) -> list[Tree]:
        """Each document, and each that is written inside a scalar of one."""
        parts = self.parts if _WORTH_PARSING.search(self.text) else []
        outer = [part for part in parts if isinstance(part, Tree)]
        return [tree for document in outer for tree in (document, *document.written_inside())]

    @property
    def unparsed(self) -> list[tuple[str, int]]:
        parts = self.parts if _WORTH_PARSING.search(self.text) else []
        return [part for part in parts if not isinstance(part, Tree)]


def _parts(text: str) -> Iterator[Tree | tuple[str, int]]:
    first_line, start = 0, 0
    for end in [*(match.start() for match in _MARKER.finditer(text)), len(text)]:
        chunk = text[start:end]
        if chunk.strip():
            tree = _parse(chunk, first_line)
            yield from [tree] if tree else _embedded(chunk, first_line)
        first_line += chunk.count("\n")
        start = end


def _embedded(text: str, above: int) -> Iterator[Tree | tuple[str, int]]:
    """Manifests in what is no YAML: a shell script, a page, a template that does not parse."""
    for region in _MANIFEST.finditer(text):
        first_line = above + text.count("\n", 0, region.start())
        yield _parse(region[0], first_line) or (region[0], first_line)


def _is_deep(text: str) -> bool:
    """Deeper than anyone writes: libyaml's binding recurses and can end the process."""
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST_PARSED:
            return True
    return bool(_DEEP_BLOCK.search(text))


def _parse(text: str, first_line: int) -> Tree | None:
    if len(text) > LARGEST_PARSED or _is_deep(text):
        return None
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)  # makes nodes only, no objects
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    return Tree(node, first_line) if node else None


def inner(scalar: Tree) -> Tree | None:
    """The mapping that is written inside a scalar."""
    text = scalar.text or ""
    if not (("\n" in text or text.startswith("{")) and _WORTH_PARSING.search(text)):
        return None
    # A block scalar begins on the line after its `|`.
    tree = _parse(text, scalar.line if getattr(scalar.node, "style", "") in ("|", ">") else scalar.line - 1)
    return tree if tree and isinstance(tree.node, MappingNode) else None
