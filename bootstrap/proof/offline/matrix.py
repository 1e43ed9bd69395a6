"""Every question to every judge."""

from collections.abc import Sequence

from bootstrap.proof.offline import aws, grants, kubernetes, vault
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.row import Row


def matrix(documents: Documents) -> Sequence[Row]:
    """What the documents of a stack allow, beside what they should."""
    return [row for backend in (aws, vault, grants, kubernetes) for row in backend.rows(documents)]
