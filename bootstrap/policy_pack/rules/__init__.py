"""What must hold for each resource, as pure functions of what the engine shows. They import nothing of a cloud."""

from .encryption import RULES as _ENCRYPTION
from .principals import RULES as _PRINCIPALS
from .protection import RULES as _PROTECTION
from .resource import Rule, Seen, Settings
from .rotation import RULES as _ROTATION
from .stores import RULES as _STORES

RULES: dict[str, Rule] = {**_ROTATION, **_PROTECTION, **_PRINCIPALS, **_STORES, **_ENCRYPTION}

__all__ = ["RULES", "Rule", "Seen", "Settings"]
