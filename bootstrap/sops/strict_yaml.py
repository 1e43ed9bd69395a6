"""YAML in which no key stands twice: PyYAML takes the last of them and drops the others without a word."""

from typing import Any

import yaml
from yaml.nodes import MappingNode, ScalarNode


class RepeatedKeyError(yaml.YAMLError):
    """A mapping has one key twice. Keys are names: they may be shown."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {key} stands twice")


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, ScalarNode):
                if key.value in seen:
                    raise RepeatedKeyError(key.value)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def load_all(text: str) -> list[Any]:
    """Every document that is not empty. Raises yaml.YAMLError, for a repeated key RepeatedKeyError."""
    return [one for one in yaml.load_all(text, Loader=_Loader) if one is not None]
