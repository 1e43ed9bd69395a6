"""Pulumi's state: the backend's files with history and backups, and what `stack export` gives out."""

from collections.abc import Iterator

from bootstrap.canaries.folder import STATE, Folder
from bootstrap.canaries.place import Place
from bootstrap.canaries.search import pieces_of_files
from bootstrap.engine import Engine


def places(engine: Engine, folder: Folder) -> Iterator[Place]:
    files, urn = folder.take(STATE), f"urn:pulumi:{engine.stack}::".encode()
    yield Place(name="Pulumi state, history and backups", read=lambda: pieces_of_files(files, folder.root), control=urn)
    yield Place(
        name="pulumi stack export", read=lambda: [("stack export", engine.run("stack", "export").encode())], control=urn
    )
