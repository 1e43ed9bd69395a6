"""A program with cert-manager's rights, an issuer and a certificate, beside the stack: the real engine, cert-manager's
controllers, Pebble, and Route 53 of the local cloud; on prod by IRSA, on nonprod by Pod Identity."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bootstrap.localcloud.aws.wire import ACCOUNT
from bootstrap.paths import write_private
from bootstrap.verification.aws import POD_IDENTITY_AUDIENCE, AwsView
from tests.cluster.cert_manager.acme_server import AcmeServer, acme_server
from tests.cluster.cert_manager.asking import CHALLENGES, ISSUERS, challenges
from tests.cluster.cert_manager.installation import NAMESPACE, Installation, installed
from tests.local_stack import Running, eventually, patch_object
from tests.own_program import OwnProgram, own_program

ZONE, OTHER_ZONE, BY_HTTP = "example.com", "example.org", "shop.example.net"
_TOKEN = "pod-identity-token"
RIGHTS = """
import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
from pathlib import Path
from components import *
from components.contracts import CERT_MANAGER_ACCOUNT
from components.kubernetes.cert_manager.rbac import controller_rbac

inside = kubernetes.Provider("cluster", kubeconfig=Path({kubeconfig!r}).read_text())
in_cluster = pulumi.ResourceOptions(provider=inside)
home = kubernetes.core.v1.Namespace({home!r}, metadata={{"name": {home!r}}}, opts=in_cluster)
shop = kubernetes.core.v1.Namespace("shop", metadata={{"name": "shop"}}, opts=in_cluster)
rights = controller_rbac(
    "cert-manager",
    account=CERT_MANAGER_ACCOUNT,
    home=home,
    namespaces={{"shop": shop}},
    http01=["ingress"],
    opts=in_cluster,
)
"""
CERTIFICATE = """
cloud = aws.Provider("aws", region="eu-west-1", allowed_account_ids=[{account!r}])
names = AwsNames(prefix="platform", environment={environment!r}, account_id={account!r}, region="eu-west-1")
role = AwsDns01Role(
    "dns01",
    AwsDns01RoleArgs(
        names=names,
        cluster=ClusterRef(name={environment!r}, issuer_url={issuer!r}, provider=inside),
        zone={zone!r},
        zone_id={zone_id!r},
        kind=IdentityKind({kind!r}),
        oidc_provider_arn=names.oidc_provider_arn({issuer!r}),
    ),
    pulumi.ResourceOptions(provider=cloud),
)
acme = AcmeIssuer(
    "acme",
    AcmeIssuerArgs(
        issuer_name="pebble",
        server={server!r},
        ca_bundle={ca_bundle!r},
        email="certificates@example.com",
        dns01=[Dns01(dns=role.dns01, wait_seconds=5)],
        http01=[Http01(names=[{by_http!r}], ingress_class="public")],
        timeout_seconds=120,
        after=rights,
    ),
    in_cluster,
)
certificate = TlsCertificate(
    "shop",
    TlsCertificateArgs(
        namespace="shop",
        secret_name="shop-tls",
        dns_names=["shop.example.com", "*.shop.example.com"],
        issuer=acme.issuer,
        after=acme.gates,
        timeout_seconds=180,
    ),
    in_cluster,
)
pulumi.export("secret", certificate.secret_name)
"""


@dataclass
class Zones:
    """Zones in the local cloud's Route 53, made by the deployer, who cannot write into them."""

    route53: Any
    ids: dict[str, str] = field(default_factory=dict[str, str])

    def create(self, name: str) -> None:
        made = self.route53.create_hosted_zone(Name=name, CallerReference=name)
        self.ids[name] = made["HostedZone"]["Id"].rpartition("/")[2]

    def records(self) -> Mapping[str, list[str]]:
        """All TXT records, without their quotation marks."""
        found: dict[str, list[str]] = {}
        for zone in self.ids.values():
            for one in self.route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]:
                if one["Type"] == "TXT":
                    found.setdefault(one["Name"], []).extend(
                        each["Value"].strip('"') for each in one["ResourceRecords"]
                    )
        return found


