"""The wheel: installed, the library is `secrets_bootstrap`, whole and alone."""

import ast
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement

import components

REPOSITORY = Path(__file__).resolve().parents[3]
PACKAGE = "secrets_bootstrap"
# What a build leaves or needs not: a stale `build/lib` would be packed again, so the build gets a clean copy.
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "site", "*.egg-info")

SCRIPT = """
import sys
from pathlib import Path

wheel = Path(sys.argv[1])
sys.path.insert(0, str(wheel))
before = set(sys.modules)
import secrets_bootstrap

assert Path(secrets_bootstrap.__file__).is_relative_to(wheel), secrets_bootstrap.__file__
assert len(secrets_bootstrap.__all__) == int(sys.argv[2])
for name in secrets_bootstrap.__all__:
    found = getattr(secrets_bootstrap, name)
    assert found.__name__ == name, name
    assert found.__module__.startswith("secrets_bootstrap."), found.__module__
ours = {"components", "stacks", "bootstrap", "tests"}
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
assert not loaded & ours, loaded & ours
for name in ours:
    try:
        __import__(name)
    except ModuleNotFoundError:
        continue
    raise AssertionError(f"{name} can be imported: the checkout is on sys.path")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the checkout."""
    source, out = tmp_path_factory.mktemp("checkout") / "it", tmp_path_factory.mktemp("wheel")
    shutil.copytree(REPOSITORY, source, ignore=LEFT_OUT)
    result = subprocess.run(
        [sys.executable, "-m", "uv", "build", "--wheel", "--quiet", "--out-dir", str(out), str(source)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory)
    return directory


def packed(wheel: Path) -> set[PurePosixPath]:
    with zipfile.ZipFile(wheel) as archive:
        return {PurePosixPath(name) for name in archive.namelist()}


def test_it_holds_the_library_and_nothing_else(wheel: Path) -> None:
    library = {
        PurePosixPath(PACKAGE, path.relative_to(REPOSITORY / "components").as_posix())
        for path in (REPOSITORY / "components").rglob("*.py")
    }
    described = {path for path in packed(wheel) if path.parts[0].endswith(".dist-info")}
    assert described
    assert packed(wheel) - described - {PurePosixPath(PACKAGE, "py.typed")} == library


def test_it_is_typed(wheel: Path) -> None:
    """PEP 561: without the marker, type checkers ignore the library's types."""
    assert PurePosixPath(PACKAGE, "py.typed") in packed(wheel)


def test_every_name_resolves_without_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT, str(unpacked), str(len(components.__all__))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr


def test_it_imports_itself_by_relative_names_only(unpacked: Path) -> None:
    """Also where an import runs only later, inside a function."""
    checkout = {"components", "stacks", "bootstrap", "tests", PACKAGE}
    for file in (unpacked / PACKAGE).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                assert not {name.name.partition(".")[0] for name in node.names} & checkout, file
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                assert (node.module or "").partition(".")[0] not in checkout, file


def test_it_asks_for_what_it_imports(unpacked: Path) -> None:
    """Each backend with an extra of its own asks for its SDK there, and nothing else may import it."""
    (metadata,) = unpacked.glob("*.dist-info/METADATA")
    asked: dict[str, set[str]] = {"": set()}
    for line in metadata.read_text().splitlines():
        if line.startswith("Requires-Dist:"):
            requirement = Requirement(line.partition(":")[2])
            extra = str(requirement.marker).rpartition("== ")[2].strip('"') if requirement.marker else ""
            asked.setdefault(extra, set()).add(requirement.name.replace("-", "_").lower())
    imported = {extra: set[str]() for extra in asked}
    for file in (unpacked / PACKAGE).rglob("*.py"):
        folder = file.relative_to(unpacked / PACKAGE).parts[0]
        imported[folder if folder in asked else ""] |= _foreign(file)
    for extra in asked.keys() - {""}:
        imported[extra] -= asked[""]
        assert imported[extra] <= asked[extra]
    assert imported[""] == asked[""]


def _foreign(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
    # pydantic_core belongs to pydantic, yaml to pyyaml.
    belongs = {"pydantic_core": "pydantic", "yaml": "pyyaml"}
    return {belongs.get(name, name) for name in found - set(sys.stdlib_module_names)}
