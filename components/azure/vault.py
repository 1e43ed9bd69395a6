"""A Key Vault as the library makes it: access by roles alone, deletion by the profile, networks said explicitly."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import keyvault

from ..arguments import Arguments
from ..deletion import DeletionProfile
from ..forms import CIDR, LIMITED_CIDR
from .forms import SUBNET_ID
from .names import AzureNames


@dataclass(frozen=True, kw_only=True)
class AzureVaultNetwork(Arguments):
    """Which networks reach a vault's data. With none, only private endpoints do. Raises ConfigError for wrong forms.

    subnet_ids: resource ids of subnets that have the service endpoint Microsoft.KeyVault; default none.
    cidrs: public networks of a /8 at most; default none.
    """

    subnet_ids: Sequence[str] = ()
    cidrs: Sequence[str] = ()

    def __post_init__(self) -> None:
        for index, subnet in enumerate(self.subnet_ids):
            self.require_form(f"subnet_ids.{index}", subnet, SUBNET_ID)
        for index, cidr in enumerate(self.cidrs):
            self.require_form(f"cidrs.{index}", cidr, CIDR, LIMITED_CIDR)


PRIVATE_ENDPOINTS_ONLY = AzureVaultNetwork()


def key_vault(
    name: str,
    *,
    names: AzureNames,
    vault: str,
    profile: DeletionProfile,
    network: AzureVaultNetwork | None,
    opts: pulumi.ResourceOptions,
) -> keyvault.Vault:
    """A vault.

    name: the Pulumi name.
    names: the environment's names.
    vault: the vault's name.
    profile: what a destroy does.
    network: which networks reach it; None for all.
    opts: the resource's options; the profile's protection is added.

    Sources: Microsoft.KeyVault/vaults (`enableRbacAuthorization` is false unless it is said, `enablePurgeProtection`
    takes no false); Azure, "Configure network security for Azure Key Vault" (the rules hold for data, not for
    management through Azure Resource Manager).
    """
    return keyvault.Vault(
        name,
        vault_name=vault,
        resource_group_name=names.resource_group,
        location=names.location,
        properties=keyvault.VaultPropertiesArgs(
            tenant_id=names.tenant_id,
            sku=keyvault.SkuArgs(family="A", name=keyvault.SkuName.STANDARD),
            enable_rbac_authorization=True,
            enable_soft_delete=True,
            soft_delete_retention_in_days=profile.vault_retention_days,
            enable_purge_protection=profile.protect or None,
            enabled_for_deployment=False,
            enabled_for_disk_encryption=False,
            enabled_for_template_deployment=False,
            public_network_access="Disabled" if network == PRIVATE_ENDPOINTS_ONLY else "Enabled",
            network_acls=_rules(network),
        ),
        tags=names.tags(),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=profile.protect)),
    )


def _rules(network: AzureVaultNetwork | None) -> keyvault.NetworkRuleSetArgs:
    if network is None:
        return keyvault.NetworkRuleSetArgs(bypass="None", default_action="Allow")
    return keyvault.NetworkRuleSetArgs(
        bypass="None",
        default_action="Deny",
        ip_rules=[keyvault.IPRuleArgs(value=cidr) for cidr in network.cidrs],
        virtual_network_rules=[keyvault.VirtualNetworkRuleArgs(id=subnet) for subnet in network.subnet_ids],
    )
