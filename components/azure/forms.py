"""Forms of Azure: ids of subscriptions and principals, locations, names of vaults and secrets, and resource ids."""

import re
from dataclasses import dataclass
from typing import Literal

from ..forms import Form, matches

PrincipalType = Literal["Group", "ServicePrincipal", "User"]
"""What a principal is. It is said with every grant: Azure then grants to one that was made a moment ago, too."""

_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_GROUP = r"[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]"
_VAULT = r"(?=.{3,24}(?:/|\Z))[a-z](?:-?[a-z0-9])+"
_OBJECT = r"[A-Za-z0-9](?:-?[A-Za-z0-9])*"
_VERSION = r"[0-9a-f]{32}"
_ID = re.compile(rf"/subscriptions/({_GUID})/resourceGroups/({_GROUP})/providers/([A-Za-z0-9.]+)/([^\s?#]+)")


@dataclass(frozen=True)
class ResourceId:
    """The parts of the id of a resource in a resource group."""

    subscription_id: str
    resource_group: str
    namespace: str
    path: tuple[str, ...]
    """Types and names in turn, such as `("vaults", "platform-prod", "keys", "etcd")`."""

    @classmethod
    def parse(cls, text: str) -> "ResourceId | None":
        match = _ID.fullmatch(text)
        return cls(match[1], match[2], match[3], tuple(match[4].split("/"))) if match else None

    @classmethod
    def of(cls, text: str) -> "ResourceId":
        """The parts of an id whose form was checked before."""
        parsed = cls.parse(text)
        assert parsed is not None
        return parsed


def _is_id(kind: str, mend: str, resource: str) -> Form:
    return Form(
        matches(rf"/subscriptions/{_GUID}/resourceGroups/{_GROUP}/providers/{resource}"),
        f"is not the resource id of {kind}",
        f"write it as /subscriptions/ID/resourceGroups/GROUP/providers/{mend}",
    )


SUBSCRIPTION_ID = Form(
    matches(_GUID), "is not the id of a subscription", "write it in lower case, as `az account show` has it"
)
TENANT_ID = Form(matches(_GUID), "is not the id of a tenant", "write it in lower case, as `az account show` has it")
OBJECT_ID = Form(
    matches(_GUID),
    "is not the object id of a user, a group or a service principal",
    "write it in lower case, as Microsoft Entra has it (no name, no application's id)",
)
CLIENT_ID = Form(matches(_GUID), "is not the client id of an identity", "write it in lower case, as Azure has it")
LOCATION = Form(matches(r"[a-z]+[0-9]?"), "is not the name of a location", "write one such as westeurope")
RESOURCE_GROUP = Form(
    matches(_GROUP),
    "is not the name of a resource group",
    "use up to 90 letters, digits, `_`, `-`, `.` and parentheses, and no dot at the end",
)
# Source: Azure, "Naming rules and restrictions for Azure resources", Microsoft.KeyVault. Lower case is the library's:
# the vault's address is the same in any case.
VAULT_NAME = Form(
    matches(_VAULT),
    "is not the name of a Key Vault",
    "use 3 to 24 lower-case letters, digits and single hyphens inside, beginning with a letter",
)
# `/` becomes `--` (see AzureNames.secret_name), which no name has by itself.
VAULT_SECRET_NAME = Form(
    lambda text: not re.search(r"[._]", text) and len(text.replace("/", "--")) <= 127,
    "the name has `.` or `_`, or more than 127 characters with each `/` as `--`, which Key Vault does not take",
    "join lower-case words by `/` and `-`, such as database/password",
)
VAULT_ID = _is_id("a Key Vault", "Microsoft.KeyVault/vaults/NAME", rf"Microsoft\.KeyVault/vaults/{_VAULT}")
KEY_ID = _is_id(
    "a key in a Key Vault, without a version",
    "Microsoft.KeyVault/vaults/NAME/keys/KEY",
    rf"Microsoft\.KeyVault/vaults/{_VAULT}/keys/{_OBJECT}",
)
KEY_VERSION_ID = _is_id(
    "one version of a key in a Key Vault",
    "Microsoft.KeyVault/vaults/NAME/keys/KEY/versions/VERSION (AKS encrypts with one version)",
    rf"Microsoft\.KeyVault/vaults/{_VAULT}/keys/{_OBJECT}/versions/{_VERSION}",
)
SECRET_ID = _is_id(
    "a secret in a Key Vault",
    "Microsoft.KeyVault/vaults/NAME/secrets/SECRET",
    rf"Microsoft\.KeyVault/vaults/{_VAULT}/secrets/(?=.{{1,127}}\Z)[A-Za-z0-9-]+",
)
IDENTITY_ID = _is_id(
    "a user-assigned identity",
    "Microsoft.ManagedIdentity/userAssignedIdentities/NAME",
    r"Microsoft\.ManagedIdentity/userAssignedIdentities/[A-Za-z0-9][A-Za-z0-9_-]{2,127}",
)
REGISTRY_ID = _is_id(
    "a container registry",
    "Microsoft.ContainerRegistry/registries/NAME",
    r"Microsoft\.ContainerRegistry/registries/[A-Za-z0-9]{5,50}",
)
DNS_ZONE_ID = _is_id(
    "a DNS zone",
    "Microsoft.Network/dnsZones/ZONE",
    r"Microsoft\.Network/dns[Zz]ones/[a-z0-9.-]+",
)
WORKSPACE_ID = _is_id(
    "a Log Analytics workspace",
    "Microsoft.OperationalInsights/workspaces/NAME",
    r"Microsoft\.OperationalInsights/workspaces/[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
)
SUBNET_ID = _is_id(
    "a subnet",
    "Microsoft.Network/virtualNetworks/NETWORK/subnets/NAME",
    r"Microsoft\.Network/virtualNetworks/[A-Za-z0-9_.-]+/subnets/[A-Za-z0-9_.-]+",
)
