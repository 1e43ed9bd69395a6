"""`check` without any key: each way in which a file may be encrypted wrongly. Files have the shape that sops gives."""

import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap.errors import BootstrapError
from bootstrap.sops import configuration
from bootstrap.sops.check import check, files_of
from bootstrap.sops.recipients import Recipients
from tests.fast.sops.test_recipients import AGE, KMS

ENVIRONMENTS = [
    Recipients(environment="prod", keys={"age": [AGE["prod"]], "kms": [KMS]}),
    Recipients(environment="nonprod", keys={"age": [AGE["nonprod"]]}),
]
CIPHERTEXT = "ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]"


def encrypted() -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "registry", "namespace": "apps"},
        "stringData": {"user": CIPHERTEXT},
        "sops": {
            "kms": [{"arn": KMS, "context": {"environment": "prod"}, "enc": "x"}],
            "age": [{"recipient": AGE["prod"], "enc": "x"}],
            "encrypted_regex": "^(data|stringData)$",
            "mac": CIPHERTEXT,
        },
    }


def in_plain() -> dict[str, Any]:
    """The same Secret, as it was before: what a copy in an annotation shows."""
    document = {name: value for name, value in encrypted().items() if name != "sops"}
    return {**document, "stringData": {"password": secrets.token_urlsafe(24)}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    configuration.write(tmp_path, ENVIRONMENTS)
    return tmp_path


def put(root: Path, *documents: Any, path: str = "secrets/prod/registry.yaml") -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump_all(documents))


def test_a_good_file_passes(root: Path) -> None:
    put(root, encrypted(), encrypted())
    check(root, ENVIRONMENTS, files_of(root))


def _with(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = encrypted()
    change(document)
    return document


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (_with(lambda one: one.pop("sops")), "not encrypted"),
        (_with(lambda one: one["stringData"].update(password="in plain")), "a value in it is not encrypted"),
        (_with(lambda one: one.update(data={"a": ["in plain"]})), "a value in it is not encrypted"),
        (_with(lambda one: one["sops"].update(encrypted_regex="^user$")), "by another rule"),
        (_with(lambda one: one.update(kind="ConfigMap")), "not a Secret"),
        (_with(lambda one: one["sops"]["age"].append({"recipient": AGE["nonprod"]})), f"opened by {AGE['nonprod']}"),
        (_with(lambda one: one["sops"].update(pgp=[{"fp": "ABCD"}])), "opened by a key of kind pgp"),
        (_with(lambda one: one["sops"].update(kms=[])), f"{KMS} cannot open it"),
        (_with(lambda one: one["sops"]["kms"][0].pop("context")), "the encryption context of environment prod"),
        (_with(lambda one: one["sops"]["kms"][0].update(context={"environment": "nonprod"})), "encryption context"),
        (
            _with(
                lambda one: one["sops"].update(key_groups=[{"kms": one["sops"]["kms"]}, {"age": one["sops"]["age"]}])
            ),
            "its key groups",
        ),
        (_with(lambda one: one.update(stringdata={"a": "in plain"})), "the field stringdata"),
        (
            _with(
                lambda one: one["metadata"].update(
                    annotations={"kubectl.kubernetes.io/last-applied-configuration": '{"in plain": 1}'}
                )
            ),
            "its annotation kubectl.kubernetes.io/last-applied-configuration",
        ),
        (
            _with(lambda one: one["metadata"].update(annotations={"notes": json.dumps(in_plain())})),
            "`leaks` refuses it: a Secret holds a value",
        ),
        ("text", "not encrypted"),
    ],
)
def test_what_is_refused(root: Path, document: Any, why: str) -> None:
    put(root, encrypted(), document)
    with pytest.raises(BootstrapError) as refused:
        check(root, ENVIRONMENTS, files_of(root))
    assert why in refused.value.why
    assert "in plain" not in refused.value.why


def test_any_key_instead_of_both(tmp_path: Path) -> None:
    both = [Recipients(environment="prod", keys={"age": [AGE["prod"]], "kms": [KMS]}, both=True)]
    configuration.write(tmp_path, both)
    put(tmp_path, encrypted())
    with pytest.raises(BootstrapError, match="key groups"):
        check(tmp_path, both, files_of(tmp_path))


def test_a_file_of_another_environment(root: Path) -> None:
    put(root, encrypted(), path="secrets/nonprod/registry.yaml")
    with pytest.raises(BootstrapError, match="no key of environment nonprod"):
        check(root, ENVIRONMENTS, files_of(root))


@pytest.mark.parametrize("path", ["secrets/registry.yaml", "secrets/staging/a.yaml", "secrets/prod/a.env"])
def test_a_file_in_no_environments_folder(root: Path, path: str) -> None:
    put(root, encrypted(), path=path)
    with pytest.raises(BootstrapError, match="no YAML file in secrets/<environment>/"):
        check(root, ENVIRONMENTS, files_of(root))


def test_a_field_that_is_written_twice(root: Path) -> None:
    put(root, encrypted())
    file = root / "secrets/prod/registry.yaml"
    file.write_text(f"stringData: {{user: in plain}}\n{file.read_text()}")
    with pytest.raises(BootstrapError, match="the key stringData stands twice"):
        check(root, ENVIRONMENTS, files_of(root))


def test_a_configuration_by_hand_stays(root: Path) -> None:
    file = configuration.write(root, ENVIRONMENTS)  # its own it writes again
    file.write_text("creation_rules: []\n")
    with pytest.raises(BootstrapError, match="was not generated"):
        configuration.write(root, ENVIRONMENTS)
    assert file.read_text() == "creation_rules: []\n"


def test_a_configuration_by_hand(root: Path) -> None:
    put(root, encrypted())
    (root / ".sops.yaml").write_text("creation_rules: []\n")
    with pytest.raises(BootstrapError, match="is not what sops-recipients"):
        check(root, ENVIRONMENTS, files_of(root))


def test_a_link_out_of_the_repository(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "a.yaml"
    outside.write_text("{}")
    (root / "secrets" / "prod").mkdir(parents=True)
    (root / "secrets" / "prod" / "a.yaml").symlink_to(outside)
    with pytest.raises(BootstrapError, match="outside the repository"):
        check(root, ENVIRONMENTS, files_of(root))
