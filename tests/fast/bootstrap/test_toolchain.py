"""Programs come from PATH, an official release or a pinned build, in that order; half a program is never left."""

import dataclasses
import hashlib
import io
import os
import re
import tarfile
import zipfile
from pathlib import Path

import pytest
from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.toolchain import folders, go_build, install, on_path, release
from bootstrap.toolchain.tools import (
    AGE,
    ARGOCD_READER,
    CERT_MANAGER,
    COMMON,
    CSI_DRIVER,
    MODULES,
    PEBBLE,
    SEALED_SECRETS,
    SOPS,
    VAULT,
    Module,
    Program,
    Release,
)

PROGRAM = Program(
    name="widget",
    package="example.com/widget",
    version_command=("--version",),
    accepts=r"v1\.[2-9]\.",
    release=Release(url="https://example.com/widget-{os}-{arch}.tar.gz", checksums="https://example.com/SUMS"),
)
MODULE = Module(name="widget", programs=(PROGRAM,), minutes=1)
GADGET = Module(name="gadget", programs=(Program(name="gadget", package="example.com/gadget"),), minutes=1)
QUIET = Console(file=io.StringIO())


def script(directory: Path, version: str, name: str = "widget") -> Path:
    path = directory / name
    path.write_text(f"#!/bin/sh\necho {name} {version}\n")
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
def pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pins of the modules widget and gadget, and a cache without a program."""
    monkeypatch.setenv("SECRETS_BOOTSTRAP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SECRETS_BOOTSTRAP_TOOLS", raising=False)
    monkeypatch.setattr(folders, "TOOLCHAIN", tmp_path / "toolchain")
    monkeypatch.setattr(folders, "MODULES_DIR", tmp_path / "toolchain" / "modules")
    for module in (MODULE, GADGET):
        directory = folders.MODULES_DIR / module.name
        directory.mkdir(parents=True)
        for file in ("go.mod", "go.sum"):
            (directory / file).write_text(module.name)
    return folders.MODULES_DIR


@pytest.fixture
def built(pins: Path, publisher: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the modules that were built, in order."""
    names: list[str] = []

    def build(module: Module, directory: Path) -> list[Path]:
        names.append(module.name)
        return [script(directory, "v1.2.0", program.name) for program in module.programs]

    monkeypatch.setattr(go_build, "build", build)
    return names


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


def test_a_release_may_be_a_zip_file(tmp_path: Path, publisher: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("widget", "#!/bin/sh\n")
        archive.writestr("LICENSE.txt", "words")
    zipped = Release(url="https://example.com/widget.zip", checksums="https://example.com/SUMS")
    publisher[".zip"] = buffer.getvalue()
    publisher["SUMS"] = f"{hashlib.sha256(buffer.getvalue()).hexdigest()}  widget.zip\n".encode()
    release.install(Program(name="widget", package="example.com/widget", release=zipped), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["widget"]
    assert os.access(tmp_path / "widget", os.X_OK)


def test_sources_are_tried_in_order(built: list[str]) -> None:
    tools = install.install(QUIET, [MODULE])
    assert (tools / "widget").exists()
    install.install(QUIET, [MODULE])
    assert built == ["widget"]


def test_each_module_is_built_once_for_all_sets(built: list[str]) -> None:
    one, both = install.install(QUIET, [MODULE]), install.install(QUIET, [MODULE, GADGET])
    assert one != both
    assert built == ["widget", "gadget"]
    assert [path.name for path in one.iterdir()] == ["widget"]
    assert (one / "widget").samefile(both / "widget")


def test_a_changed_pin_rebuilds_its_own_module_only(pins: Path, built: list[str]) -> None:
    install.install(QUIET, [MODULE, GADGET])
    (pins / "gadget" / "go.sum").write_text("another checksum")
    tools = install.install(QUIET, [MODULE, GADGET])
    assert built == ["widget", "gadget", "gadget"]
    assert (tools / "gadget").samefile(folders.module_dir(GADGET) / "gadget")


def test_what_decides_a_modules_content_is_in_its_folders_name(pins: Path) -> None:
    before = folders.module_dir(MODULE)
    assert folders.module_dir(dataclasses.replace(MODULE, minutes=2)) == before
    assert folders.module_dir(dataclasses.replace(MODULE, link_flags="-X a=b")) != before
    (folders.TOOLCHAIN / "chart.py").write_text("one")
    packed = dataclasses.replace(MODULE, shaped_by=("chart.py",))
    shaped = folders.module_dir(packed)
    (folders.TOOLCHAIN / "chart.py").write_text("two")
    assert len({before, shaped, folders.module_dir(packed)}) == 3


def test_a_program_that_has_gone_from_path_is_had_again(
    tmp_path: Path, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    found = script(tmp_path, "v1.3.0")
    assert (install.install(QUIET, [MODULE]) / "widget").resolve() == found
    found.unlink()
    assert (install.install(QUIET, [MODULE]) / "widget").exists()
    assert built == ["widget"]


def test_a_folder_of_ones_own_gets_what_is_missing(
    tmp_path: Path, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv("SECRETS_BOOTSTRAP_TOOLS", str(own))
    script(own, "v1.9.0", "gadget")
    assert install.install(QUIET, [MODULE, GADGET]) == own
    assert built == ["widget"]
    assert {path.name for path in own.iterdir()} == {"widget", "gadget"}


def test_a_failed_build_is_said_plainly_and_leaves_nothing(built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_module: Module, directory: Path) -> list[Path]:
        script(directory, "v1.2.0")
        raise BootstrapError("building widget", "no space left on device", "free some space")

    monkeypatch.setattr(go_build, "build", fail)
    with pytest.raises(BootstrapError, match="no space left"):
        install.install(QUIET, [MODULE])
    assert list(folders.tools_dir([MODULE]).iterdir()) == []
    assert list(folders.module_dir(MODULE).parent.iterdir()) == []


def test_without_any_source_every_reason_is_named(built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS_BOOTSTRAP_TOOL_SOURCES", "path,release")
    with pytest.raises(BootstrapError) as error:
        install.install(QUIET, [MODULE])
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
    replaced = dict(re.findall(r"^replace (\S+) => (\S+) v", (directory / "go.mod").read_text(), re.MULTILINE))
    sums = (directory / "go.sum").read_text()
    for program in module.programs:
        if program.package == ".":
            assert (directory / "main.go").exists()
            continue
        path = program.package
        while path and f"{replaced.get(path, path)} v" not in sums:
            path = path.rpartition("/")[0]
        assert path, f"{program.package} has no checksum"


def test_vault_is_had_only_where_it_is_asked_for() -> None:
    assert VAULT not in COMMON
    tests_only = {ARGOCD_READER, CERT_MANAGER, PEBBLE, CSI_DRIVER}
    assert {*COMMON, VAULT, SOPS, AGE, SEALED_SECRETS, *tests_only} == set(MODULES)


def test_a_program_comes_after_what_belongs_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program says that the module is complete: a run that is killed before its chart is there must not say so."""
    kept, tools = tmp_path / "kept", tmp_path / "tools"
    (kept / "charts").mkdir(parents=True)
    tools.mkdir()
    script(kept, "v1.2.0")
    (kept / "zzz-script").touch()
    order: list[str] = []
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        order.append(self.name)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(Path, "iterdir", lambda self: iter([self / "widget", self / "charts", self / "zzz-script"]))
    install._link(MODULE, kept, tools)
    assert order == ["charts", "zzz-script", "widget"]
