"""The plugin processes and the folder that the engine finds them in."""

import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import grpc
import psutil
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from bootstrap.providers.wrappers import NAMES, write_plugin_wrappers


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    return tmp_path / "home"


def plugin(home: Path, name: str) -> Path:
    return next((home / "plugins").glob(f"resource-{name}-v*")) / f"pulumi-resource-{name}"


def test_a_plugin_serves_and_ends_with_its_engine(home: Path, tmp_path: Path) -> None:
    write_plugin_wrappers(tmp_path / "bin", home)
    engine = "import subprocess, sys, time\nsubprocess.Popen(sys.argv[1:])\ntime.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", engine, str(plugin(home, "tls")), "127.0.0.1:1"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        child = psutil.Process(process.pid).children(recursive=True)[-1]
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            assert ResourceProviderStub(channel).GetPluginInfo(Empty()).version == version("pulumi_tls")
        assert "bootstrap.providers" in child.cmdline()
        process.kill()
        child.wait(timeout=5)


def test_a_plugin_ends_when_asked(home: Path, tmp_path: Path) -> None:
    write_plugin_wrappers(tmp_path / "bin", home)
    with subprocess.Popen([str(plugin(home, "localcloud"))], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=5) == 0


def test_an_unknown_provider_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bootstrap.providers", "digitalocean"], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "aws|azure-native|gcp|kubernetes|tls|localcloud" in done.stderr


def test_every_plugin_is_there_in_the_version_of_its_sdk(home: Path, tmp_path: Path) -> None:
    write_plugin_wrappers(tmp_path / "bin", home)
    write_plugin_wrappers(tmp_path / "bin", home)  # again is no error
    assert {name for name in NAMES if os.access(plugin(home, name), os.X_OK)} == set(NAMES)
    assert plugin(home, "aws").parent.name == f"resource-aws-v{version('pulumi_aws')}"


def test_an_official_plugin_wins(home: Path, tmp_path: Path) -> None:
    write_plugin_wrappers(tmp_path / "bin", home)
    official = tmp_path / "user" / ".pulumi" / "plugins" / plugin(home, "aws").parent.name
    official.mkdir(parents=True)
    (official / "pulumi-resource-aws").write_text("#!/bin/sh\necho official\n")
    (official / "pulumi-resource-aws").chmod(0o755)
    write_plugin_wrappers(tmp_path / "bin", home)
    assert subprocess.check_output([plugin(home, "aws")], text=True) == "official\n"
    assert not plugin(home, "aws").parent.is_symlink()  # the engine would not look into it
    assert "offline" in plugin(home, "tls").readlink().name
    official.joinpath("pulumi-resource-aws").unlink()
    write_plugin_wrappers(tmp_path / "bin", home)
    assert "offline" in plugin(home, "aws").readlink().name


def test_the_users_own_folder_is_left_alone(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "user" / ".pulumi" / "plugins"
    own.mkdir(parents=True)
    home.mkdir()
    (home / "plugins").symlink_to(own)
    write_plugin_wrappers(tmp_path / "bin", home)
    assert list(own.iterdir()) == []


def test_a_start_is_quick(home: Path, tmp_path: Path) -> None:
    write_plugin_wrappers(tmp_path / "bin", home)
    started = time.monotonic()
    with subprocess.Popen([str(plugin(home, "kubernetes"))], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        took = time.monotonic() - started
        process.kill()
    assert took < 3  # 0.4 s on an idle machine
