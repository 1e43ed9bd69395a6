"""Programs come from PATH, an official release or a pinned build, in that order; half a program is never left."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest
from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.toolchain import go_build, install, on_path, release
from bootstrap.toolchain.tools import MODULES, Module, Program, Release

PROGRAM = Program(
    name="widget",
    package="example.com/widget",
    version_command=("--version",),
    accepts=r"v1\.[2-9]\.",
    release=Release(url="https://example.com/widget-{os}-{arch}.tar.gz", checksums="https://example.com/SUMS"),
)
MODULE = Module(name="widget", programs=(PROGRAM,), minutes=1)
QUIET = Console(file=io.StringIO())


def script(directory: Path, version: str) -> Path:
    path = directory / "widget"
    path.write_text(f"#!/bin/sh\necho widget {version}\n")
    path.chmod(0o755)
    return path


def archive(content: bytes = b"#!/bin/sh\n") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, mode in (("widget-1/widget", 0o755), ("widget-1/README", 0o644)):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), mode
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the publisher's site answers, by the end of the address."""
    answers: dict[str, bytes] = {}

    def read(url: str) -> bytes:
        for end, content in answers.items():
            if url.endswith(end):
                return content
        raise OSError("not found")

    monkeypatch.setattr(release, "_read", read)
    return answers


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECRETS_BOOTSTRAP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SECRETS_BOOTSTRAP_TOOLS", str(tmp_path / "tools"))
    monkeypatch.setattr(install, "MODULES", (MODULE,))
    monkeypatch.setattr(install.policy_engine, "install", lambda: None)
    return tmp_path / "tools"


def test_a_program_of_a_proved_version_is_taken_from_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert on_path.find(PROGRAM) is None
    script(tmp_path, "v1.1.0")
    assert on_path.find(PROGRAM) is None
    script(tmp_path, "v1.3.0")
    assert on_path.find(PROGRAM) == tmp_path / "widget"


def test_a_release_is_checked_against_the_published_list(tmp_path: Path, publisher: dict[str, bytes]) -> None:
    content = archive()
    name = release._for_this_machine(PROGRAM.release)[0].rsplit("/", 1)[-1]  # type: ignore[arg-type]
    publisher[".tar.gz"] = content
    publisher["SUMS"] = f"{hashlib.sha256(content).hexdigest()}  {name}\n{'0' * 64}  other.tar.gz\n".encode()
    assert [path.name for path in release.install(PROGRAM, tmp_path)] == ["widget"]
    assert os.access(tmp_path / "widget", os.X_OK)

    publisher[".tar.gz"] = archive(b"something else")
    with pytest.raises(release.ReleaseUnavailableError, match="SHA-256"):
        release.install(PROGRAM, tmp_path)


def test_sources_are_tried_in_order(tools: Path, publisher: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    def build(_module: Module, directory: Path) -> list[Path]:
        return [script(directory, "v1.2.0")]

    monkeypatch.setattr(go_build, "build", build)
    assert install.install(QUIET) == tools
    assert (tools / "widget").exists()
    monkeypatch.setattr(go_build, "build", None)  # a second call builds nothing
    install.install(QUIET)


def test_a_failed_build_is_said_plainly_and_leaves_nothing(
    tools: Path, publisher: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_module: Module, directory: Path) -> list[Path]:
        script(directory, "v1.2.0")
        raise BootstrapError("building widget", "no space left on device", "free some space")

    monkeypatch.setattr(go_build, "build", fail)
    with pytest.raises(BootstrapError, match="no space left"):
        install.install(QUIET)
    assert list(tools.iterdir()) == []


def test_without_any_source_every_reason_is_named(
    tools: Path, publisher: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRETS_BOOTSTRAP_TOOL_SOURCES", "path,release")
    with pytest.raises(BootstrapError) as error:
        install.install(QUIET)
    assert "path: no usable widget" in error.value.why
    assert "release: " in error.value.why


@pytest.mark.parametrize("sources", ["", "paths", "path,soruce"])
def test_bad_sources_are_refused(sources: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS_BOOTSTRAP_TOOL_SOURCES", sources)
    with pytest.raises(BootstrapError, match="SECRETS_BOOTSTRAP_TOOL_SOURCES"):
        install.sources()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_module_is_pinned_with_checksums(module: Module) -> None:
    directory = go_build.MODULES_DIR / module.name
    assert (directory / "go.mod").exists()
    sums = (directory / "go.sum").read_text()
    for program in module.programs:
        path = program.package
        while path and f"{path} v" not in sums:
            path = path.rpartition("/")[0]
        assert path, f"{program.package} has no checksum"


def test_a_program_comes_after_what_belongs_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program says that the module is complete: a run that is killed before its chart is there must not say so."""
    monkeypatch.setattr(install, "MODULES", (MODULE,))
    work, tools = tmp_path / "work", tmp_path / "tools"
    (work / "charts").mkdir(parents=True)
    tools.mkdir()
    script(work, "v1.2.0")
    (work / "zzz-script").touch()
    order: list[str] = []
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        order.append(self.name)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(Path, "iterdir", lambda self: iter([self / "widget", self / "charts", self / "zzz-script"]))
    install._publish(work, tools)
    assert order == ["charts", "zzz-script", "widget"]
