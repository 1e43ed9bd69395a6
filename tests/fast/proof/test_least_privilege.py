"""Least privilege of the roles on Google Cloud and Azure: none can be left out.

They are sets of the cloud's own making, so no step is smaller than a role. The policies of AWS and Vault are judged
action by action, by real calls: see `test_least_privilege.py` in `tests/fast/localcloud_aws` and `tests/engine/vault`.
"""

from collections.abc import Sequence
from functools import cache

import pytest

from bootstrap.proof.offline import catalogue, grants
from tests.fast.proof.topologies import documents

shipped = cache(documents)


@pytest.mark.parametrize("environment", ["prod", "nonprod"])
def test_every_google_role_of_the_operator_is_needed(environment: str) -> None:
    held = [one for one in grants.google(shipped("gke")) if (one.environment, one.role) == (environment, "operator")]
    calls = {(one.scope, "secretmanager.versions.access") for one in held}
    [canary] = {one.scope for one in held if one.scope.endswith("--canary")}
    calls |= {(canary, "secretmanager.secrets.get"), (canary, "secretmanager.versions.add")}

    def allowed(left: Sequence[grants.Grant]) -> bool:
        return all(any(one.scope == scope and wanted in one.permissions for one in left) for scope, wanted in calls)

    assert allowed(held)
    for lost in held:
        assert not allowed([one for one in held if one is not lost]), lost


@pytest.mark.parametrize("environment", ["prod", "nonprod"])
def test_every_azure_role_of_the_operator_is_needed(environment: str) -> None:
    held = [one for one in grants.azure(shipped("aks")) if (one.environment, one.role) == (environment, "operator")]
    assert len(held) == 2
    [vault_scope] = {one.scope for one in held if "/secrets/" not in one.scope}
    secrets = "Microsoft.KeyVault/vaults/secrets"
    calls = [
        grants.Target(
            owner="",
            path=f"{vault_scope}/secrets/{name}",
            action="",
            permission=f"{secrets}/{verb}/action",
            roles=frozenset(),
        )
        for name, verb in (("database", "getSecret"), ("canary", "getSecret"), ("canary", "setSecret"))
    ]

    def allowed(left: Sequence[grants.Grant]) -> bool:
        return all(any(grants.gives(one, one.member, call) for one in left) for call in calls)

    assert allowed(held)
    for lost in held:
        assert not allowed([one for one in held if one is not lost]), lost


@pytest.mark.parametrize(
    ("topology", "role", "permission"),
    [
        ("gke", "administrator", "cloudkms.cryptoKeys.update"),
        ("gke", "writer", "secretmanager.versions.add"),
        ("aks", "administrator", "Microsoft.KeyVault/vaults/keys/update/action"),
        ("aks", "writer", "Microsoft.KeyVault/vaults/secrets/setSecret/action"),
    ],
)
def test_people_hold_one_role_on_each_thing_and_need_it(topology: str, role: str, permission: str) -> None:
    held = [one for one in (*grants.google(shipped(topology)), *grants.azure(shipped(topology))) if one.role == role]
    assert {one.environment for one in held} >= {"prod"}
    assert len({(one.member, one.scope) for one in held}) == len(held)
    for one in held:
        call = grants.Target(owner="", path=one.scope, action="", permission=permission, roles=frozenset())
        assert grants.gives(one, one.member, call), one


def test_the_catalogue_holds_the_roles_that_are_granted() -> None:
    granted = {
        str(one.at("role")) for one in shipped("gke").resources if "IamMember" in one.token or "IAMMember" in one.token
    }
    assert granted <= catalogue.GOOGLE.keys()


@pytest.mark.parametrize("topology", ["eks", "gke", "aks", "local-vault"])
def test_the_chart_mints_no_tokens_and_the_role_names_one_account(topology: str) -> None:
    found = shipped(topology)
    releases = [one for one in found.of("kubernetes:helm.sh/v3:Release") if one.at("values", "rbac")]
    assert len(releases) == len(list(found.of("kubernetes:helm.sh/v3:Release"))) == 4
    assert not any(one.at("values", "rbac", "create") for one in releases)
    for role in found.of(
        "kubernetes:rbac.authorization.k8s.io/v1:Role", "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
    ):
        for rule in role.at("rules"):
            if "serviceaccounts/token" in rule["resources"]:
                assert len(rule["resourceNames"]) == 1
