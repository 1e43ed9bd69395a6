"""etcd's own files, as whoever has the disk or a backup of it reads them."""

from collections.abc import Iterator

from bootstrap.canaries.folder import ETCD, Folder
from bootstrap.canaries.place import Place
from bootstrap.canaries.planting import Planted
from bootstrap.canaries.search import pieces_of_files
from bootstrap.verification.environment import EnvironmentView


def places(view: EnvironmentView, planted: Planted, folder: Folder) -> Iterator[Place]:
    files = folder.take(ETCD, cluster=view.references["clusterName"])
    yield Place(
        name=f"{view.name}: etcd's files",
        read=lambda: pieces_of_files(files, folder.root),
        control=planted.marker.encode(),  # names are not encrypted
    )
