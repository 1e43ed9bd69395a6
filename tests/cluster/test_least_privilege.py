"""Each call that the policies are measured by is one that the operator and the nodes really make.

The operator's RBAC is measured by what the API server was asked by it, after everything that it does was done once.
"""

import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bootstrap.verification.environment import EnvironmentView
from components.kubernetes.operator_rbac import CLUSTER_RULES, NAMESPACE_RULES, token_rules
from tests.cluster.api_audit import LOG, OPERATOR, Request, granted, requests
from tests.local_stack import Running, eventually, patch_object

# Those of `_operator` and `_node` in tests/fast/localcloud_aws/test_least_privilege.py, without kms:DescribeKey: the
# official plugin's health check makes that call, and the local one is not the official one.
_CALLS = {
    "external-secrets": {
        "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret",
        "secretsmanager:PutSecretValue",
        "secretsmanager:DeleteResourcePolicy",
    },
    "node": {"kms:Encrypt", "kms:Decrypt"},
}


@pytest.mark.parametrize("role", _CALLS)
def test_the_real_programs_make_these_calls(running: Running, role: str) -> None:
    made = {
        entry["event"]
        for entry in running.local.cloud.audit()
        if entry["decision"] == "allowed" and f"/platform-prod-{role}/" in f"{entry['principal']}/"
    }
    assert made >= _CALLS[role]


_GROUP, _GENERATORS = "/apis/external-secrets.io", "generators.external-secrets.io"
_NAME = "least-privilege"
# No request shows it: an admission plugin asks for it that is off here, and in EKS, GKE, AKS, kubeadm, k3s and RKE2.
_ASKED_BY_ADMISSION = {Request("external-secrets.io", "externalsecrets/finalizers", "update")}


def _asked(running: Running, decision: str, since: str = "") -> set[Request]:
    """What the operators have asked the API servers."""
    logs = (running.local.directory / "clusters").glob(f"*/{LOG}")
    return set(requests(logs, OPERATOR, decision=decision, since=since))


def _create(view: EnvironmentView, path: str, body: dict[str, Any]) -> str:
    view.kubernetes.post(path, json=body).raise_for_status()
    return f"{path}/{body['metadata']['name']}"


def _external_secret(called: str, **target: str) -> dict[str, Any]:
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": called},
        "spec": {
            "refreshInterval": "1h",
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": "prod"},
            "target": target,
            "data": [{"secretKey": "value", "remoteRef": {"key": "platform/prod/canary"}}],
        },
    }


@pytest.fixture
def worked(running: Running) -> Iterator[Running]:
    """What `up` does not bring about: a Secret that is there already, another target, a PushSecret that deletes,
    and a generator of Vault's."""
    prod, made = running.prod, []
    stores = [{"kind": kind, "name": name} for kind, name in (("SecretStore", _NAME), ("ClusterSecretStore", "prod"))]
    secret = {"metadata": {"name": _NAME}, "stringData": {"value": secrets.token_hex(16)}}
    own = _external_secret(f"{_NAME}-own", name=f"{_NAME}-own")
    store = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "SecretStore",
        "metadata": {"name": _NAME},
        "spec": {"provider": {"aws": {"service": "SecretsManager", "region": "eu-west-1"}}},
    }
    # Of a Vault that is not there: what counts is that it is read.
    generator = {
        "apiVersion": f"{_GENERATORS}/v1alpha1",
        "kind": "VaultDynamicSecret",
        "metadata": {"name": _NAME},
        "spec": {
            "path": "database/creds/app",
            "provider": {"server": "https://127.0.0.1:1", "auth": {"tokenSecretRef": {"name": _NAME, "key": "value"}}},
        },
    }
    reference = {"apiVersion": f"{_GENERATORS}/v1alpha1", "kind": "VaultDynamicSecret", "name": _NAME}
    generated = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": f"{_NAME}-generated"},
        "spec": {"refreshInterval": "1h", "dataFrom": [{"sourceRef": {"generatorRef": reference}}]},
    }
    push = {
        "apiVersion": "external-secrets.io/v1alpha1",
        "kind": "PushSecret",
        "metadata": {"name": _NAME},
        "spec": {
            "deletionPolicy": "Delete",
            "refreshInterval": "1h",
            "secretStoreRefs": stores,
            "selector": {"secret": {"name": _NAME}},
            # It may not, and so it says why, again and again.
            "data": [{"match": {"secretKey": "value", "remoteRef": {"remoteKey": "platform/prod/nobody-made-it"}}}],
        },
    }
    try:
        made.append(_create(prod, "/api/v1/namespaces/apps/secrets", secret))
        merged = _external_secret(_NAME, name=_NAME, creationPolicy="Merge")
        paths = {kind: f"{_GROUP}/v1/namespaces/apps/{kind}" for kind in ("externalsecrets", "secretstores")}
        made.append(_create(prod, paths["externalsecrets"], merged))
        made.append(_create(prod, paths["externalsecrets"], own))
        made.append(_create(prod, paths["secretstores"], store))
        made.append(_create(prod, f"{_GROUP}/v1alpha1/namespaces/apps/pushsecrets", push))
        made.append(_create(prod, f"/apis/{_GENERATORS}/v1alpha1/namespaces/apps/vaultdynamicsecrets", generator))
        made.append(_create(prod, paths["externalsecrets"], generated))

        @eventually(60)
        def synced() -> None:
            assert prod.kubernetes.get(f"/api/v1/namespaces/apps/secrets/{_NAME}-own").status_code == 200

        synced()
        patch_object(prod, made[2], {"spec": {"target": {"name": f"{_NAME}-other"}}})
        yield running
    finally:
        for path in reversed(made):
            prod.kubernetes.delete(path)


def test_the_operator_needs_every_rule_and_no_other(worked: Running) -> None:
    rules = granted([*CLUSTER_RULES, *NAMESPACE_RULES, *token_rules("external-secrets")]) - _ASKED_BY_ADMISSION

    @eventually(120)
    def all_of_it_is_used() -> None:
        assert rules - _asked(worked, "allow") == set()

    # Others on this stack restart the API server, which refuses all until it has read its roles, and give rights away.
    since = datetime.now(UTC).isoformat()
    all_of_it_is_used()
    time.sleep(5)
    assert _asked(worked, "allow", since), "the operator was idle"
    assert _asked(worked, "forbid", since) == set()
    assert _asked(worked, "allow", since) - rules == set()
    # One that is added would be said to be unneeded.
    more = {Request("", "configmaps", "get"), Request("external-secrets.io", "externalsecrets", "delete")}
    assert (rules | more) - _asked(worked, "allow") == more
