"""Azure, recorded: the rules of the resource types that this project uses.

Resource groups and networks are given, so they are not looked up. Sources: the references of Azure Resource Manager;
Azure Key Vault, "Soft-delete overview"; AKS, "Add Key Management Service etcd encryption"; Azure RBAC, "Troubleshoot"
(the principal's type of a new identity).
"""

import base64
import json
import re
from collections.abc import Iterator
from uuid import uuid4

from bootstrap.providers.properties import Properties
from bootstrap.providers.recorded.provider import RecordedProvider
from bootstrap.providers.recorded.records import Left
from bootstrap.providers.recorded.rules import GRANT_SECONDS, Asked, Path, Refusals, Rules, all_of, there
from bootstrap.providers.resource import ProviderError

VAULT, KEY, SECRET = "azure-native:keyvault:Vault", "azure-native:keyvault:Key", "azure-native:keyvault:Secret"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
CLUSTER, POOL = "azure-native:containerservice:ManagedCluster", "azure-native:containerservice:AgentPool"
WORKSPACE = "azure-native:operationalinsights:Workspace"
SETTING = "azure-native:monitor:DiagnosticSetting"

_VAULTS, _IDENTITIES = "Microsoft.KeyVault/vaults", "Microsoft.ManagedIdentity/userAssignedIdentities"
_CLUSTERS = "Microsoft.ContainerService/managedClusters"
_CRYPTO_USER = "12338af0-0e69-4776-bea7-57ae8d297424"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _path(form: str) -> Path:
    """The id of a resource in a group, such as `Microsoft.KeyVault/vaults/{vaultName}`, made of the inputs."""

    def path(asked: Asked) -> str:
        subscription = asked.config.get("subscriptionId")
        if not subscription:
            raise ProviderError("no subscription: set subscriptionId on the provider")
        group = f"/subscriptions/{subscription}/resourceGroups/{asked.inputs['resourceGroupName']}"
        return f"{group}/providers/{form.format_map(asked.inputs)}"

    return path


_vault_path, _cluster_path = _path(f"{_VAULTS}/{{vaultName}}"), _path(f"{_CLUSTERS}/{{resourceName}}")
_identity_path = _path(f"{_IDENTITIES}/{{resourceName}}")
_credential_path = _path(
    f"{_IDENTITIES}/{{resourceName}}/federatedIdentityCredentials/{{federatedIdentityCredentialResourceName}}"
)


def _assignment_path(asked: Asked) -> str:
    scope, name = asked.inputs["scope"], asked.inputs["roleAssignmentName"]
    return f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"


def _named(_asked: Asked, id_: str) -> Properties:
    """What every answer of Azure Resource Manager says."""
    _, _, resource = id_.rpartition("/providers/")
    namespace, *parts = resource.split("/")
    return {"name": parts[-1], "type": "/".join([namespace, *parts[::2]])}


# Outputs


def _vault_outputs(asked: Asked, id_: str) -> Properties:
    uri = f"https://{asked.inputs['vaultName']}.vault.azure.net/"
    return _named(asked, id_) | {"properties": {"vaultUri": uri, "provisioningState": "Succeeded"}}


def _key_outputs(asked: Asked, id_: str) -> Properties:
    uri = f"https://{asked.inputs['vaultName']}.vault.azure.net/keys/{asked.inputs['keyName']}"
    return _named(asked, id_) | {"keyUri": uri, "keyUriWithVersion": f"{uri}/{uuid4().hex}"}


def _secret_outputs(asked: Asked, id_: str) -> Properties:
    uri = f"https://{asked.inputs['vaultName']}.vault.azure.net/secrets/{asked.inputs['secretName']}"
    return _named(asked, id_) | {"properties": {"secretUri": uri, "secretUriWithVersion": f"{uri}/{uuid4().hex}"}}


def _identity_outputs(asked: Asked, id_: str) -> Properties:
    who = {"clientId": str(uuid4()), "principalId": str(uuid4())}
    return _named(asked, id_) | who | {"tenantId": asked.config.get("tenantId")}


def _cluster_outputs(asked: Asked, id_: str) -> Properties:
    name = asked.inputs["resourceName"]
    kubelet = {"clientId": str(uuid4()), "objectId": str(uuid4())}
    made = {
        # A name that is reserved, so that nothing answers there.
        "fqdn": f"{asked.get('dnsPrefix') or name}.invalid",
        "provisioningState": "Succeeded",
        "currentKubernetesVersion": asked.get("kubernetesVersion") or "1.36.0",
        "identityProfile": {"kubeletidentity": kubelet},
    }
    if asked.get("oidcIssuerProfile.enabled"):
        # Another cluster of the same name has another issuer (AKS issue 3982).
        made["oidcIssuerProfile"] = {"issuerURL": f"https://{asked.inputs['location']}.oic.invalid/{uuid4()}/"}
    return _named(asked, id_) | made


