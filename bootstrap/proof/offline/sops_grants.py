"""The key of SOPS files on Google Cloud and Azure: what somebody is to it, by his grant's name, and who uses it."""

import re
from collections.abc import Mapping

KEY = "sops"
EDITOR, APPLIER, ADMINISTRATOR = (f"{one} of SOPS files" for one in ("editor", "applier", "administrator"))
USERS: Mapping[str, frozenset[str]] = {
    "encrypt with": frozenset({EDITOR}),
    "decrypt with": frozenset({EDITOR, APPLIER}),
}
_ON_THE_KEY = re.compile(rf"/(?:cryptoKeys|keys)/{KEY}\Z")
_GRANT = re.compile(r"-(editor|applier|admin)-")
_ROLES = {"editor": EDITOR, "applier": APPLIER, "admin": ADMINISTRATOR}


def role(name: str, scope: str) -> str | None:
    """What a grant on such a key makes its holder; None for any other grant."""
    grant = _GRANT.search(name) if _ON_THE_KEY.search(scope) else None
    return _ROLES[grant[1]] if grant else None
