"""Images become local programs, and nothing listens beyond loopback."""

from pathlib import Path

import pytest

from bootstrap.localcloud.kubernetes.node.images import ImageError, resolve, rewrite_addresses

TOOLS = Path("/tools")


def local_port(port: int) -> int:
    return 15200 + port % 100


@pytest.mark.parametrize(
    "image",
    [
        "oci.external-secrets.io/external-secrets/external-secrets:v0.20.3",
        "ghcr.io/external-secrets/external-secrets@sha256:0123",
        "localhost:5000/external-secrets:v1@sha256:0123",
        "external-secrets",
    ],
)
def test_an_image_is_known_by_its_last_name(image: str) -> None:
    assert resolve(image, TOOLS).command == ["/tools/external-secrets"]


@pytest.mark.parametrize("image", ["nginx:1", "example.com/external-secrets/nginx:1", "x/external-secrets-webhook:1"])
def test_an_unknown_image_is_refused_by_name(image: str) -> None:
    with pytest.raises(ImageError, match=image):
        resolve(image, TOOLS)


def test_listeners_move_to_loopback_and_so_do_the_defaults() -> None:
    program = resolve("x/external-secrets:v1", TOOLS)
    assert program.arguments([], ["--concurrent=1", "--metrics-addr=:8080"], local_port) == [
        "/tools/external-secrets",
        "--concurrent=1",
        "--metrics-addr=127.0.0.1:15280",
        "--live-addr=127.0.0.1:15282",
    ]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (["--a=:80"], ["--a=127.0.0.1:15280"]),
        (["--a", ":80"], ["--a=127.0.0.1:15280"]),
        (["--a=0.0.0.0:80"], ["--a=127.0.0.1:15280"]),
        (["--a=[::]:80"], ["--a=127.0.0.1:15280"]),
        (["--a=0"], ["--a=0"]),
        (["--a=:0"], ["--a=:0"]),
        (["sub", "--b=:80"], ["sub", "--b=:80", "--a=127.0.0.1:15281"]),
    ],
)
def test_forms_of_a_listen_flag(given: list[str], made: list[str]) -> None:
    assert rewrite_addresses(given, {"a": ":81"}, local_port) == made


def test_only_the_images_own_program_runs() -> None:
    program = resolve("x/aws-encryption-provider:v1", TOOLS)
    command = program.arguments(["/aws-encryption-provider"], ["--health-port=:8083"], local_port)
    assert command[1:] == ["-m", "bootstrap.localcloud.kubernetes.kms.aws", "--health-port=127.0.0.1:15283"]
    vault = resolve("x/vault-kubernetes-kms:v1", TOOLS)
    command = vault.arguments(["/vault-kubernetes-kms"], ["-health-port=8085", "-disable-v1"], local_port)
    assert command[1:] == ["-m", "bootstrap.localcloud.kubernetes.kms.vault", "--health-port=15285", "-disable-v1"]
    with pytest.raises(ImageError, match="/bin/sh"):
        program.arguments(["/bin/sh"], ["-c", "id"], local_port)
