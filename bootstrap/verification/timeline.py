"""When each step of an `up` was reached, read from the engine's own record of when it created each resource."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

STEPS = {
    "secrets-bootstrap:index:AwsEnvironmentKeys": "keys",
    "secrets-bootstrap:index:AwsSecretStore": "secret containers",
    "secrets-bootstrap:index:AwsNodeEncryption": "etcd encryption",
    "secrets-bootstrap:index:VaultEnvironmentKeys": "keys",
    "secrets-bootstrap:index:VaultSecretStore": "secret containers",
    "secrets-bootstrap:index:VaultNodeEncryption": "etcd encryption",
    "localcloud:index:Cluster": "cluster",
    "secrets-bootstrap:index:AwsIrsaIdentity": "identity",
    "secrets-bootstrap:index:AwsPodIdentity": "identity",
    "secrets-bootstrap:index:VaultKubernetesIdentity": "identity",
    "secrets-bootstrap:index:VaultJwtIdentity": "identity",
    "secrets-bootstrap:index:ExternalSecretsOperator": "operator",
    "secrets-bootstrap:index:ClusterSecretStore": "store Ready",
    "secrets-bootstrap:index:FirstSync": "first secret synced",
    "secrets-bootstrap:index:ArgoCdSecrets": "Argo CD",
}
_OF_TEAMS = ("TeamIdentity", "TeamStores")
"""They are no step of the environment, and come after all of them."""
_ENVIRONMENT = "secrets-bootstrap:index:SecretsBootstrap"


def timeline(state: Mapping[str, Any], started: float) -> list[tuple[str, str, float]]:
    """(environment, step, seconds since `started`) of every step that the run finished, in order."""
    resources = {resource["urn"]: resource for resource in state["deployment"].get("resources", [])}
    reached: dict[tuple[str, str], float] = {}
    for resource in resources.values():
        lineage = list(_lineage(resource, resources))
        if any(str(one["type"]).endswith(_OF_TEAMS) for one in lineage):
            continue
        step = next((STEPS[one["type"]] for one in lineage if one["type"] in STEPS), None)
        environment = next((_name(one) for one in lineage if one["type"] == _ENVIRONMENT), None)
        if step is None or environment is None or "created" not in resource:
            continue
        seconds = datetime.fromisoformat(resource["created"]).timestamp() - started
        reached[environment, step] = max(seconds, reached.get((environment, step), seconds))
    # A step all of whose resources are older than the run was not repeated.
    rows = [(environment, step, seconds) for (environment, step), seconds in reached.items() if seconds > 0]
    return sorted(rows, key=lambda row: (row[0], row[2]))


def _lineage(resource: Mapping[str, Any], resources: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    current: Mapping[str, Any] | None = resource
    while current is not None:
        yield current
        current = resources.get(current.get("parent", ""))


def _name(resource: Mapping[str, Any]) -> str:
    return str(resource["urn"]).rsplit("::", 1)[-1]
