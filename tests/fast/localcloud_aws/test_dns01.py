"""DNS-01's role on AWS: which records it writes, and what it takes to let it write more."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from bootstrap.localcloud.aws import rest_xml
from bootstrap.localcloud.aws.answers import AwsError
from bootstrap.localcloud.aws.route53 import normalised
from bootstrap.localcloud.aws.wire import ACCOUNT
from components.aws.dns01 import dns01_policy
from components.aws.statements import to_json
from components.aws.trust import irsa_trust
from tests.fast.localcloud_aws.world import World, refusal

ROLE = "platform-prod-dns01"
CHALLENGE = "_acme-challenge.www.example.com"
TRUSTED = {"namespace": "cert-manager", "service_account": "acme-dns01"}


def change(name: str = CHALLENGE, kind: str = "TXT", action: str = "UPSERT", value: str = '"token"') -> dict[str, Any]:
    record = {"Name": name, "Type": kind, "TTL": 10, "ResourceRecords": [{"Value": value}]}
    return {"Action": action, "ResourceRecordSet": record}


def an_address(name: str = "www.example.com") -> dict[str, Any]:
    return change(name, "A", value="192.0.2.1")


class Zones:
    """The zone of the role, a zone of somebody else, and a client with the role's credentials."""

    def __init__(self, world: World) -> None:
        self.world, self.deployer = world, world.client("route53")
        self.mine, self.other = (
            self.deployer.create_hosted_zone(Name=name, CallerReference=name)["HostedZone"]["Id"].rpartition("/")[2]
            for name in ("example.com", "example.org")
        )
        issuer = world.prod.issuer
        provider = f"arn:aws:iam::{world.prod.names.account_id}:oidc-provider/{issuer.url.removeprefix('https://')}"
        trust = irsa_trust(provider_arn=provider, issuer_url=issuer.url, **TRUSTED)
        world.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=to_json(trust))
        self.give(self.policy)

    @property
    def policy(self) -> dict[str, Any]:
        return dns01_policy(partition="aws", zone="example.com", zone_id=self.mine)

    def give(self, policy: dict[str, Any]) -> None:
        self.world.client("iam").put_role_policy(RoleName=ROLE, PolicyName="it", PolicyDocument=json.dumps(policy))

    @property
    def role(self) -> Any:
        return self.world.client("route53", self.world.session(ROLE))

    def write(self, *changes: dict[str, Any], zone: str = "") -> Any:
        batch = {"Changes": deepcopy(list(changes))}
        return self.role.change_resource_record_sets(HostedZoneId=zone or self.mine, ChangeBatch=batch)

    def records(self, kind: str) -> dict[str, list[str]]:
        found = self.deployer.list_resource_record_sets(HostedZoneId=self.mine)["ResourceRecordSets"]
        return {one["Name"]: [each["Value"] for each in one["ResourceRecords"]] for one in found if one["Type"] == kind}


@pytest.fixture
def zones(world: World) -> Iterator[Zones]:
    made = Zones(world)
    yield made
    iam = world.client("iam")
    iam.delete_role_policy(RoleName=ROLE, PolicyName="it")
    iam.delete_role(RoleName=ROLE)
    world.guard.cloud._backends["route53"][ACCOUNT]["aws"].zones.clear()  # records and all, which the API refuses


def test_it_writes_challenges_and_sees_when_they_are_there(zones: Zones) -> None:
    at_the_top = change("_acme-challenge.example.com.", value='"apex"')
    done = zones.write(change(), at_the_top)["ChangeInfo"]
    assert zones.role.get_change(Id=done["Id"])["ChangeInfo"]["Status"] == "INSYNC"
    assert zones.records("TXT") == {f"{CHALLENGE}.": ['"token"'], "_acme-challenge.example.com.": ['"apex"']}
    zones.write(change(action="DELETE"), {**at_the_top, "Action": "DELETE"})
    assert zones.records("TXT") == {}


