"""The documents of each topology as it is shipped, from what the mock engine was asked for."""

import importlib
import json
import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.documents import Documents
from tests.fast.components import samples, samples_vault
from tests.fast.components.mock_engine import ACCOUNT, Recording, _outputs, run
from tests.fast.components.test_golden import stack_configuration

Make = Callable[[str, str, dict[str, Any]], None]
"""What makes the components that stand beside one environment, from its name, the prefix and all environments."""
TOPOLOGIES = ("local", "local-teams", "eks", "gke", "aks", "local-vault", "self-managed")
STACK = "organization/secrets-bootstrap/eks-foundation"


def documents(
    stack: str,
    change: Callable[[dict[str, Any]], object] = lambda environments: None,
    *,
    beside: Make | None = None,
) -> Documents:
    """One stack as it is shipped, or with its environments changed, and with what stands beside them.

    The mock gives every environment the same account and issuer, which is put right here.
    """
    shipped = samples.stack_config(stack)
    prefix: str = shipped["secrets-bootstrap:prefix"]
    environments: dict[str, Any] = shipped["secrets-bootstrap:environments"]
    change(environments)
    config = stack_configuration(shipped["secrets-bootstrap:topology"], prefix, environments)
    config["secrets-bootstrap:machines"] = json.dumps(shipped.get("secrets-bootstrap:machines"))
    there: dict[str, dict[str, Any]] = {}
    if "secrets-bootstrap:foundationStack" in shipped:
        config["secrets-bootstrap:foundationStack"] = STACK
        there = {STACK: {"outputs": {"environments": _exported(environments)}, "secretOutputNames": []}}
    program = importlib.import_module(f"stacks.{shipped['secrets-bootstrap:topology'].replace('-', '_')}")
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, _machine(Path(folder))):
        recorded = [run(program.run, config, there=there)]
    if beside:
        recorded += [run(partial(beside, name, prefix, environments)) for name in environments]
    found = of_recordings(*recorded)
    return Documents([_own(found, seen, environments) for seen in found.resources])


def of_recordings(*recorded: Recording) -> Documents:
    """What programs asked the mock engine for."""
    return Documents(
        [
            Seen(
                token=one.token,
                name=one.name,
                properties={**one.inputs, **_outputs(one.token, one.name, one.inputs), **(one.outputs or {})},
            )
            for recording in recorded
            for one in recording.resources.values()
        ]
    )


def _exported(environments: dict[str, Any]) -> dict[str, Any]:
    """What the foundation's stack says to the cluster's: the keys as the mock calls them."""

    def key(name: str, role: str) -> str:
        made = _outputs("aws:kms/key:Key", f"{name}-foundation-keys-{role}", {})
        return made["arn"].replace(ACCOUNT, environments[name]["accountId"])

    return {
        name: {
            "region": one["region"],
            "accountId": one["accountId"],
            **{f"{role}KeyArn": key(name, role) for role in ("secrets", "etcd", "tenants")},
            "secretPrefix": f"platform/{name}/",
            "deployPublicKey": "ssh-ed25519 AAAA mock",
        }
        for name, one in environments.items()
    }


def _own(found: Documents, seen: Seen, environments: dict[str, Any]) -> Seen:
    environment = found.owner(seen)
    if environment is None:
        return seen
    text = json.dumps(seen.properties)
    text = text.replace(ACCOUNT, environments[environment].get("accountId", ACCOUNT))
    for shared in ("127.0.0.1:14581", "amazonaws.com/id/ABC", "tenant/issuer"):
        text = text.replace(shared, f"{shared}{'' if environment == 'prod' else '9'}")
    return Seen(token=seen.token, name=seen.name, properties=json.loads(text))


def _machine(folder: Path) -> dict[str, str]:
    authority = folder / "ca.crt"
    authority.write_text(samples_vault.CERTIFICATE)
    return {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:14560",
        "SECRETS_BOOTSTRAP_ESO_CHART": "charts/external-secrets",
        "SECRETS_BOOTSTRAP_MACHINE_CA": str(authority),
        "VAULT_ADDR": "https://127.0.0.1:14660",
        "VAULT_CACERT": str(authority),
        "VAULT_CLIENT_CERT": "/pki/deployer.crt",
        "VAULT_CLIENT_KEY": "/pki/deployer.key",
    }
