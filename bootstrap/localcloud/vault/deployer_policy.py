"""What the deployer may do in Vault: the calls of `up`, `refresh`, `destroy`, `recover` and `verify`, and no others.

`+` stands for one part of a path: an environment's mounts are `<prefix>/<environment>/<engine>`. It can neither read a
secret's value, Argo CD's deploy key excepted, nor use a key, nor widen its own policy or login.
"""

import json
from typing import Any

from bootstrap.localcloud.vault.machines import DEPLOYER

MACHINES_MOUNT = "machines"

_KEEP = ("create", "read", "update", "delete")
_SET = ("create", "read", "update")
_RULES: dict[str, tuple[str, ...]] = {
    # Engines and what is in them.
    "sys/mounts/+/+/secrets": _KEEP,
    "sys/mounts/+/+/secrets/tune": ("read", "update"),
    "sys/mounts/+/+/transit": _KEEP,
    "sys/mounts/+/+/transit/tune": ("read", "update"),
    "+/+/transit/keys": ("list",),
    "+/+/transit/keys/+": _KEEP,
    "+/+/transit/keys/+/config": ("update",),
    "+/+/transit/keys/+/rotate": ("update",),
    "+/+/secrets/config": _SET,
    "+/+/secrets/metadata/*": (*_KEEP, "list"),
    # Databases: roles, and neither connections nor credentials.
    "sys/mounts/+/+/database": _KEEP,
    "sys/mounts/+/+/database/tune": ("read", "update"),
    "+/+/database/roles": ("list",),
    "+/+/database/roles/+": _KEEP,
    "+/+/database/static-roles/+": _KEEP,
    # The one value that the program writes itself, and reads back to see drift: Argo CD's deploy key.
    "+/+/secrets/data/argocd/*": _KEEP,
    # Logins of the operators and of the nodes. Vault asks for `sudo` wherever auth methods are mounted.
    "sys/auth/+/+/kubernetes": (*_KEEP, "sudo"),
    "sys/auth/+/+/kubernetes/tune": ("read", "update", "sudo"),
    "sys/auth/+/+/jwt": (*_KEEP, "sudo"),
    "sys/auth/+/+/jwt/tune": ("read", "update", "sudo"),
    "auth/+/+/kubernetes/config": _SET,
    "auth/+/+/kubernetes/role": ("list",),
    "auth/+/+/kubernetes/role/+": _KEEP,
    "auth/+/+/jwt/config": _SET,
    "auth/+/+/jwt/role": ("list",),
    "auth/+/+/jwt/role/+": _KEEP,
    # Logins of CI, and of tenants' applications that its cluster runs too.
    "sys/auth/+/+/ci-fill": (*_KEEP, "sudo"),
    "sys/auth/+/+/ci-fill/tune": ("read", "update", "sudo"),
    "auth/+/+/ci-fill/config": _SET,
    "auth/+/+/ci-fill/role": ("list",),
    "auth/+/+/ci-fill/role/+": _KEEP,
    f"auth/{MACHINES_MOUNT}/certs/+": _KEEP,
    "sys/policies/acl/+": _KEEP,
    # An exact path goes before one with `+`.
    f"auth/{MACHINES_MOUNT}/certs/{DEPLOYER}": ("deny",),
    f"sys/policies/acl/{DEPLOYER}": ("deny",),
    "auth/token/lookup-self": ("read",),
    "auth/token/revoke-self": ("update",),
}


def deployer_policy() -> str:
    """The policy `deployer`, as JSON, which Vault takes too."""
    paths: dict[str, Any] = {path: {"capabilities": list(capabilities)} for path, capabilities in _RULES.items()}
    return json.dumps({"path": paths})