REFUSED = {
    "an address": [an_address()],
    "an address at ACME's name": [an_address(CHALLENGE)],
    "a mail policy": [change("example.com", value='"v=spf1 +all"')],
    "another zone's name in disguise": [change("x_acme-challenge.example.com")],
    "a name below": [change("a._acme-challenge.example.com")],
    "one of many": [change(), an_address()],
    "an alias of ACME's name": [change(kind="CNAME", value="elsewhere.example.org")],
    "what is there already": [change(action="CREATE")],
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_writes_nothing_else(zones: Zones, what: str) -> None:
    zones.write(change())
    assert refusal(zones.write, *REFUSED[what]) == "AccessDenied"
    assert zones.records("A") == {}


def test_it_does_nothing_but_write(zones: Zones) -> None:
    zones.write(change())
    assert refusal(zones.write, change("_acme-challenge.example.org"), zone=zones.other) == "AccessDenied"
    assert refusal(zones.role.list_resource_record_sets, HostedZoneId=zones.mine) == "AccessDenied"
    assert refusal(zones.role.get_hosted_zone, Id=zones.mine) == "AccessDenied"
    assert refusal(zones.role.delete_hosted_zone, Id=zones.mine) == "AccessDenied"
    assert refusal(zones.role.create_hosted_zone, Name="x.example", CallerReference="x") == "AccessDenied"


@pytest.mark.parametrize(
    ("operator", "key", "let_through"),
    [
        ("ForAllValues:StringEquals", "RecordTypes", [an_address(CHALLENGE)]),
        ("ForAllValues:StringLike", "NormalizedRecordNames", [change("example.com", value='"v=spf1 +all"')]),
        ("ForAllValues:StringEquals", "Actions", [change(action="CREATE")]),
    ],
)
def test_without_its_condition_each_is_let_through(
    zones: Zones, operator: str, key: str, let_through: list[dict[str, Any]]
) -> None:
    assert refusal(zones.write, *let_through) == "AccessDenied"
    weaker = zones.policy
    del weaker["Statement"][0]["Condition"][operator][f"route53:ChangeResourceRecordSets{key}"]
    zones.give(weaker)
    assert zones.write(*let_through)


def test_without_its_zone_another_is_written(zones: Zones) -> None:
    weaker = zones.policy
    weaker["Statement"][0]["Resource"] = "arn:aws:route53:::hostedzone/*"
    record = weaker["Statement"][0]["Condition"]["ForAllValues:StringLike"]
    record["route53:ChangeResourceRecordSetsNormalizedRecordNames"] = ["_acme-challenge.*"]
    zones.give(weaker)
    assert zones.write(change("_acme-challenge.example.org"), zone=zones.other)


def test_both_permissions_are_needed(zones: Zones) -> None:
    zones.give({**zones.policy, "Statement": zones.policy["Statement"][:1]})
    done = zones.write(change())["ChangeInfo"]
    assert refusal(zones.role.get_change, Id=done["Id"]) == "AccessDenied"


def test_the_deployer_makes_zones_and_writes_no_record(zones: Zones) -> None:
    batch = {"Changes": [change()]}
    assert refusal(zones.deployer.change_resource_record_sets, HostedZoneId=zones.mine, ChangeBatch=batch) == (
        "AccessDenied"
    )


def test_a_zone_has_no_option_but_a_comment(zones: Zones) -> None:
    def create(**config: Any) -> Any:
        return zones.deployer.create_hosted_zone(Name="example.net", CallerReference="x", HostedZoneConfig=config)

    assert create(Comment="Managed by Pulumi")["HostedZone"]["Config"]["Comment"] == "Managed by Pulumi"
    assert refusal(create, Comment="x", PrivateZone=True) == "UnsupportedOperation"


def test_names_are_judged_as_aws_writes_them() -> None:
    assert normalised("*.Example.COM.") == r"\052.example.com"
    assert normalised("_acme-challenge.a") == "_acme-challenge.a"


NAMESPACE = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"'
HEAD = f"<ChangeResourceRecordSetsRequest {NAMESPACE}>"


@pytest.mark.parametrize(
    "document",
    [
        "",
        "<a/>",
        f"{HEAD}</ChangeResourceRecordSetsRequest><!-- two readers -->",
        f"<!DOCTYPE a [<!ENTITY b 'c'>]>{HEAD}</ChangeResourceRecordSetsRequest>",
        f"{HEAD}<ChangeBatch/><ChangeBatch/></ChangeResourceRecordSetsRequest>",
        f"{HEAD}<ChangeBatch a='b'/></ChangeResourceRecordSetsRequest>",
        f"{HEAD}<b:ChangeBatch xmlns:b='urn:x'/></ChangeResourceRecordSetsRequest>",
        f"{HEAD}<ChangeBatch><Changes><Other/></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>",
    ],
)
def test_documents_that_two_readers_might_read_differently(document: str) -> None:
    with pytest.raises(AwsError) as error:
        rest_xml.read("POST", "/2013-04-01/hostedzone/Z1/rrset/", document.encode())
    assert error.value.code == "MalformedXML"


def test_what_is_read_is_written_again() -> None:
    parameters = {"HostedZoneId": "Z1", "ChangeBatch": {"Comment": "a & b", "Changes": [change(value="<x>")]}}
    parameters["ChangeBatch"]["Changes"][0]["ResourceRecordSet"]["TTL"] = "10"
    method, path, body = rest_xml.write("ChangeResourceRecordSets", parameters)
    assert rest_xml.read(method, path, body.encode()) == ("ChangeResourceRecordSets", parameters)
