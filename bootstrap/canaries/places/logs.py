"""Logs: the operator's, and those of every other program."""

from collections.abc import Iterator, Sequence

from bootstrap.canaries.folder import LOGS, LOGS_OF_THE_OPERATOR, Folder
from bootstrap.canaries.place import Place
from bootstrap.canaries.planting import Planted
from bootstrap.canaries.search import pieces_of_files
from bootstrap.verification.environment import EnvironmentView


def places(planted: Sequence[tuple[EnvironmentView, Planted]], folder: Folder) -> Iterator[Place]:
    for view, one in planted:
        files = folder.take(LOGS_OF_THE_OPERATOR, cluster=view.references["clusterName"])
        yield Place(
            name=f"{view.name}: the operator's log",
            read=lambda files=files: pieces_of_files(files, folder.root),
            control=one.marker.encode(),
        )
    rest = folder.take(LOGS)
    address = planted[0][0].references["issuerUrl"].removeprefix("https://")
    yield Place(
        name="logs of all other programs",
        read=lambda: pieces_of_files(rest, folder.root),
        control=address.encode(),  # the API server says where it listens
    )
