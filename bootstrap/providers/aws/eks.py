"""EKS: Pod Identity associations."""

from typing_extensions import override

from bootstrap.providers.aws.resource import TAGS, AwsResource, tag_changes
from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties


class PodIdentityAssociation(AwsResource):
    """A service account's role. Its id is the association's."""

    fields = {  # noqa: RUF012
        "clusterName": Field(kind=str, required=True, replaces=True),
        "namespace": Field(kind=str, required=True, replaces=True),
        "serviceAccount": Field(kind=str, required=True, replaces=True),
        "roleArn": Field(kind=str, required=True),
        "tags": TAGS,
    }
    computed = ("associationArn", "associationId", "region", "tagsAll")
    volatile = ("tagsAll",)

    @override
    def make(self, inputs: Properties) -> str:
        created = self.clients.of("eks").create_pod_identity_association(
            clusterName=inputs["clusterName"],
            namespace=inputs["namespace"],
            serviceAccount=inputs["serviceAccount"],
            roleArn=inputs["roleArn"],
            tags=inputs.get("tags") or {},
        )
        return created["association"]["associationId"]

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        found = self.clients.of("eks").describe_pod_identity_association(
            clusterName=known["clusterName"], associationId=id_
        )["association"]
        return {
            "clusterName": found["clusterName"],
            "namespace": found["namespace"],
            "serviceAccount": found["serviceAccount"],
            "roleArn": found["roleArn"],
            "tags": found.get("tags") or {},
            "associationArn": found["associationArn"],
            "associationId": found["associationId"],
            "region": self.clients.region,
        }

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        eks = self.clients.of("eks")
        if old.get("roleArn") != new["roleArn"]:
            eks.update_pod_identity_association(
                clusterName=new["clusterName"], associationId=id_, roleArn=new["roleArn"]
            )
        added, removed = tag_changes(old, new)
        if added or removed:
            arn = self.live(id_, new)["associationArn"]  # pyright: ignore[reportOptionalSubscript]
            if added:
                eks.tag_resource(resourceArn=arn, tags=added)
            if removed:
                eks.untag_resource(resourceArn=arn, tagKeys=removed)

    @override
    def remove(self, id_: str, state: Properties) -> None:
        self.clients.of("eks").delete_pod_identity_association(clusterName=state["clusterName"], associationId=id_)
