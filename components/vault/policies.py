"""Policies of one environment: pure functions from paths to documents, so that tests can read every rule.

No rule has `sudo` or, as every container is there already, `create`; `*` stands at the end of a mount's path or of a
team's folder in it only, where it means "the secrets below".
Vault takes policies as JSON too, and rejects what no rule allows.
Source: Vault, "Policies".
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

Rule = Mapping[str, Any]
Document = Mapping[str, Mapping[str, Rule]]

# The operator looks its own token up before each use and revokes it after (external-secrets v0.20.4, `checkToken` and
# `revokeTokenIfValid`). Vault's policy `default`, which would allow it, allows much more and is left out.
_OWN_TOKEN: Mapping[str, Rule] = {
    "auth/token/lookup-self": {"capabilities": ["read"]},
    "auth/token/revoke-self": {"capabilities": ["update"]},
}


def to_json(document: Mapping[str, Any]) -> str:
    """The text that Vault gets: stable, so that an unchanged policy is no difference."""
    return json.dumps(document, sort_keys=True)


def operator_policy(mount: str, *, canary: str, filled: Sequence[str] = ()) -> Document:
    """What the operator may do: read the environment's secrets, and fill the canary and the other `filled` ones.

    mount: the path of the environment's kv engine.
    canary: the container for the first sync, which is there already.
    filled: other containers that it fills, which are there already.

    A PushSecret writes the container's `custom_metadata`, and nothing else of its metadata; then a version.
    Source: external-secrets v0.20.4, `pkg/provider/vault/client_push.go`.
    """
    described: Rule = {**_may("read", "update"), "allowed_parameters": {"custom_metadata": list[str]()}}
    return _document(
        {
            f"{mount}/data/*": _may("read"),
            **{f"{mount}/data/{one}": _may("read", "update") for one in (canary, *filled)},
            **{f"{mount}/metadata/{one}": described for one in (canary, *filled)},
            **_OWN_TOKEN,
        }
    )


def team_policy(mount: str, *, prefixes: Sequence[str]) -> Document:
    """What a team's stores may do: read the containers under the team's prefixes.

    mount: the path of the environment's kv engine.
    prefixes: how the containers' names begin; each ends in `/`.
    """
    return _document({**{f"{mount}/data/{prefix}*": _may("read") for prefix in prefixes}, **_OWN_TOKEN})


def writers_policy(mount: str, *, canary: str, filled: Sequence[str] = ()) -> Document:
    """What those who put values may do: write new versions of what is declared, and read none.

    mount: the path of the environment's kv engine.
    canary, filled: the containers that only the operator fills.
    """
    denied = {f"{mount}/data/{one}": _may("deny") for one in (canary, *filled)}
    return _document({f"{mount}/data/*": _may("patch", "update"), **denied})


def transit_user_policy(key_id: str) -> Document:
    """What a user of one transit key may do: encrypt and decrypt with it, and see its versions.

    key_id: the key, as `<mount>/keys/<name>`.
    """
    return _document(_transit_user(key_id))


def node_policy(key_id: str) -> Document:
    """What a control-plane node may do: use the one key that encrypts etcd, and keep its own login alive.

    key_id: the key, as `<mount>/keys/<name>`.

    Source: FalcoSuessgott/vault-kubernetes-kms v1.4.0, `pkg/vault/lease.go`.
    """
    return _document(
        {
            **_transit_user(key_id),
            "auth/token/lookup-self": _may("read"),
            "auth/token/renew-self": _may("update"),
        }
    )


def credentials_policy(path: str) -> Document:
    """What somebody who uses a database may do: ask for credentials of one role.

    path: where they are read, as `<mount>/creds/<role>` or `<mount>/static-creds/<role>`.
    """
    return _document({path: _may("read")})


def connection_policy(mount: str, connection: str) -> Document:
    """What somebody who connects Vault to a database may do: set the connection, and let Vault change its password.

    mount: the path of the database engine.
    connection: the connection's name.
    """
    return _document(
        {
            f"{mount}/config/{connection}": _may("create", "update"),
            f"{mount}/rotate-root/{connection}": _may("create", "update"),
        }
    )


def _transit_user(key_id: str) -> Mapping[str, Rule]:
    mount, _, name = key_id.rpartition("/keys/")
    return {
        f"{mount}/encrypt/{name}": _may("update"),
        f"{mount}/decrypt/{name}": _may("update"),
        key_id: _may("read"),
    }


def _may(*capabilities: str) -> Rule:
    return {"capabilities": sorted(capabilities)}


def _document(rules: Mapping[str, Rule]) -> Document:
    return {"path": rules}
