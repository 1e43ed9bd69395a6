"""What stands beside an environment in Vault: a role by which CI fills secrets, and the keys of two tenants.

All of them are service accounts of the environment's cluster, CI too: its cluster is an issuer like any other.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from components import (
    CiSubject,
    KeyRef,
    ServiceAccountRef,
    VaultCiRole,
    VaultCiRoleArgs,
    VaultNames,
    VaultTenantKeys,
    VaultTenantKeysArgs,
)
from components.tenants.names import tenant_key_name
from components.vault.config import VaultEnvironmentConfig
from stacks.local_environment import LocalEnvironment

_CI = ServiceAccountRef(namespace="ci", name="fill")
_TENANTS = {tenant: ServiceAccountRef(namespace=f"tenant-{tenant}", name="app") for tenant in ("acme", "globex")}
_AUDIENCE = "vault"


def beside(names: VaultNames, environment: VaultEnvironmentConfig, made: LocalEnvironment) -> Mapping[str, Any]:
    """Create all of it: what a stack may export of it, by kind; never a value.

    names, environment: of the environment. made: what was made of it.
    """
    name, bootstrap = names.environment, made.bootstrap
    options = pulumi.ResourceOptions(providers=[made.cloud_provider])
    ci = VaultCiRole(
        f"{name}-ci",
        VaultCiRoleArgs(
            names=names,
            purpose=_CI.name,
            # Whoever starts pods in CI's namespace has to see to it that somebody has reviewed what they run.
            subject=CiSubject(issuer=bootstrap.cluster.issuer_url, subs=[_CI.subject], reviewed=True),
            policies=[made.references["writersPolicy"]],
            issuer_ca=bootstrap.cluster.ca_certificate,
        ),
        options,
    )
    tenants = VaultTenantKeys(
        f"{name}-tenants",
        VaultTenantKeysArgs(
            names=names,
            tenants_key=KeyRef(id=made.references["tenantsKeyId"]),
            tenants=_TENANTS,
            jwt_mount=ci.mount,  # it trusts the cluster's issuer
            audience=_AUDIENCE,
            deletion_profile=environment.deletion_profile,
            after=[*bootstrap.foundation.gates, *ci.gates],
        ),
        options,
    )

    def login(role: str, audience: str, account: ServiceAccountRef) -> dict[str, Any]:
        return {
            "role": f"{ci.mount}/role/{role}",
            "audiences": [audience],
            "serviceAccount": made.add_account(account),
        }

    return {
        "ci": login(ci.role, names.address, _CI),
        "tenantKeys": {
            "tenants": {
                tenant: {
                    **login(tenants.policies[tenant], _AUDIENCE, account),
                    "keyId": pulumi.Output.format("{0}/keys/{1}", tenants.mount, tenant_key_name(tenant)),
                }
                for tenant, account in _TENANTS.items()
            }
        },
    }
