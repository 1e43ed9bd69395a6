"""The whole flow: put a value into each environment, run the engine, look everywhere, take the values away again."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from bootstrap.canaries import known
from bootstrap.canaries.canary import Canary
from bootstrap.canaries.folder import KEPT, TOKENS, Folder
from bootstrap.canaries.place import Place, Verdict, searched
from bootstrap.canaries.places import cluster, engine_runs, etcd_files, logs, manager, own_files, repository, state
from bootstrap.canaries.places.processes import Watch
from bootstrap.canaries.planting import Planted, planted, unsealed
from bootstrap.canaries.report import Searched
from bootstrap.canaries.search import Search
from bootstrap.engine import Engine
from bootstrap.paths import REPOSITORY
from bootstrap.verification.environment import EnvironmentView

Followed = Sequence[tuple[EnvironmentView, Planted, known.Environment]]


def scan(
    *,
    kind: str,
    engine: Engine,
    ports_base: int,
    views: Sequence[EnvironmentView],
    others: Sequence[Path] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Searched:
    """Follow every secret of a running stack. `kind`: of its cloud. `others`: files and folders to search too."""
    with ExitStack() as stack:
        watch = stack.enter_context(Watch())
        progress("a fresh value goes through each environment")
        values = [(view, stack.enter_context(planted(view))) for view in views]
        for view in views:
            stack.enter_context(unsealed(view))
        made = known.public_halves(engine.export())
        followed = [(view, one, known.of_environment(view, one, made)) for view, one in values]
        progress("the engine runs")
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        recorded = engine_runs.record(engine, scratch)
        folder = Folder(engine.directory)
        kept, tokens = folder.take(KEPT), folder.take(TOKENS)
        keys = frozenset(known.of_files(kept, engine.directory))
        held = frozenset(known.of_files(tokens, engine.directory))
        known_secrets = [secrets for _, _, secrets in followed]
        in_secrets = _union(one.in_secrets for one in known_secrets)
        presented = [canary for one in known_secrets for canary in one.held]
        search = Search([*in_secrets, *presented, *keys, *held])
        places = [
            *_of_environments(followed, folder),
            *logs.places([(view, one) for view, one, _ in followed], folder),
            *manager.files(
                kind,
                [one for _, one, _ in followed],
                folder,
                synced=_union(one.synced for one in known_secrets),
                from_manager=_union(one.from_manager for one in known_secrets),
                keys=keys,
            ),
            *state.places(engine, folder),
            *engine_runs.places(recorded, engine.stack, _union(one.through_engine for one in known_secrets)),
            *watch.places(engine.directory),
            *repository.places(REPOSITORY),
            own_files.kept("what the harness keeps for its owner", kept, keys, folder),
            own_files.kept("tokens on the nodes' disks", tokens, held, folder),
            *own_files.rest(folder, ports_base),
            *own_files.others(others),
        ]
        return Searched(
            stack=engine.stack, values=len(search.canaries), verdicts=list(_judged(places, search, progress))
        )


def _union(sets: Iterable[frozenset[Canary]]) -> frozenset[Canary]:
    return frozenset[Canary]().union(*sets)


def _of_environments(followed: Followed, folder: Folder) -> Iterator[Place]:
    for view, one, secrets in followed:
        yield from manager.places(view, one, secrets)
        yield from cluster.places(view, one, secrets)
        yield from etcd_files.places(view, one, folder)


def _judged(places: Sequence[Place], search: Search, progress: Callable[[str], None]) -> Iterator[Verdict]:
    for place in places:
        progress(f"searching {place.name}")
        yield searched(place, search)
