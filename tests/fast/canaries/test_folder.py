"""What no place claims is searched too."""

from pathlib import Path

import pytest

from bootstrap.canaries.folder import AUDIT, ETCD, KEPT, LOGS, MOTO, STATE, TOKENS, VAULT, Folder
from bootstrap.canaries.place import Outcome, searched
from bootstrap.canaries.places import own_files
from bootstrap.canaries.search import Search
from bootstrap.rotation.secrets.record import RunRecord, Settings, StageRecord
from tests.fast.canaries.test_search import CANARY, VALUE


@pytest.mark.parametrize(("check", "outcome"), [("true", Outcome.CLEAN), (VALUE, Outcome.LEAK)])
def test_the_records_of_rotations_are_searched(tmp_path: Path, check: str, outcome: Outcome) -> None:
    (tmp_path / "settings.json").write_text('{"base": 20000}')
    file = RunRecord.path(tmp_path, "team/database")
    RunRecord("team/database", Settings(check=[check]), [StageRecord("prod")], file).save()
    folder = Folder(tmp_path)
    claimed = [path for patterns in (KEPT, TOKENS, STATE, AUDIT, MOTO, VAULT, LOGS) for path in folder.take(patterns)]
    claimed += folder.take(ETCD, cluster="prod")
    assert claimed == []
    (place,) = own_files.rest(folder, 20000)
    assert searched(place, Search([CANARY])).outcome is outcome
