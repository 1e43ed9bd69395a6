"""Vault's policies, as far as this library writes them: paths with a `*` at their end.

The longest matching path decides, an exact one before a glob; several policies add up, and `deny` wins. `tests/engine`
compares every verdict with the answer of a real Vault. Source: Vault, "Policies".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bootstrap.errors import BootstrapError

Policy = Mapping[str, Any]


def capabilities(policies: Iterable[Policy], path: str) -> set[str]:
    """What the holder of the policies may do at a path."""
    rules: dict[str, set[str]] = {}
    for policy in policies:
        for pattern, rule in policy["path"].items():
            if "+" in pattern:
                raise BootstrapError(
                    f"the rule for {pattern}", "it has a `+`, which is not evaluated offline", "name the path in full"
                )
            rules.setdefault(pattern, set()).update(rule["capabilities"])
    if path in rules:
        found = rules[path]
    else:
        globs = [one for one in rules if one.endswith("*") and path.startswith(one[:-1])]
        found = rules[max(globs, key=len)] if globs else set[str]()
    return set() if "deny" in found else found
