"""A program from its publisher's official release, checked against the publisher's SHA-256 list."""

import hashlib
import platform
import re
import tarfile
import urllib.request
import zipfile
from io import BytesIO
from pathlib import Path

from bootstrap.toolchain.tools import Program, Release

_TIMEOUT_SECONDS = 5
_CHUNK = 1 << 20


class ReleaseUnavailableError(Exception):
    """The release could not be had or did not match its checksum; the next source is tried."""


def install(program: Program, directory: Path) -> list[Path]:
    """Put the program, and the executables that ship beside it, into `directory`."""
    if program.release is None:
        raise ReleaseUnavailableError("not published as a file")
    url, checksums = _for_this_machine(program.release)
    try:
        published = _read(checksums).decode()
        content = _read(url)
    except (OSError, ValueError) as error:
        raise ReleaseUnavailableError(f"{url}: {error}") from error
    digest = hashlib.sha256(content).hexdigest()
    file_name = url.rsplit("/", 1)[-1]
    expected = re.findall(rf"^([0-9a-f]{{64}})(?:\s+\*?(?:\./)?{re.escape(file_name)})?\s*$", published, re.MULTILINE)
    if expected != [digest]:
        raise ReleaseUnavailableError(f"{url}: its SHA-256 {digest} is not the published one")
    if file_name.endswith(".tar.gz"):
        with tarfile.open(fileobj=BytesIO(content)) as archive:
            files = [member for member in archive.getmembers() if member.isfile() and member.mode & 0o100]
            return [_write(directory / Path(member.name).name, _content(archive, member)) for member in files]
    if file_name.endswith(".zip"):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return [_write(directory / program.name, archive.read(program.name))]
    return [_write(directory / program.name, content)]


def _for_this_machine(release: Release) -> tuple[str, str]:
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    words = {"os": platform.system().lower(), "arch": arch, "x64": "x64" if arch == "amd64" else arch}
    return release.url.format(**words), release.checksums.format(**words)


def _read(url: str) -> bytes:
    if not url.startswith("https://"):
        raise ValueError("only https is fetched")
    parts: list[bytes] = []
    with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310 (the scheme is checked above)
        while chunk := response.read(_CHUNK):
            parts.append(chunk)
    return b"".join(parts)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    if file is None:
        raise ReleaseUnavailableError(f"{member.name} is not a file")
    return file.read()


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o755)
    return path