# Refusals


def _target(path: str) -> Refusals:
    """What the input names must exist, if it is of a kind that is recorded. Below a vault, secrets may come later."""

    def refuses(asked: Asked) -> Iterator[str]:
        scope: str = asked.get(path) or ""
        for token, kind in ((VAULT, _VAULTS), (IDENTITY, _IDENTITIES), (CLUSTER, _CLUSTERS)):
            if f"/providers/{kind}/" in scope:
                depth = len(scope.partition(f"/providers/{kind}/")[2].split("/")) - 1
                owner = scope.rsplit("/", depth)[0] if depth else scope
                if asked.objects.find(token, owner) is None:
                    yield f"404: {owner} does not exist"

    return refuses


def _vault(asked: Asked) -> Iterator[str]:
    if asked.get("properties.enablePurgeProtection") is False:
        yield "400: enablePurgeProtection cannot be set to false: leave it out"
    own, name = _vault_path(asked), asked.inputs["vaultName"].lower()
    before = asked.objects.find(VAULT, own)
    if (
        before
        and before["properties"].get("enablePurgeProtection")
        and not asked.get("properties.enablePurgeProtection")
    ):
        yield "400: purge protection cannot be taken back"
    if any(id_ != own and id_.rsplit("/", 1)[-1].lower() == name for id_ in asked.objects.entries.get(VAULT, {})):
        yield f"409: the name {name} is taken, perhaps by a vault that is deleted and not purged"


def _credential(asked: Asked) -> Iterator[str]:
    own = _credential_path(asked)
    trusted = (asked.inputs["issuer"], asked.inputs["subject"])
    for id_, other in asked.objects.of(CREDENTIAL):
        beside = id_ != own and id_.rsplit("/", 1)[0] == own.rsplit("/", 1)[0]
        if beside and (other["issuer"], other["subject"]) == trusted:
            yield "409: the identity has a credential with this issuer and subject"


def _assignment(asked: Asked) -> Iterator[str]:
    if not _GUID.fullmatch(asked.inputs["roleAssignmentName"]):
        yield "400: roleAssignmentName is not a GUID"
    if not _GUID.fullmatch(_role(asked.inputs)):
        yield "400: roleDefinitionId does not end with a role's GUID"
    for id_, other in asked.objects.of(ASSIGNMENT):
        if id_ != _assignment_path(asked) and _grant(other) == _grant(asked.inputs):
            yield "409: the role assignment exists under another name"
    own = {one.get("principalId") for _, one in asked.objects.of(IDENTITY)}
    if asked.inputs["principalId"] in own and asked.get("principalType") != "ServicePrincipal":
        yield "400: a new identity's principal is not found unless principalType is ServicePrincipal"


def _role(assignment: Properties) -> str:
    return assignment["roleDefinitionId"].rsplit("/", 1)[-1]


def _grant(assignment: Properties) -> tuple[str, str, str]:
    return assignment["scope"].lower(), assignment["principalId"], _role(assignment)


def _cluster_identity(asked: Asked) -> Iterator[str]:
    for identity in asked.get("identity.userAssignedIdentities") or []:
        if asked.objects.find(IDENTITY, identity) is None:
            yield f"404: identity {identity} does not exist"


def _cluster_key(asked: Asked) -> Iterator[str]:
    """The cluster's own identity must be granted the key's use before the cluster comes."""
    if not asked.get("securityProfile.azureKeyVaultKms.enabled"):
        return
    wanted = asked.get("securityProfile.azureKeyVaultKms.keyId")
    key = next((id_ for id_, one in asked.objects.of(KEY) if one["keyUriWithVersion"] == wanted), None)
    if key is None:
        yield "404: the version of the key that keyId names does not exist"
        return
    scopes = {key.lower(), key.rsplit("/keys/", 1)[0].lower()}
    granted = {
        principal
        for scope, principal, role in (_grant(one) for _, one in asked.objects.of(ASSIGNMENT))
        if role == _CRYPTO_USER and scope in scopes
    }
    identities = asked.get("identity.userAssignedIdentities") or []
    principals = {one["principalId"] for id_, one in asked.objects.of(IDENTITY) if id_ in identities}
    if not granted & principals:
        yield f"403: no identity of the cluster has Key Vault Crypto User on {key}"


