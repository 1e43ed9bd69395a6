"""The secret manager: what it answers to its reader, where values belong; its files; its log."""

from collections.abc import Iterator

from bootstrap.canaries.canary import Canary
from bootstrap.canaries.folder import AUDIT, MOTO, VAULT, Folder
from bootstrap.canaries.known import Environment
from bootstrap.canaries.place import Place
from bootstrap.canaries.planting import Planted
from bootstrap.canaries.search import pieces_of_files
from bootstrap.verification.environment import EnvironmentView


def places(view: EnvironmentView, planted: Planted, secrets: Environment) -> Iterator[Place]:
    yield Place(
        name=f"{view.name}: the manager's answers to the operator",
        read=lambda: [(address, view.read_secret(address)) for address in (planted.address, view.canary_address)],
        holds=frozenset({secrets.planted, secrets.first}),
    )


def files(
    kind: str,
    planted: list[Planted],
    folder: Folder,
    *,
    synced: frozenset[Canary],
    from_manager: frozenset[Canary],
    keys: frozenset[Canary],
) -> Iterator[Place]:
    """`kind`: of the cloud. `from_manager`: what may have come from there too.

    moto keeps values and its users' keys as they are; Vault's files are encrypted.
    """
    audit = folder.take(AUDIT)
    yield Place(
        name="the manager's audit log",
        read=lambda: pieces_of_files(audit, folder.root),
        control=planted[0].marker.encode(),
    )
    if kind == "aws":
        kept = folder.take(MOTO)
        users = frozenset(key for key in keys if key.name.startswith("aws/deployer"))
        yield Place(
            name="moto's files",
            read=lambda: pieces_of_files(kept, folder.root),
            holds=synced | users,
            tolerates=from_manager,
            because="they come from the manager",
        )
    else:
        stored = folder.take(VAULT)
        yield Place(name="Vault's files", read=lambda: pieces_of_files(stored, folder.root), control=b'"Value"')
