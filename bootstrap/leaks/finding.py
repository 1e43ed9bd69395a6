"""What a check found: where, and against which rule. Never the value."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """One refused place.

    `fingerprint` names the value in a reviewed exception without holding it: a digest of rule, path and value, so that
    another value at the same place is refused again. `commit` is empty for the working tree and the index.
    """

    path: str
    line: int
    rule: str
    fingerprint: str
    commit: str = ""


def found(rule: str, path: str, line: int, value: str) -> Finding:
    digest = hashlib.sha256("\0".join((rule, path, value)).encode(errors="surrogatepass")).hexdigest()
    return Finding(path=path, line=line, rule=rule, fingerprint=digest[:16])
