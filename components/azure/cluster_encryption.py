"""How an AKS cluster's etcd gets at the environment's key: by an identity that the cluster has from its creation."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import containerservice, managedidentity

from ..arguments import Arguments
from ..contracts import ClusterEncryption, KeyRef
from .forms import KEY_ID, SUBNET_ID
from .names import CLUSTER_IDENTITY, AzureNames
from .roles import AzureRole, role_assignment


def aks_kms_profile(encryption: ClusterEncryption) -> containerservice.AzureKeyVaultKmsArgs:
    """What `containerservice.ManagedCluster` takes as `security_profile.azure_key_vault_kms`.

    encryption: what AzureClusterIdentity made: the version of the key. The cluster must have its identity, too.

    Another version is a rotation: the old one has to stay valid until the next, and every Secret has to be written
    again before that (kubernetes-kms #291: a second rotation without it, and the cluster reads nothing any more).
    Source: AKS, "Add Key Management Service etcd encryption": a public vault has no resource id here.
    """
    return containerservice.AzureKeyVaultKmsArgs(
        enabled=True,
        key_id=encryption.key.id,
        key_vault_network_access=containerservice.KeyVaultNetworkAccessTypes.PUBLIC,
    )


@dataclass(frozen=True, kw_only=True)
class AzureClusterIdentityArgs(Arguments):
    """Arguments of AzureClusterIdentity.

    names: the environment's names.
    etcd_key: the version of the key that encrypts Secrets.
    etcd_key_id: the resource id of that key, without a version, to grant on it.
    subnet_id: the resource id of the nodes' subnet.
    after: what must be there before, such as the key; default none.
    """

    names: AzureNames
    etcd_key: KeyRef
    etcd_key_id: str
    subnet_id: str
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require_form("etcd_key_id", self.etcd_key_id, KEY_ID)
        self.require_form("subnet_id", self.subnet_id, SUBNET_ID)


class AzureClusterIdentity(pulumi.ComponentResource):
    """The identity that an AKS cluster runs as, with its grants before the cluster is.

    Creates:
    - the user-assigned identity `<prefix>-<environment>-aks`;
    - the role Key Vault Crypto User on exactly the key of etcd;
    - the role Network Contributor on the nodes' subnet, without which AKS joins no subnet of yours.

    Outputs:
    - `encryption`: the key and the identity's resource id (ClusterEncryption).
    - `gates`: everything that was created.

    Raises ConfigError for ids that are no key's or no subnet's.
    Sources: AKS, "Add Key Management Service etcd encryption" (a system-assigned identity comes too late; Crypto User
    encrypts and decrypts) and "Use a managed identity" (Network Contributor on the subnet).
    """

    encryption: ClusterEncryption
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AzureClusterIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureClusterIdentity", name, None, opts)
        names = args.names
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-identity",
            resource_name_=names.name(CLUSTER_IDENTITY),
            resource_group_name=names.resource_group,
            location=names.location,
            tags=names.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        grants = [
            role_assignment(
                f"{name}-{what}",
                role=role,
                scope=scope,
                principal_id=identity.principal_id,
                principal_type="ServicePrincipal",
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.after),
            )
            for what, role, scope in (
                ("etcd-key", AzureRole.KEY_VAULT_CRYPTO_USER, args.etcd_key_id),
                ("subnet", AzureRole.NETWORK_CONTRIBUTOR, args.subnet_id),
            )
        ]
        self.gates = [identity, *grants]
        self.encryption = ClusterEncryption(key=args.etcd_key, identity_id=identity.id, gates=self.gates)
        self.register_outputs({"identityId": identity.id})
