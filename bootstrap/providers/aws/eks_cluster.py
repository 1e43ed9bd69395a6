"""EKS clusters and their parts: checked, compared and previewed, so that the eks stack can be read offline.

The local cloud has none of them: creating one is an error that says so.
"""

from bootstrap.providers.aws.preview_only import PreviewOnly
from bootstrap.providers.aws.resource import TAGS
from bootstrap.providers.fields import Field
from bootstrap.providers.resource import Resource

_NAME = Field(kind=str, required=True, replaces=True)

_CLUSTER = {
    "name": _NAME,
    "roleArn": Field(kind=str, required=True, replaces=True),
    "version": Field(kind=str, chosen_by_cloud=True),
    "encryptionConfig": Field(
        kind=dict,
        replaces=True,
        fields={
            "provider": Field(kind=dict, required=True, fields={"keyArn": Field(kind=str, required=True)}),
            "resources": Field(kind=list, required=True),
        },
    ),
    "accessConfig": Field(
        kind=dict,
        fields={
            "authenticationMode": Field(kind=str, choices=("API", "API_AND_CONFIG_MAP", "CONFIG_MAP")),
            "bootstrapClusterCreatorAdminPermissions": Field(kind=bool),
        },
    ),
    "vpcConfig": Field(
        kind=dict,
        required=True,
        fields={
            "subnetIds": Field(kind=list, required=True),
            "securityGroupIds": Field(kind=list),
            "endpointPrivateAccess": Field(kind=bool),
            "endpointPublicAccess": Field(kind=bool),
            "publicAccessCidrs": Field(kind=list),
        },
    ),
    "enabledClusterLogTypes": Field(kind=list, unordered=True),
    "tags": TAGS,
}
_NODE_GROUP = {
    "clusterName": _NAME,
    "nodeRoleArn": Field(kind=str, required=True, replaces=True),
    "subnetIds": Field(kind=list, required=True, replaces=True),
    "amiType": Field(kind=str, replaces=True),
    "instanceTypes": Field(kind=list, replaces=True),
    "scalingConfig": Field(
        kind=dict,
        required=True,
        fields={name: Field(kind=int, required=True) for name in ("desiredSize", "minSize", "maxSize")},
    ),
    "tags": TAGS,
}
_ADDON = {"clusterName": _NAME, "addonName": _NAME, "addonVersion": Field(kind=str), "tags": TAGS}
_ACCESS_ENTRY = {"clusterName": _NAME, "principalArn": _NAME, "tags": TAGS}
_ACCESS_POLICY = {
    "clusterName": _NAME,
    "principalArn": _NAME,
    "policyArn": _NAME,
    "accessScope": Field(
        kind=dict,
        required=True,
        replaces=True,
        fields={
            "type": Field(kind=str, required=True, choices=("cluster", "namespace")),
            "namespaces": Field(kind=list),
        },
    ),
}
_CLUSTER_OUTPUTS = ("arn", "certificateAuthority", "createdAt", "endpoint", "identities", "platformVersion", "status")

PREVIEW_ONLY: dict[str, Resource] = {
    token: PreviewOnly(token, fields, computed)
    for token, fields, computed in (
        ("aws:eks/cluster:Cluster", _CLUSTER, _CLUSTER_OUTPUTS),
        ("aws:eks/nodeGroup:NodeGroup", _NODE_GROUP, ("arn", "nodeGroupName", "status")),
        ("aws:eks/addon:Addon", _ADDON, ("arn", "createdAt")),
        ("aws:eks/accessEntry:AccessEntry", _ACCESS_ENTRY, ("accessEntryArn", "createdAt")),
        ("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", _ACCESS_POLICY, ("associatedAt", "modifiedAt")),
    )
}
