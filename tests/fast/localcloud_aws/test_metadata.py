"""The node's identity: IMDSv2, as the SDKs ask it, for a role that trusts EC2."""

import pytest
from botocore.utils import InstanceMetadataFetcher, InstanceMetadataRegionFetcher

from bootstrap.localcloud.aws.sessions import SessionCredentials
from components.aws.names import NODE_ROLE
from components.aws.trust import service_trust
from tests.fast.localcloud_aws.world import World


def fetch(world: World, cluster: str) -> dict[str, str]:
    config = {"ec2_metadata_service_endpoint": f"{world.endpoint}/_imds/{cluster}/"}
    return InstanceMetadataFetcher(timeout=5, num_attempts=1, config=config, env={}).retrieve_iam_role_credentials()


def test_a_node_gets_its_clusters_role(world: World) -> None:
    for environment in (world.prod, world.nonprod):
        given = fetch(world, environment.cluster)
        credentials = SessionCredentials(given["access_key"], given["secret_key"], given["token"], "")
        arn = world.client("sts", credentials).get_caller_identity()["Arn"]
        assert f":assumed-role/{environment.names.role_name(NODE_ROLE)}/" in arn


def test_a_node_knows_its_region(world: World) -> None:
    config = {"ec2_metadata_service_endpoint": f"{world.endpoint}/_imds/prod"}
    assert InstanceMetadataRegionFetcher(timeout=5, config=config, env={}).retrieve_region() == "eu-west-1"


def test_a_role_that_does_not_trust_ec2_is_not_given(world: World) -> None:
    role = world.prod.names.role_name(NODE_ROLE)
    assert fetch(world, "prod")
    world.trust(role, service_trust("pods.eks.amazonaws.com"))
    assert not fetch(world, "prod")
    world.trust(role, service_trust("ec2.amazonaws.com"))
    assert fetch(world, "prod")


def test_an_unknown_cluster_has_no_metadata(world: World) -> None:
    assert not fetch(world, "absent")


@pytest.mark.parametrize("header", [{}, {"X-aws-ec2-metadata-token": "guessed"}])
def test_nothing_without_a_token(world: World, header: dict[str, str]) -> None:
    url = "/_imds/prod/latest/meta-data/iam/security-credentials/"
    assert world.http.get(url, headers=header).status_code == 401
    seconds = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    token = {"X-aws-ec2-metadata-token": world.http.put("/_imds/prod/latest/api/token", headers=seconds).text}
    assert world.http.get(url, headers=token).text == "platform-prod-node"
    assert world.http.get(url.replace("prod", "nonprod"), headers=token).status_code == 401
    assert world.http.get(url + "another-role", headers=token).status_code == 404
    assert world.http.put("/_imds/prod/latest/api/token").status_code == 400
