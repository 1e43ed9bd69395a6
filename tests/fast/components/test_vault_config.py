"""Bad configuration of an environment on Vault: an error that names the field and the mend, and repeats no value."""

import copy
from typing import Any

import pytest

from components import ConfigError, parse_config
from tests.fast.components import samples, samples_vault
from tests.fast.components.spoiled import ABSENT

KEY = "platform/prod/transit/keys/etcd"
SPOILED: list[tuple[str, Any, str]] = [
    ("backend", "valt", ""),
    ("address", "http://x-leak.example.com", "address"),
    ("address", ABSENT, "address"),
    ("caCertificate", "x-leak", "caCertificate"),
    ("cluster.kind", "eks", "cluster.kind"),
    ("cluster.kmsPluginImage", "x-leak:latest", "cluster.kmsPluginImage"),
    ("cluster.machineCaCertificate", "x-leak", "cluster.machineCaCertificate"),
    ("cluster.nodeNames", [], "cluster.nodeNames"),
    ("cluster.nodeNames", ["*"], "cluster.nodeNames.0"),
    ("cluster.nodeNames", ["a", "a"], "cluster.nodeNames.1"),
    ("cluster.certMount", "/x-leak", "cluster.certMount"),
    ("cluster.encryptionProviderName", "a:b", "cluster.encryptionProviderName"),
    ("identity.kind", "irsa", "identity.kind"),
    ("identity.audience", ABSENT, "identity.audience"),
    ("identity.audience", "x leak", "identity.audience"),
    ("identity.apiAudience", "x leak", "identity.apiAudience"),
    ("identity", {"kind": "vaultJwt", "audience": "vault", "apiAudience": "a"}, "identity.apiAudience"),
    ("identity.existingMount", "/x-leak", "identity.existingMount"),
    ("identity.tokenTtlSeconds", 119, "identity.tokenTtlSeconds"),
    ("identity.tokenTtlSeconds", 3601, "identity.tokenTtlSeconds"),
    ("identity.oidcProviderArn", "x-leak", "identity.oidcProviderArn"),
    (
        "identity.serviceAccountRef",
        {"namespace": "apps", "name": "a"},
        "identity.serviceAccountRef.namespace",
    ),
    ("engine", {"maxVersions": 0}, "engine.maxVersions"),
    ("engine", {"deleteVersionsAfterDays": 3651}, "engine.deleteVersionsAfterDays"),
    ("engine", {"existingMount": "x leak"}, "engine.existingMount"),
    ("engine", {"existingMount": "tenants"}, "secrets.tenants/acme"),
    ("engine", {"existingMount": "argocd"}, "argocd.repository.name"),
    ("keys", {"rotationDays": 0}, "keys.rotationDays"),
    ("keys", {"existing": {"etcd": "x-leak"}}, "keys.existing.etcd"),
    ("keys", {"existing": {"etcd": KEY, "tenants": KEY}}, "keys.existing.tenants"),
    ("secrets", {"A": {}}, "secrets.A"),
    ("secrets", {"a": {"description": "x" * 513}}, "secrets.a.description"),
    ("secrets", {"canary": {}}, "secrets.canary"),
    ("region", "eu-west-1", "region"),
]


def configuration(path: str, value: object) -> dict[str, Any]:
    environment = copy.deepcopy(samples_vault.environment())
    *parents, last = path.split(".")
    place = environment
    for part in parents:
        place = place[part]
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return samples.configuration(prod=environment)


@pytest.mark.parametrize(("path", "value", "field"), SPOILED, ids=[f"{one[0]}-{i}" for i, one in enumerate(SPOILED)])
def test_bad_input_names_the_field_and_the_mend(path: str, value: object, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(configuration(path, value))
    where = f"environments.prod.{field}".rstrip(".")
    problem = next(one for one in caught.value.problems if one.field == where)
    assert problem.reason
    assert problem.mend
    assert "x-leak" not in str(caught.value)
    assert "x leak" not in str(caught.value)


def test_the_kinds_of_identity_are_named() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(configuration("identity.kind", "podIdentity"))
    assert "vaultKubernetes" in caught.value.mend
    assert "vaultJwt" in caught.value.mend


def test_environments_share_no_key_and_no_kv_engine() -> None:
    adopted = {"engine": {"existingMount": "shared"}, "keys": {"existing": {"etcd": KEY}}}
    both = {name: samples_vault.environment(**adopted) for name in ("prod", "nonprod")}
    with pytest.raises(ConfigError) as caught:
        parse_config(samples.configuration(**both))
    assert {one.field for one in caught.value.problems} == {
        "environments.nonprod.engine.existingMount",
        "environments.nonprod.keys.existing.etcd",
    }
    both["nonprod"]["address"] = "https://other.example.com:8200"  # another Vault's are others
    parse_config(samples.configuration(**both))


def test_backends_stand_side_by_side() -> None:
    config = parse_config(samples.configuration(prod=samples_vault.environment(), nonprod=samples.environment()))
    assert {name: one.backend for name, one in config.environments.items()} == {"prod": "vault", "nonprod": "aws"}
