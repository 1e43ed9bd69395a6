"""Inputs for Google Cloud that work, for tests to use and to spoil."""

from typing import Any

import pulumi_kubernetes as kubernetes

from components import ClusterRef, GcpOperatorGrant, KeyRef, ServiceAccountRef
from components.gcp.config import GcpEnvironmentConfig
from components.gcp.names import GcpNames
from tests.fast.components import samples

PROJECT = "example-prod"
NUMBER = "123456789012"
NAMES = GcpNames(
    prefix="platform", environment="prod", project_id=PROJECT, project_number=NUMBER, location="europe-west1"
)
ADMINISTRATOR = "group:key-administrators@example.com"
DEPLOYER = f"serviceAccount:deployer@{PROJECT}.iam.gserviceaccount.com"
WRITER = "user:writer@example.com"
CLUSTER = {"kind": "gke", "name": "prod", "network": "platform", "subnetwork": "platform-europe-west1"}
IDENTITIES = ("gkePrincipal", "gkeServiceAccount")


def environment(**changes: Any) -> dict[str, Any]:
    """One environment as it stands in YAML."""
    return {
        "backend": "gcp",
        "projectId": PROJECT,
        "projectNumber": NUMBER,
        "location": "europe-west1",
        "cluster": dict(CLUSTER),
        "identity": {"kind": "gkePrincipal"},
        "administrators": [ADMINISTRATOR],
        "deployers": [DEPLOYER],
        "writers": [WRITER],
        "namespaces": ["apps"],
        "secrets": {"database": {}, "tenants/acme": {}},
        "store": {"conditions": [{"namespaces": ["apps"]}]},
        "argocd": {"repository": {"name": "platform", "url": "git@git.example.com:platform/deploy.git"}},
        **changes,
    }


def other_environment(**changes: Any) -> dict[str, Any]:
    """A second environment, in a project of its own."""
    return environment(**{"projectId": "example-nonprod", "projectNumber": "210987654321", **changes})


def parsed(**changes: Any) -> GcpEnvironmentConfig:
    """The sample as the program gets it, without the checks between environments."""
    return GcpEnvironmentConfig.model_validate(environment(**changes))


def key(role: str, location: str = "europe-west1") -> KeyRef:
    return KeyRef(id=key_name(role, location))


def key_name(role: str, location: str = "europe-west1") -> str:
    return f"projects/{PROJECT}/locations/{location}/keyRings/adopted/cryptoKeys/{role}"


def keys(role: str, *locations: str) -> dict[str, KeyRef]:
    return {location: key(role, location) for location in locations or ("europe-west1",)}


def grant() -> GcpOperatorGrant:
    names = ("canary", "database")
    return GcpOperatorGrant(secret_ids={one: NAMES.secret_resource(NAMES.secret_name(one)) for one in names})


def cluster() -> ClusterRef:
    return ClusterRef(
        name="prod",
        issuer_url=NAMES.issuer_url("prod"),
        provider=kubernetes.Provider("cluster", kubeconfig="{}"),
    )


OPERATOR = samples.ACCOUNT_OF_OPERATOR


def sops_values(**changes: Any) -> dict[str, Any]:
    """The arguments of the key of SOPS files."""
    return {
        "names": NAMES,
        "administrators": [ADMINISTRATOR],
        "editors": [WRITER],
        "appliers": [DEPLOYER],
        **changes,
    }


def tenant_values(**changes: Any) -> dict[str, Any]:
    """The arguments of the tenants' keys: `acme` works by itself, an application works for `globex`."""
    return {
        "names": NAMES,
        "tenants_key": key("tenants"),
        "tenants": {
            "acme": [NAMES.principal(ServiceAccountRef(namespace="acme", name="app"))],
            "globex": [f"serviceAccount:shop@{PROJECT}.iam.gserviceaccount.com"],
        },
        "administrators": [ADMINISTRATOR],
        **changes,
    }
