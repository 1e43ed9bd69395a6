"""Resource types that the local cloud has not, so that every stack can be previewed offline.

They are checked by the schema of the SDK; creating one is an error that says so.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

from typing_extensions import override

from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import Call, Created, ProviderError, Resource
from bootstrap.providers.schema import inputs_of, outputs_of


class PreviewOnly(Resource):
    """A resource type that exists on the real AWS only. Its schema is read when the type is first met."""

    def __init__(self, token: str) -> None:
        self._token = token

    @cached_property
    def fields(self) -> Mapping[str, Field]:  # pyright: ignore[reportIncompatibleVariableOverride]
        return inputs_of(self._token)

    @cached_property
    def computed(self) -> Sequence[str]:  # pyright: ignore[reportIncompatibleVariableOverride]
        return tuple(outputs_of(self._token).parts)

    @override
    def create(self, inputs: Properties, call: Call) -> Created:
        raise self._absent()

    @override
    def read(self, id_: str, inputs: Properties, state: Properties, call: Call) -> Properties | None:
        raise self._absent()

    def _absent(self) -> ProviderError:
        service = self._token.split(":")[1].split("/")[0].upper()
        return ProviderError(
            f"{self._token}: the local cloud has no {service}. Use the official aws plugin and a real account here, "
            "or the local stack, whose clusters run on this machine"
        )


_EKS = ("cluster:Cluster", "nodeGroup:NodeGroup", "addon:Addon", "accessEntry:AccessEntry")
_BUCKET = (
    "",
    "PublicAccessBlock",
    "Versioning",
    "ServerSideEncryptionConfiguration",
    "LifecycleConfiguration",
    "Policy",
)

PREVIEW_ONLY: dict[str, Resource] = {
    token: PreviewOnly(token)
    for token in (
        *(f"aws:eks/{kind}" for kind in _EKS),
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        *(f"aws:s3/bucket{part}:Bucket{part}" for part in _BUCKET),
        "aws:cloudtrail/trail:Trail",
        # A control plane of one's own.
        "aws:iam/instanceProfile:InstanceProfile",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:lb/targetGroup:TargetGroup",
        "aws:lb/listener:Listener",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:autoscaling/group:Group",
    )
}