# Deletions


def _soft(_asked: Asked) -> Left:
    """The name stays taken until it is purged, which purge protection refuses; this provider purges nothing."""
    return "name"


_PLACE = ("resourceGroupName", "location")

RULES = {
    VAULT: Rules(
        id=_vault_path,
        outputs=_vault_outputs,
        required=("vaultName", "location"),
        replaces=("vaultName", "properties.tenantId", *_PLACE),
        refuses=_vault,
        delete=_soft,
    ),
    KEY: Rules(
        id=_path(f"{_VAULTS}/{{vaultName}}/keys/{{keyName}}"),
        outputs=_key_outputs,
        required=("keyName",),
        replaces=("keyName", "vaultName", "resourceGroupName", "properties.kty", "properties.keySize"),
        refuses=there("vault", VAULT, _vault_path),
        delete=_soft,
    ),
    SECRET: Rules(
        id=_path(f"{_VAULTS}/{{vaultName}}/secrets/{{secretName}}"),
        outputs=_secret_outputs,
        required=("secretName",),
        replaces=("secretName", "vaultName", "resourceGroupName"),
        values=("properties.value",),
        refuses=there("vault", VAULT, _vault_path),
        delete=_soft,
    ),
    IDENTITY: Rules(
        id=_identity_path,
        outputs=_identity_outputs,
        required=("resourceName", "location"),
        replaces=("resourceName", *_PLACE),
    ),
    CREDENTIAL: Rules(
        id=_credential_path,
        outputs=_named,
        required=("federatedIdentityCredentialResourceName",),
        replaces=("federatedIdentityCredentialResourceName", "resourceName", "resourceGroupName"),
        refuses=all_of(there("identity", IDENTITY, _identity_path), _credential),
    ),
    ASSIGNMENT: Rules(
        id=_assignment_path,
        outputs=_named,
        required=("roleAssignmentName",),
        replaces=("roleAssignmentName", "scope", "roleDefinitionId", "principalId", "principalType"),
        refuses=all_of(_target("scope"), _assignment),
        seconds=GRANT_SECONDS,
    ),
    CLUSTER: Rules(
        id=_cluster_path,
        outputs=_cluster_outputs,
        required=("resourceName", "location"),
        replaces=("resourceName", "dnsPrefix", "nodeResourceGroup", *_PLACE),
        refuses=all_of(_cluster_identity, _cluster_key),
    ),
    POOL: Rules(
        id=_path(f"{_CLUSTERS}/{{resourceName}}/agentPools/{{agentPoolName}}"),
        outputs=_named,
        required=("agentPoolName",),
        replaces=("agentPoolName", "resourceName", "resourceGroupName", "vmSize", "vnetSubnetID", "osDiskType"),
        refuses=there("cluster", CLUSTER, _cluster_path),
    ),
    WORKSPACE: Rules(
        id=_path("Microsoft.OperationalInsights/workspaces/{workspaceName}"),
        outputs=lambda asked, id_: _named(asked, id_) | {"customerId": str(uuid4())},
        required=("workspaceName", "location"),
        replaces=("workspaceName", *_PLACE),
        delete=_soft,
    ),
    SETTING: Rules(
        id=lambda asked: (
            f"{asked.inputs['resourceUri']}/providers/microsoft.insights/diagnosticSettings/{asked.inputs['name']}"
        ),
        outputs=_named,
        required=("name",),
        replaces=("name", "resourceUri"),
        refuses=_target("resourceUri"),
    ),
}


def _user_credentials(asked: Asked) -> Properties:
    """A kubeconfig with the cluster's address and an authority that is none."""
    cluster = asked.objects.find(CLUSTER, _cluster_path(asked))
    if cluster is None:
        raise ProviderError(f"404: {_cluster_path(asked)} does not exist")
    place = {"server": f"https://{cluster['fqdn']}:443", "certificate-authority-data": ""}
    config = {"apiVersion": "v1", "kind": "Config", "clusters": [{"name": cluster["name"], "cluster": place}]}
    value = base64.b64encode(json.dumps(config).encode()).decode()
    return {"kubeconfigs": [{"name": "clusterUser", "value": value}]}


class AzureProvider(RecordedProvider):
    rules = RULES
    functions = {  # noqa: RUF012
        "azure-native:containerservice:listManagedClusterUserCredentials": _user_credentials
    }
