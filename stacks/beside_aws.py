"""What stands beside an environment on AWS: CI, tenants, cert-manager and SOPS files, each with an identity of its own.

All of them are service accounts of the environment's cluster, CI too: its cluster is an issuer like any other.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components import (
    AwsCiRole,
    AwsCiRoleArgs,
    AwsDns01Role,
    AwsDns01RoleArgs,
    AwsNames,
    AwsSopsKey,
    AwsSopsKeyArgs,
    AwsTenant,
    AwsTenantKeys,
    AwsTenantKeysArgs,
    CiSubject,
    KeyRef,
    ServiceAccountRef,
)
from components.aws.config import AwsEnvironmentConfig
from stacks.local_environment import LocalEnvironment

_CI = ServiceAccountRef(namespace="ci", name="deploy")
_CERT_MANAGER = ServiceAccountRef(namespace="cert-manager", name="acme-dns01")
_TENANTS = {tenant: ServiceAccountRef(namespace=f"tenant-{tenant}", name="app") for tenant in ("acme", "globex")}


def beside(names: AwsNames, environment: AwsEnvironmentConfig, made: LocalEnvironment) -> Mapping[str, Any]:
    """Create all of it: what a stack may export of it, by kind; never a value.

    names, environment: of the environment; its configuration says `tenantKeys`. made: what was made of it.
    """
    name, identity, cluster = names.environment, made.bootstrap.identity, made.bootstrap.cluster
    issuer = pulumi.Output.from_input(cluster.issuer_url)
    provider_arn = issuer.apply(names.oidc_provider_arn)  # the operator's identity has made it
    options = pulumi.ResourceOptions(providers=[made.cloud_provider], depends_on=identity.gates)
    accounts = {account: made.add_account(account) for account in (_CI, _CERT_MANAGER, *_TENANTS.values())}

    ci = AwsCiRole(
        f"{name}-ci",
        AwsCiRoleArgs(
            names=names,
            purpose=_CI.name,
            subject=CiSubject(issuer=issuer, subs=[_CI.subject]),
            oidc_provider_arn=provider_arn,
        ),
        options,
    )
    # Policies of keys and roles name CI's role, and AWS takes no principal that is not there.
    after_ci = pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=ci.gates))
    ci_role_arn = names.role_arn(f"ci-{_CI.name}")
    tenants = AwsTenantKeys(
        f"{name}-tenants",
        AwsTenantKeysArgs(
            names=names,
            tenants_key=KeyRef(id=made.references["tenantsKeyArn"]),
            tenants={tenant: AwsTenant(service_account=account) for tenant, account in _TENANTS.items()},
            administrators=[ci_role_arn],
            issuer_url=issuer,
            deletion_profile=environment.deletion_profile,
        ),
        after_ci,
    )
    files = AwsSopsKey(
        f"{name}-files",
        AwsSopsKeyArgs(
            names=names,
            administrators=environment.administrators,
            editors=environment.writers,
            appliers=[ci_role_arn],
            deletion_profile=environment.deletion_profile,
        ),
        after_ci,
    )
    zone = aws.route53.Zone(
        f"{name}-zone", name=f"{name}.example.com", opts=pulumi.ResourceOptions(provider=made.cloud_provider)
    )
    dns01 = AwsDns01Role(
        f"{name}-dns01",
        AwsDns01RoleArgs(
            names=names,
            cluster=cluster,
            zone=f"{name}.example.com",
            zone_id=zone.zone_id,
            service_account=_CERT_MANAGER,
            oidc_provider_arn=provider_arn,
        ),
        options,
    )
    return {
        "ci": {"roleArn": ci.role_arn, "serviceAccount": accounts[_CI]},
        "tenantKeys": {
            "table": tenants.table_name,
            "administratorRoleArn": tenants.administrator_role_arn,
            "tenants": {
                tenant: {"roleArn": tenants.role_arns[tenant], "serviceAccount": accounts[account]}
                for tenant, account in _TENANTS.items()
            },
        },
        "dns01": {
            "roleArn": dns01.role_arn,
            "serviceAccount": accounts[_CERT_MANAGER],
            "zone": dns01.dns01.zone,
            "zoneId": zone.zone_id,
        },
        "sopsKeyArn": files.key.id,
    }
