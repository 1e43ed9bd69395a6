"""Route 53: public zones."""

import uuid

from typing_extensions import override

from bootstrap.providers.aws.resource import AwsResource
from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties


class Zone(AwsResource):
    """A public hosted zone. Its id is Route 53's; the local AWS changes nothing of a zone that is there."""

    fields = {  # noqa: RUF012
        "name": Field(kind=str, required=True, replaces=True),
        "comment": Field(kind=str, replaces=True),
    }
    computed = ("arn", "zoneId", "nameServers")

    @override
    def make(self, inputs: Properties) -> str:
        comment = {"HostedZoneConfig": {"Comment": inputs["comment"]}} if inputs.get("comment") else {}
        made = self.clients.of("route53").create_hosted_zone(
            Name=inputs["name"], CallerReference=str(uuid.uuid4()), **comment
        )
        return str(made["HostedZone"]["Id"]).rpartition("/")[2]

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        found = self.clients.of("route53").get_hosted_zone(Id=id_)
        return {
            "arn": f"arn:aws:route53:::hostedzone/{id_}",
            "zoneId": id_,
            "nameServers": sorted(found["DelegationSet"]["NameServers"]),
            "name": found["HostedZone"]["Name"].removesuffix("."),
            "comment": found["HostedZone"]["Config"].get("Comment", ""),
        }

    @override
    def remove(self, id_: str, state: Properties) -> None:
        self.clients.of("route53").delete_hosted_zone(Id=id_)
