"""A database engine in each environment, and a Secret whose credentials it makes."""

import json
import os
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_vault as vault

from components import (
    DeletionProfile,
    IdentityKind,
    IdentityRef,
    ServiceAccountRef,
    StoreRef,
    VaultDatabase,
    VaultDatabaseArgs,
    VaultDatabaseRole,
    VaultDynamicCredentials,
    VaultDynamicCredentialsArgs,
    VaultNames,
    VaultStaticRole,
)

NAMESPACE, ACCOUNT, TTL_SECONDS = "apps", "database-user", 60


def environment(name: str, given: dict[str, Any], connected: bool) -> None:
    deployer = vault.Provider(
        f"{name}-vault",
        address=os.environ["VAULT_ADDR"],
        ca_cert_file=os.environ["VAULT_CACERT"],
        auth_login_cert=vault.ProviderAuthLoginCertArgs(
            mount="machines",
            name="deployer",
            cert_file=os.environ["VAULT_CLIENT_CERT"],
            key_file=os.environ["VAULT_CLIENT_KEY"],
        ),
        skip_child_token=True,
    )
    cluster = kubernetes.Provider(
        f"{name}-cluster", kubeconfig=given["kubeconfig"], cluster_identifier=name, enable_server_side_apply=True
    )
    providers = pulumi.ResourceOptions(providers=[deployer, cluster])
    names = VaultNames(prefix="platform", environment=name, address=os.environ["VAULT_ADDR"])
    made = VaultDatabase(
        f"{name}-database",
        VaultDatabaseArgs(
            names=names,
            roles={
                "app": VaultDatabaseRole(
                    creation=[
                        """CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'""",
                        'GRANT SELECT ON accounts TO "{{name}}"',
                    ],
                    revocation=['REVOKE ALL ON accounts FROM "{{name}}"', 'DROP ROLE IF EXISTS "{{name}}"'],
                    ttl_seconds=TTL_SECONDS,
                )
            },
            static_roles={"report": VaultStaticRole(username="report")} if connected else {},
            deletion_profile=DeletionProfile.EPHEMERAL,
        ),
        providers,
    )
    pulumi.export(f"{name}-connection-policy", made.connection_policy)
    if not connected:
        return
    account = kubernetes.core.v1.ServiceAccount(
        f"{name}-account",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=ACCOUNT, namespace=NAMESPACE),
        opts=pulumi.ResourceOptions(provider=cluster),
    )
    VaultDynamicCredentials(
        f"{name}-credentials",
        VaultDynamicCredentialsArgs(
            names=names,
            store=StoreRef(backend="vault", settings=given["store"]),
            identity=IdentityRef(
                kind=IdentityKind(given["kind"]),
                principal=given["principal"],
                service_account=ServiceAccountRef(**given["serviceAccount"]),
                backends=frozenset({"vault"}),
                store_settings={"auth": given["auth"]},
                presents_token=True,
                reviews_token=given["kind"] == "vaultKubernetes",
            ),
            namespace=NAMESPACE,
            secret_name="database-user",
            service_account=ACCOUNT,
            path=made.credentials["app"],
            policy=made.policies["app"],
            ttl_seconds=TTL_SECONDS,
            after=[account, *made.gates],
            timeout_seconds=60,
        ),
        providers,
    )


settings: dict[str, Any] = json.loads(Path(os.environ["DYNAMIC_CREDENTIALS"]).read_text())
for environment_name, values in settings["environments"].items():
    environment(environment_name, values, settings["connected"])
