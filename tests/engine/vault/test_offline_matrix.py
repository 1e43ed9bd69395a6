"""The offline evaluator of Vault policies says of each holder and path what a real Vault says."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.vault import identities, targets
from bootstrap.proof.offline.vault_policy import capabilities
from tests.engine.vault.server import Vault
from tests.fast.proof import mutations, teams

# Beside what the matrix asks about: what no rule names, and where an exact rule stands below a glob.
_MORE = ("sys/mounts", "auth/token/lookup-self", "auth/token/create", "platform/prod/secrets/data/canary/below")


@pytest.mark.parametrize("made", [mutations.shipped, teams.made], ids=["as it is shipped", "other teams"])
def test_every_verdict_is_that_of_a_real_vault(vault: Vault, made: Callable[[str], Documents]) -> None:
    found = made("local-vault")
    paths = sorted({path for _, path, _, _, _ in targets(found)} | set(_MORE))
    seen: set[str] = set()
    for number, (environment, role, policies) in enumerate(identities(found)):
        names = [f"offline-{number}-{index}" for index in range(len(policies))]
        for name, policy in zip(names, policies, strict=True):
            vault.root.sys.create_or_update_acl_policy(name, json.dumps(policy))
        token = vault.token_of(*names).token
        answer: Any = vault.root.write_data("sys/capabilities", data={"token": token, "paths": paths})
        for path in paths:
            real = set(answer["data"][path]) - {"deny"}
            assert capabilities(policies, path) == real, (environment, role, path)
            seen |= real
    assert seen == {"delete", "patch", "read", "update"}
