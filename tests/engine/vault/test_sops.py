"""The real sops on a real Vault: the environment's transit key, the policy that the library writes, the manager."""

import json
from pathlib import Path
from typing import Any

import pytest

from bootstrap.providers.registry import provider
from bootstrap.toolchain.folders import cache_dir, tools_dir
from components import VaultEnvironmentKeys, VaultEnvironmentKeysArgs, VaultNames
from components.deletion import DeletionProfile
from components.vault.policies import to_json, transit_user_policy
from tests.engine.vault.server import ROOT_TOKEN, Vault
from tests.fast.components.mock_engine import run
from tests.fast.providers.driver import Driver
from tests.sops_repository import SopsRepository

ENVIRONMENTS = ("prod", "nonprod")
PREFIX = "sops"  # other tests make the keys of `platform` on the same Vault
STORE, KEY = "sops-test", "sops-age"


@pytest.fixture(scope="module", autouse=True)
def keys(vault: Vault) -> None:
    """What VaultEnvironmentKeys asks for, made; and for each environment a policy that lets its key be used."""
    driver = Driver(
        provider("vault"), {"address": vault.address, "caCertFile": str(vault.authority), "token": ROOT_TOKEN}
    )
    for environment in ENVIRONMENTS:
        names = VaultNames(prefix=PREFIX, environment=environment, address=vault.address)
        args = VaultEnvironmentKeysArgs(names=names, deletion_profile=DeletionProfile.EPHEMERAL)
        for one in run(lambda args=args: VaultEnvironmentKeys("keys", args)).resources.values():
            if one.token.startswith("vault:"):
                driver.create(one.token, dict(one.inputs))
        policy = to_json(transit_user_policy(f"{names.mount('transit')}/keys/secrets"))
        vault.root.sys.create_or_update_acl_policy(f"sops-{environment}", policy)


@pytest.fixture
def repository(vault: Vault, tmp_path: Path) -> SopsRepository:
    made = SopsRepository.create(tmp_path)
    # No ~/.vault-token of the developer; the tools are where they are.
    home = {"HOME": str(tmp_path), "SECRETS_BOOTSTRAP_CACHE": str(cache_dir())}
    return made.by(VAULT_CACERT=str(vault.authority), VAULT_ADDR=vault.address, **home)


def key_of(vault: Vault, environment: str) -> str:
    return f"{vault.address}/v1/{PREFIX}/{environment}/transit/keys/secrets"


def by(repository: SopsRepository, vault: Vault, *policies: str) -> SopsRepository:
    return repository.by(VAULT_TOKEN=str(vault.token_of(*policies).token))


def test_each_environment_opens_its_own_files_only(repository: SopsRepository, vault: Vault) -> None:
    repository.recipients(**{one: {"hc_vault": [key_of(vault, one)]} for one in ENVIRONMENTS})
    prod, nonprod = (by(repository, vault, f"sops-{one}") for one in ENVIRONMENTS)
    file, other = prod.encrypt("prod"), nonprod.encrypt("nonprod")
    repository.bootstrap("check")
    assert prod.opens(file)
    assert nonprod.opens(other)
    assert not nonprod.opens(file)
    assert not prod.opens(other)
    refused = nonprod.try_to_encrypt("prod")
    assert refused.returncode != 0
    assert "permission denied" in refused.stderr

    # Whose policy does not name the key is refused by it alone: with the policy, the same person is let in.
    assert by(repository, vault, "sops-nonprod", "sops-prod").opens(file)


def test_a_new_version_of_the_key_opens_old_files_and_a_new_data_key_is_under_it(
    repository: SopsRepository, vault: Vault
) -> None:
    repository.recipients(prod={"hc_vault": [key_of(vault, "prod")]})
    prod = by(repository, vault, "sops-prod")
    file = prod.encrypt("prod")
    old = _wrapped(file)
    vault.root.write_data(f"{PREFIX}/prod/transit/keys/secrets/rotate", data={})
    assert prod.opens(file)
    prod.bootstrap("updatekeys")
    assert _version(_wrapped(file)) == _version(old) + 1
    assert prod.opens(file)


def _wrapped(file: Path) -> str:
    return next(line.split(": ")[1] for line in file.read_text().splitlines() if line.strip().startswith("enc: vault:"))


def _version(wrapped: str) -> int:
    return int(wrapped.split(":")[1].removeprefix("v"))


def test_both_keys_are_needed_and_the_age_key_lives_in_the_manager(repository: SopsRepository, vault: Vault) -> None:
    """The commands are those of the runbook, with Vault's own program."""
    program = str(tools_dir() / "vault")
    vault.root.sys.enable_secrets_engine("kv", path=STORE, options={"version": "2"})
    rules = {f"{STORE}/data/{KEY}": {"capabilities": ["create", "update", "read"]}}
    preflight = {f"sys/internal/ui/mounts/{STORE}": {"capabilities": ["read"]}}
    vault.root.sys.create_or_update_acl_policy("sops-age", json.dumps({"path": {**rules, **preflight}}))
    keeper = by(repository, vault, "sops-age")
    made = keeper.bootstrap("age-key", "--", program, "kv", "put", f"-mount={STORE}", KEY, "key=-")
    public = made.stdout.strip()
    stored: Any = vault.root.read(f"{STORE}/data/{KEY}")
    private = stored["data"]["data"]["key"]
    assert private.startswith("AGE-SECRET-" + "KEY-")
    assert private.strip() not in made.stdout + made.stderr

    both = {"age": [public], "hc_vault": [key_of(vault, "prod")], "both": True}
    repository.recipients(prod=both)
    asking = {"SOPS_AGE_KEY_CMD": f"{program} kv get -mount={STORE} -field=key {KEY}"}
    everybody = by(repository, vault, "sops-prod", "sops-age").by(**asking)
    file = everybody.encrypt("prod")
    repository.bootstrap("check")
    assert everybody.opens(file)
    assert not by(repository, vault, "sops-prod").opens(file)
    assert not by(repository, vault, "sops-age").by(**asking).opens(file)

    # One key is enough from here on, and a new data key with it: the old shares open nothing any more.
    repository.recipients(prod={**both, "both": False})
    repository.bootstrap("check", fails=True)
    everybody.bootstrap("updatekeys")
    assert by(repository, vault, "sops-prod").opens(file)
    assert by(repository, vault, "sops-age").by(**asking).opens(file)
    assert not by(repository, vault, "sops-nonprod").opens(file)
    assert not (repository.root.parent / ".vault-token").exists()
