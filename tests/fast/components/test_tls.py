"""Certificates: what the arguments refuse, what is created, and Google's condition judged by Google's evaluator.

AWS's verdicts are in tests/fast/localcloud_aws/test_dns01.py, cert-manager's in tests/cluster/cert_manager. Azure's
role is pinned here, and nothing runs it.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cel_expr_python import cel
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

import components
from components import (
    AcmeIssuer,
    AwsDns01Role,
    AzureDns01Identity,
    ConfigError,
    Dns01,
    Dns01Ref,
    GcpDns01Role,
    Http01,
    HttpGateway,
    IdentityKind,
    ServiceAccountRef,
)
from components.gcp.dns01 import dns01_condition
from tests.fast.components import samples_tls
from tests.fast.components.mock_engine import Recording, run
from tests.fast.components.samples_tls import (
    aws_role,
    azure_identity,
    cert_manager,
    certificate,
    gcp_role,
    issuer,
    route53,
)

FOREIGN_PROVIDER = "arn:aws:iam::999999999999:oidc-provider/x"

IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("Dns01Ref.zone", lambda: Dns01Ref(provider="route53", settings={}, zone="*.example.com")),
    ("Dns01Ref.zone", lambda: Dns01Ref(provider="route53", settings={}, zone="com")),
    ("Dns01Ref.zone", lambda: Dns01Ref(provider="route53", settings={}, zone="example.com.")),
    ("Dns01.zones.0", lambda: Dns01(dns=route53(), zones=["*.example.com"])),
    ("Dns01.zones.1", lambda: Dns01(dns=route53(), zones=["example.com", "example.org"])),
    ("Dns01.zones.0", lambda: Dns01(dns=route53(), zones=["notexample.com"])),
    ("Dns01.wait_seconds", lambda: Dns01(dns=route53(), wait_seconds=-1)),
    ("Dns01.zones", lambda: Dns01(dns=route53(), delegated=True)),
    ("Http01.names", lambda: Http01(names=[], ingress_class="public")),
    ("Http01.names.0", lambda: Http01(names=["*.example.com"], ingress_class="public")),
    ("Http01.ingress_class", lambda: Http01(names=["a.example.com"])),
    (
        "Http01.ingress_class",
        lambda: Http01(names=["a.example.com"], ingress_class="x", gateway=HttpGateway(name="x", namespace="x")),
    ),
    ("HttpGateway.namespace", lambda: HttpGateway(name="public", namespace="*")),
    ("AcmeIssuerArgs.issuer_name", lambda: issuer(issuer_name="x leak")),
    ("AcmeIssuerArgs.server", lambda: issuer(server="http://x-leak")),
    ("AcmeIssuerArgs.email", lambda: issuer(email="x-leak")),
    ("AcmeIssuerArgs.ca_bundle", lambda: issuer(ca_bundle="-----BEGIN x-leak")),
    ("AcmeIssuerArgs.account_key_secret", lambda: issuer(account_key_secret="x leak")),  # a name
    ("AcmeIssuerArgs.timeout_seconds", lambda: issuer(timeout_seconds=1)),
    ("CertManagerArgs.namespaces", lambda: cert_manager(namespaces={})),
    ("CertManagerArgs.namespaces.x leak", lambda: cert_manager(namespaces={"x leak": None})),
    ("CertManagerArgs.namespaces.cert-manager", lambda: cert_manager(namespaces={"cert-manager": None})),
    ("CertManagerArgs.http01.1", lambda: cert_manager(http01=["ingress", "x-leak"])),
    ("CertManagerArgs.timeout_seconds", lambda: cert_manager(timeout_seconds=29)),
    ("AcmeIssuerArgs.dns01", lambda: issuer(dns01=[])),
    ("AcmeIssuerArgs.dns01", lambda: issuer(dns01=[Dns01(dns=route53()), Dns01(dns=route53())])),
    ("AcmeIssuerArgs.dns01", lambda: issuer(http01=[Http01(names=["example.com"], ingress_class="x")])),
    (
        "AcmeIssuerArgs.dns01.0.dns.service_account.namespace",
        lambda: issuer(controller=ServiceAccountRef(namespace="other", name="cert-manager")),
    ),
    ("AcmeIssuerArgs.dns01.0.dns.service_account", lambda: issuer(dns01=[Dns01(dns=route53(account="cert-manager"))])),
    ("TlsCertificateArgs.namespace", lambda: certificate(namespace="x leak")),
    ("TlsCertificateArgs.secret_name", lambda: certificate(secret_name="x leak")),  # a name
    ("TlsCertificateArgs.dns_names", lambda: certificate(dns_names=[])),
    ("TlsCertificateArgs.dns_names.0", lambda: certificate(dns_names=["*.*.example.com"])),
    ("TlsCertificateArgs.dns_names.1", lambda: certificate(dns_names=["a.example.com", "a.example.org"])),
    ("TlsCertificateArgs.dns_names.0", lambda: certificate(dns_names=["*.shop.example.net"])),
    ("TlsCertificateArgs.timeout_seconds", lambda: certificate(timeout_seconds=9999)),
    ("AwsDns01RoleArgs.zone", lambda: aws_role(zone="*.example.com")),
    ("AwsDns01RoleArgs.zone_id", lambda: aws_role(zone_id="/hostedzone/Z0123456789ABCDEFGHIJ")),
    ("AwsDns01RoleArgs.zone_id", lambda: aws_role(zone_id="*")),
    ("AwsDns01RoleArgs.kind", lambda: aws_role(kind=IdentityKind.VAULT_JWT)),
    ("AwsDns01RoleArgs.role", lambda: aws_role(role="external-secrets")),
    ("AwsDns01RoleArgs.role", lambda: aws_role(role="dns01-" + "a" * 50)),
    ("AwsDns01RoleArgs.role", lambda: aws_role(role="dns01-a b")),
    ("AwsDns01RoleArgs.oidc_provider_arn", lambda: aws_role(oidc_provider_arn=FOREIGN_PROVIDER)),
    ("GcpDns01RoleArgs.zone", lambda: gcp_role(zone="example-com")),
    ("GcpDns01RoleArgs.managed_zone", lambda: gcp_role(managed_zone="example.com")),
    ("GcpDns01RoleArgs.managed_zone", lambda: gcp_role(managed_zone="a" * 60)),
    ("GcpDns01RoleArgs.zone_project", lambda: gcp_role(zone_project="*")),
    ("AzureDns01IdentityArgs.zone_id", lambda: azure_identity(zone_id="example.com")),
    ("AzureDns01IdentityArgs.zone_id", lambda: azure_identity(zone_id=f"{samples_tls.AZURE_ZONE_ID}/TXT/x")),
]


@pytest.mark.parametrize(("field", "make"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, make: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as error:
        make()
    assert error.value.field == field
    assert "x-leak" not in str(error.value)


def test_which_names_an_issuer_issues_for() -> None:
    ref = samples_tls.ISSUER
    for name in ("example.com", "a.example.com", "a.b.example.com", "*.example.com", "*.a.example.com"):
        assert ref.issues_for(name), name
    for name in ("example.org", "notexample.com", "com", "a.shop.example.net", "*.shop.example.net", "*.com"):
        assert not ref.issues_for(name), name
    assert ref.issues_for("shop.example.net")


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


@pytest.mark.parametrize("name", samples_tls.SOLVERS)
def test_solvers_as_cert_manager_reads_them(name: str, snapshot: SnapshotAssertion) -> None:
    assert samples_tls.SOLVERS[name]().spec() == snapshot


def recorded(component: str, name: str = "it", **changes: Any) -> Recording:
    kind = getattr(components, component)
    good = samples_tls.ARGUMENTS[component]
    return run(lambda: kind(name, type(good())(**{**vars(good()), **changes})))


@pytest.mark.parametrize(
    ("component", "changes"),
    [
        *((one, {}) for one in samples_tls.ARGUMENTS),
        ("AwsDns01Role", samples_tls.POD_IDENTITY),
        ("GcpDns01Role", {"zone_project": "example-dns"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_what_is_created(component: str, changes: Mapping[str, Any], snapshot: SnapshotAssertion) -> None:
    recording = recorded(component, **changes)
    assert {
        one.name: {"token": one.token, "inputs": one.inputs}
        for one in recording.resources.values()
        if one.name.startswith("it-")
    } == snapshot


def test_what_the_clouds_tell_an_issuer(snapshot: SnapshotAssertion) -> None:
    told: dict[str, Any] = {}

    def program() -> None:
        made = {
            "irsa": AwsDns01Role("a", aws_role()),
            "pod identity": AwsDns01Role("b", aws_role(kind=IdentityKind.POD_IDENTITY, role="dns01-b")),
            "google": GcpDns01Role("c", gcp_role()),
            "azure": AzureDns01Identity("d", azure_identity()),
        }
        for name, one in made.items():
            solvers = [Dns01(dns=one.dns01)]
            AcmeIssuer(f"issuer-of-{name}", issuer(issuer_name=name.replace(" ", "-"), dns01=solvers))

    recording = run(program)
    for one in recording.of("kubernetes:cert-manager.io/v1:ClusterIssuer"):
        told[one.name] = one.inputs["spec"]["acme"]["solvers"][0]["dns01"]
        gates = {each.name for each in recording.resources.values() if recording.needs(one, each)}
        assert gates, f"{one.name} waits for nothing"
    assert told == snapshot


def test_a_zone_of_its_own_gets_its_own_account_once() -> None:
    solvers = [Dns01(dns=route53()), Dns01(dns=route53("example.org")), Dns01(dns=route53("example.net", "other"))]
    recording = run(lambda: AcmeIssuer("it", issuer(dns01=solvers)))
    roles = {
        one.inputs["metadata"]["name"]: one.inputs["rules"]
        for one in recording.of("kubernetes:rbac.authorization.k8s.io/v1:Role")
    }
    assert roles.keys() == {"acme-token-acme-dns01", "acme-token-other"}
    (rule,) = roles["acme-token-acme-dns01"]
    assert rule == {
        "apiGroups": [""],
        "resources": ["serviceaccounts/token"],
        "resourceNames": ["acme-dns01"],
        "verbs": ["create"],
    }


def test_no_key_and_no_certificate_is_in_what_the_engine_is_told() -> None:
    for component in samples_tls.ARGUMENTS:
        recording = recorded(component)
        text = json.dumps([(one.token, one.inputs, one.outputs) for one in recording.resources.values()])
        assert recording.resources
        assert "(secret)" not in text
        assert "core/v1:Secret" not in text
        assert "secretAccessKey" not in text
        assert "serviceAccountSecretRef" not in text
        assert "clientSecretSecretRef" not in text


# What Google's documentation calls `extract`, as its own evaluator has no such function: the part after the text.
NAME = "resource.name.extract('/rrsets/{record}')"
ZONE = "projects/1/managedZones/2"


def verdict(kind: str, name: str) -> bool:
    condition = dns01_condition()
    assert condition.count(NAME) == 1
    environment = cel.NewEnv(
        variables={"resource": cel.Type.Map(cel.Type.STRING, cel.Type.DYN), "extracted": cel.Type.STRING}
    )
    expression = environment.compile(condition.replace(NAME, "extracted"))
    _, found, extracted = name.partition("/rrsets/")
    data = {"resource": {"type": kind, "name": name}, "extracted": extracted if found else ""}
    value = expression.eval(data=data).plain_value()
    assert isinstance(value, bool)
    return value


def test_google_lets_challenges_be_written_alone() -> None:
    record_set, zone = "dns.googleapis.com/ResourceRecordSet", "dns.googleapis.com/ManagedZone"
    assert verdict(record_set, f"{ZONE}/rrsets/_acme-challenge.example.com./TXT")
    assert verdict(record_set, f"{ZONE}/rrsets/_acme-challenge.a.example.com./TXT")
    for name in (
        "www.example.com./A",
        "example.com./TXT",
        "_acme-challenge.example.com./A",
        "_acme-challenge.example.com./CNAME",
        "x_acme-challenge.example.com./TXT",
        "a._acme-challenge.example.com./TXT",
    ):
        assert not verdict(record_set, f"{ZONE}/rrsets/{name}"), name
    assert not verdict(record_set, ZONE)
    assert verdict(zone, ZONE), "to make a change and to see it"


def test_azure_writes_txt_records_of_one_zone() -> None:
    recording = recorded("AzureDns01Identity")
    (role,) = recording.of("azure-native:authorization:RoleDefinition")
    (grant,) = recording.of("azure-native:authorization:RoleAssignment")
    assert role.inputs["permissions"] == [
        {"actions": [f"Microsoft.Network/dnsZones/TXT/{verb}" for verb in ("delete", "read", "write")]}
    ]
    assert grant.inputs["scope"] == samples_tls.AZURE_ZONE_ID
    assert grant.inputs["roleDefinitionId"].endswith(role.inputs["roleDefinitionId"])
    assert recording.needs(grant, role)
