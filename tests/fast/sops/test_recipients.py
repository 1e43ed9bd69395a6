"""`sops-recipients.yaml` and the `.sops.yaml` that is generated from it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap.errors import BootstrapError
from bootstrap.sops.configuration import generate
from bootstrap.sops.recipients import FILE, read_recipients

AGE = {name: "age1" + letter * 58 for name, letter in (("prod", "q"), ("nonprod", "p"))}
KMS = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
GCP = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/sops"
AZURE = f"https://v.vault.azure.net/keys/sops/{'0a' * 16}"
VAULT = "https://vault.example.com/v1/platform/prod/transit/keys/sops"
REPLICA = KMS.replace("key/", "key/mrk-")
# Two spellings of one key, or two names that one key's owner makes.
ONE_KEY = [
    ("kms", REPLICA, REPLICA.replace("eu-west-1", "eu-central-1")),
    ("azure_keyvault", AZURE, AZURE.replace("0a", "0b")),
    ("azure_keyvault", AZURE, AZURE.replace("//v.", "//V.").replace("/sops/", "/SOPS/")),
    ("hc_vault", VAULT, VAULT.replace(".com/", ".com:443/")),
    ("hc_vault", VAULT, VAULT.replace("vault.example", "Vault.Example")),
]
EVERY_KIND = {
    "age": [AGE["prod"]],
    "kms": [KMS],
    "gcp_kms": [GCP],
    "azure_keyvault": [AZURE],
    "hc_vault": [VAULT],
}


def read(root: Path, document: Any) -> Any:
    (root / FILE).write_text(yaml.safe_dump(document, sort_keys=False))
    return read_recipients(root)


def test_every_kind_of_key(tmp_path: Path) -> None:
    text = generate(read(tmp_path, {"prod": EVERY_KIND, "nonprod": {"age": [AGE["nonprod"]]}}))
    prod, nonprod = yaml.safe_load(text)["creation_rules"]
    assert prod == {
        "path_regex": r"^secrets/prod/.+\.ya?ml$",
        "encrypted_regex": "^(data|stringData)$",
        "key_groups": [
            {
                "age": EVERY_KIND["age"],
                "kms": [{"arn": KMS, "context": {"environment": "prod"}}],
                "gcp_kms": [{"resource_id": EVERY_KIND["gcp_kms"][0]}],
                "azure_keyvault": [{"vaultUrl": "https://v.vault.azure.net", "key": "sops", "version": "0a" * 16}],
                "hc_vault": EVERY_KIND["hc_vault"],
            }
        ],
    }
    assert nonprod["key_groups"] == [{"age": [AGE["nonprod"]]}]


def test_both_keys_are_needed(tmp_path: Path) -> None:
    text = generate(read(tmp_path, {"prod": {"age": [AGE["prod"]], "kms": [KMS], "both": True}}))
    (rule,) = yaml.safe_load(text)["creation_rules"]
    assert rule["key_groups"] == [{"age": [AGE["prod"]]}, {"kms": [{"arn": KMS, "context": {"environment": "prod"}}]}]
    assert rule["shamir_threshold"] == 2


@pytest.mark.parametrize(
    ("document", "field", "why"),
    [
        ({"prod": EVERY_KIND, "nonprod": {"kms": [KMS]}}, "nonprod", "the same key"),
        ({"prod": {"age": [AGE["prod"]]}, "nonprod": {"age": [AGE["prod"]]}}, "nonprod", "the same key"),
        *(
            ({"prod": {kind: [one]}, "nonprod": {kind: [other]}}, "nonprod", "the same key")
            for kind, one, other in ONE_KEY
        ),
        ({"prod": {"hc_vault": [VAULT.replace("https", "http")]}}, "prod.hc_vault", "full public name"),
        ({"prod": {"hc_vault": [VAULT.replace("/prod/", "/nonprod/../prod/")]}}, "prod.hc_vault", "full public name"),
        ({"prod": {"hc_vault": [VAULT.replace("/prod/", "//prod/")]}}, "prod.hc_vault", "full public name"),
        ({"prod": {"gcp_kms": [GCP.replace("projects/p/", "projects/123/")]}}, "prod.gcp_kms", "full public name"),
        (
            {"prod": {"azure_keyvault": [AZURE.replace("v.vault", "v.privatelink.vault")]}},
            "prod.azure_keyvault",
            "full public name",
        ),
        ({"prod": {"kms": ["arn:aws:kms:eu-west-1:123456789012:alias/sops"]}}, "prod.kms", "full public name"),
        ({"prod": {"azure_keyvault": ["https://v.vault.azure.net/keys/sops"]}}, "prod.azure_keyvault", "full public"),
        ({"prod": {"age": ["AGE-SECRET-" + "KEY-1QQQ"]}}, "prod.age", "full public name"),
        ({"prod": {"pgp": ["ABCD"]}}, "prod.pgp", "no such kind"),
        ({"prod": {"age": AGE["prod"]}}, "prod.age", "not a list"),
        ({"prod": {"age": []}}, "prod.age", "not a list"),
        ({"prod": {}}, "prod", "no keys"),
        ({"prod": None}, "prod", "no keys"),
        ({"prod": {"age": [AGE["prod"]], "both": True}}, "prod.both", "an age key and a managed one"),
        ({"prod": {"age": [AGE["prod"]], "both": "yes!"}}, "prod.both", "neither"),
        ({"../prod": {"age": [AGE["prod"]]}}, "../prod", "folder's name"),
        ({}, "", "no environment"),
        (["prod"], "", "no environment"),
    ],
)
def test_what_is_refused(tmp_path: Path, document: Any, field: str, why: str) -> None:
    with pytest.raises(BootstrapError) as refused:
        read(tmp_path, document)
    assert refused.value.what == f"{FILE}: {field}".rstrip(": ")
    assert why in refused.value.why
    assert "AGE-SECRET" not in str(refused.value)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(BootstrapError, match="no such file"):
        read_recipients(tmp_path)


def test_an_environment_or_a_kind_that_is_written_twice(tmp_path: Path) -> None:
    for text in (
        f"prod: {{age: [{AGE['prod']}]}}\nprod: {{age: [{AGE['nonprod']}]}}\n",
        f"prod:\n  age: [{AGE['prod']}]\n  age: [{AGE['nonprod']}]\n",
    ):
        (tmp_path / FILE).write_text(text)
        with pytest.raises(BootstrapError, match="stands twice"):
            read_recipients(tmp_path)
    (tmp_path / FILE).write_text(f"prod: {{age: [{AGE['prod']}]}}\n---\nnonprod: {{age: [{AGE['prod']}]}}\n")
    with pytest.raises(BootstrapError, match="several documents"):
        read_recipients(tmp_path)


def test_two_keys_of_the_same_place_are_two_keys(tmp_path: Path) -> None:
    keys = {"kms": KMS, "gcp_kms": GCP, "azure_keyvault": AZURE, "hc_vault": VAULT}
    other = {"kms": KMS.replace("eu-west-1", "eu-central-1"), "gcp_kms": f"{GCP}-2", "hc_vault": f"{VAULT}-2"}
    other["azure_keyvault"] = AZURE.replace("/sops/", "/other/")
    document = {
        "prod": {kind: [one] for kind, one in keys.items()},
        "nonprod": {kind: [one] for kind, one in other.items()},
    }
    assert len(read(tmp_path, document)) == 2