@dataclass(frozen=True)
class Certified:
    """What stands after `pulumi up`."""

    engine: OwnProgram
    view: AwsView
    acme: AcmeServer
    cert_manager: Installation
    zones: Zones
    audit: list[dict[str, Any]]


@pytest.fixture(scope="session")
def zones(running: Running) -> Iterator[Zones]:
    made = Zones(running.aws("route53"))
    for name in (ZONE, OTHER_ZONE):
        made.create(name)
    yield made
    for zone in made.ids.values():
        made.route53.delete_hosted_zone(Id=zone)


@pytest.fixture(scope="package", params=["prod", "nonprod"])
def certified(
    running: Running, zones: Zones, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Certified]:
    """The program, up from nothing; nothing of it stays."""
    directory, view = tmp_path_factory.mktemp("certificates"), running.views[request.param]
    assert isinstance(view, AwsView)
    before = len(running.local.cloud.audit())
    environment = {"SECRETS_BOOTSTRAP_CLOUD": "aws", **running.local.cloud.deployer_profile()}
    program = own_program(directory, "certificates", environment=environment)

    def up(text: str) -> None:
        program.write(text)
        program.up(capture=True)

    with (
        running.environment(),
        acme_server(directory / "pebble", zones.records).running() as acme,
        program.undone(),
    ):
        rights = RIGHTS.format(kubeconfig=str(view.references["kubeconfigPath"]), home=NAMESPACE)
        up(rights)
        with installed(view, acme, directory / "cert-manager", **_ambient(view, directory)) as cert_manager:
            _hand_over_token(view, directory)
            up(rights + _certificate(view, acme, zones))
            yield Certified(program, view, acme, cert_manager, zones, running.local.cloud.audit()[before:])
            up(rights)


def _certificate(view: AwsView, acme: AcmeServer, zones: Zones) -> str:
    return CERTIFICATE.format(
        account=ACCOUNT,
        environment=view.name,
        issuer=view.references["issuerUrl"],
        kind=view.references["identityKind"],
        zone=ZONE,
        zone_id=zones.ids[ZONE],
        server=acme.url,
        ca_bundle=acme.ca_bundle,
        by_http=BY_HTTP,
    )


def _ambient(view: AwsView, directory: Path) -> dict[str, str]:
    """What EKS puts into a pod whose service account has an association: the agent's address and a token for it."""
    if view.references["identityKind"] != "podIdentity":
        return {}
    return {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{view.aws_endpoint}/_agent/{view.name}/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(directory / _TOKEN),
        "AWS_REGION": "eu-west-1",
    }


def _hand_over_token(view: AwsView, directory: Path) -> None:
    if view.references["identityKind"] == "podIdentity":
        token = view.service_account_token(POD_IDENTITY_AUDIENCE, namespace=NAMESPACE, name=NAMESPACE)
        write_private(directory / _TOKEN, token)


@pytest.fixture
def asked(certified: Certified) -> Iterator[Callable[[str, dict[str, Any]], str]]:
    """Make objects by hand; they are gone after the test, with what cert-manager made of them."""
    api, made = certified.view.kubernetes, list[str]()

    def ask(collection: str, body: dict[str, Any]) -> str:
        api.post(collection, json=body).raise_for_status()
        made.append(f"{collection}/{body['metadata']['name']}")
        return made[-1]

    def nothing_is_left() -> None:
        left = challenges(certified.view)
        for one in left:  # where it may not write, cert-manager cannot clean up either, and tries for ever
            if "cleaning up" in one.get("status", {}).get("reason", ""):
                path = f"{CHALLENGES}/{one['metadata']['name']}"
                patch_object(certified.view, path, {"metadata": {"finalizers": []}})
        assert left == []

    yield ask
    issuers = [path for path in made if path.startswith(ISSUERS)]
    for path in set(made).difference(issuers):
        api.delete(path)
    eventually(60)(nothing_is_left)()
    for path in issuers:
        api.delete(path)
