"""Whether two environments' states are opened by one key, as the stacks' files say."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap import state_keys
from bootstrap.errors import BootstrapError
from bootstrap.paths import REPOSITORY

ALIAS = "awskms://alias/state"


def write(folder: Path, stack: str, *environments: str, **settings: Any) -> None:
    config = {"secrets-bootstrap:environments": {one: {} for one in environments}} if environments else {}
    (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config, **settings}))


@pytest.mark.parametrize(
    ("prod", "nonprod"),
    [
        ({"secretsprovider": ALIAS}, {"secretsprovider": ALIAS}),
        ({"secretsprovider": f"{ALIAS}?region=eu-west-1"}, {"secretsprovider": f"{ALIAS}?awssdk=v2"}),
        ({"secretsprovider": ALIAS, "encryptedkey": "same"}, {"secretsprovider": f"{ALIAS}2", "encryptedkey": "same"}),
        ({"encryptionsalt": "same"}, {"encryptionsalt": "same"}),
    ],
    ids=["provider", "provider with another query", "data key", "passphrase"],
)
@pytest.mark.parametrize("named", [True, False])
def test_a_shared_key_is_refused(tmp_path: Path, prod: Any, nonprod: Any, named: bool) -> None:
    """Whether the configuration names environments, or the stacks are called as they are."""
    write(tmp_path, "prod", *(["prod"] if named else []), **prod)
    write(tmp_path, "nonprod", *(["nonprod"] if named else []), **nonprod)
    with pytest.raises(BootstrapError, match="the stacks nonprod and prod"):
        state_keys.check(tmp_path, ["prod"])
    assert state_keys.check(tmp_path, ["live"]) == 2


def test_keys_of_their_own_pass(tmp_path: Path) -> None:
    write(tmp_path, "prod", "prod", secretsprovider=ALIAS, encryptedkey="one")
    write(tmp_path, "nonprod", "nonprod", secretsprovider=f"{ALIAS}-nonprod", encryptedkey="two")
    write(tmp_path, "test", "test", encryptionsalt="three")
    write(tmp_path, "cloud", "cloud")
    write(tmp_path, "other-cloud", "other", secretsprovider="default")
    assert state_keys.check(tmp_path, ["prod"]) == 5


def test_two_stacks_of_one_environment_may_share_theirs(tmp_path: Path) -> None:
    for stack in ("foundation", "cluster"):
        write(tmp_path, stack, "prod", secretsprovider=ALIAS)
    assert state_keys.check(tmp_path, ["prod"]) == 2


def test_a_folder_without_stacks_is_not_passed(tmp_path: Path) -> None:
    with pytest.raises(BootstrapError, match="has no Pulumi"):
        state_keys.check(tmp_path, ["prod"])


def test_what_ships_shares_none() -> None:
    assert state_keys.check(REPOSITORY / "stacks", ["prod"]) == 9
