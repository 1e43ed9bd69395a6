"""A small Pulumi program of a test's own, in a folder of its own, run by the real engine."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

from bootstrap.engine import Engine
from bootstrap.paths import REPOSITORY
from bootstrap.toolchain.folders import tools_dir


class OwnProgram(Engine):
    """The one stack of a program whose text is what it was last told to be."""

    def write(self, text: str) -> None:
        (self.program / "__main__.py").write_text(text)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What the program makes within the block is gone after it."""
        try:
            yield
        finally:
            self.operate("destroy", "--yes", "--skip-preview", capture=True)


def own_program(
    folder: Path,
    project: str,
    *,
    text: str = "",
    config: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> OwnProgram:
    """Stack `test` of a program that finds the library.

    config: the stack's settings, without them none. environment: variables of the program and of its providers.
    """
    program = folder / "program"
    program.mkdir(parents=True)
    (program / "Pulumi.yaml").write_text(yaml.safe_dump({"name": project, "runtime": "python"}))
    (program / "Pulumi.test.yaml").write_text(yaml.safe_dump({"config": dict(config or {})}))
    made = OwnProgram(
        stack="test",
        directory=folder / "state",
        tools=tools_dir(),
        cloud_environment={"PYTHONPATH": str(REPOSITORY), **(environment or {})},
        program=program,
    )
    made.write(text)
    made.prepare()
    return made
