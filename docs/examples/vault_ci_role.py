"""A role that one protected environment of one GitLab project takes to log in to Vault."""

import pulumi

from components import VaultCiRole, VaultCiRoleArgs, VaultNames, gitlab_ci

ci = VaultCiRole(
    "ci",
    VaultCiRoleArgs(
        names=VaultNames(prefix="platform", environment="prod", address="https://vault.example.com:8200"),
        purpose="deploy",
        subject=gitlab_ci("acme/web/shop", project_id="77", environment="prod"),
        policies=["shop-deploy"],
    ),
)
pulumi.export("ciRole", ci.role)
pulumi.export("ciMount", ci.mount)
