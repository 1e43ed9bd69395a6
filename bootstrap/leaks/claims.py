"""What other files of the repository say about a path: `.sops.yaml` claims it, or a kustomization makes a Secret of it.

In the history every version of those files counts: a file that was plain when another version claimed it is out.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from bootstrap.leaks import kustomize, sops
from bootstrap.leaks.documents import TextFile
from bootstrap.leaks.finding import Finding, found
from bootstrap.leaks.material import is_material

CLAIMING_FILES = (sops.CONFIGURATION, *kustomize.KUSTOMIZATIONS)


@dataclass
class Claims:
    configurations: dict[str, list[sops.Configuration]] = field(default_factory=dict)
    generator_files: set[str] = field(default_factory=set)

    def add(self, file: TextFile) -> None:
        if file.name == sops.CONFIGURATION:
            self.configurations.setdefault(posixpath.dirname(file.path), []).append(sops.Configuration(file))
        self.generator_files.update(kustomize.files_read(file))

    def check(self, file: TextFile) -> Iterator[Finding]:
        for selector in self._selectors(file.path):
            yield from sops.plain_although_claimed(file, selector)
        if file.path in self.generator_files and not sops.is_encrypted(file):
            for line, value in sops.assignments(file.text):
                if is_material(value):
                    yield found("kustomize-generator", file.path, line, value)

    def _selectors(self, path: str) -> Iterator[sops.Selector]:
        directory = path
        while directory:
            directory = posixpath.dirname(directory)
            if configurations := self.configurations.get(directory):
                below = posixpath.relpath(path, directory or ".")
                yield from filter(None, (configuration.claim(below) for configuration in configurations))
                return
