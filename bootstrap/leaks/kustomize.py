"""Kustomize's secretGenerator: literals, and the files that it reads, which then must not be plain text."""

import posixpath
from collections.abc import Iterator

from bootstrap.leaks.documents import TextFile, Tree
from bootstrap.leaks.finding import Finding, found
from bootstrap.leaks.material import is_material

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def literals(file: TextFile) -> Iterator[Finding]:
    for generator in _generators(file):
        for literal in generator.elements_at("literals"):
            if is_material((literal.text or "").partition("=")[2]):
                yield found("kustomize-generator", file.path, literal.line, literal.text or "")


def files_read(file: TextFile) -> Iterator[str]:
    """Paths in the repository that the generators of a kustomization read."""
    directory = posixpath.dirname(file.path)
    for generator in _generators(file):
        written = [*generator.elements_at("files"), *generator.elements_at("envs"), generator.at("env")]
        for entry in filter(None, written):
            path = (entry.text or "").rpartition("=")[2]
            yield posixpath.normpath(posixpath.join(directory, path))


def _generators(file: TextFile) -> Iterator[Tree]:
    if file.name in KUSTOMIZATIONS:
        for document in file.trees:
            yield from document.elements_at("secretGenerator")
