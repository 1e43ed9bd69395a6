"""CertManager: the real chart with our values has no roles of its own, and ours are fewer and fit what it renders."""

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
import yaml

from bootstrap.toolchain.folders import tools_dir
from bootstrap.toolchain.tools import KUBERNETES_VERSION
from components import AwsDns01Role, AzureDns01Identity, CertManager, IdentityKind, ServiceAccountRef
from tests.fast.components.mock_engine import Recording, run
from tests.fast.components.samples_tls import aws_role, azure_identity, cert_manager

CONTROLLER, WEBHOOK, CAINJECTOR, CHECK = (
    "cert-manager",
    "cert-manager-webhook",
    "cert-manager-cainjector",
    "cert-manager-startupapicheck",
)
ROLES = {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"}
Permission = tuple[str, str, str]
"""API group, resource, verb."""


def made(**changes: Any) -> Recording:
    return run(lambda: CertManager("it", cert_manager(**changes)))


def objects(recording: Recording) -> list[dict[str, Any]]:
    """The roles and bindings that the component makes, as the API server gets them."""
    return [
        {"kind": one.token.rpartition(":")[2], **one.inputs}
        for one in recording.resources.values()
        if one.token.rpartition(":")[2] in ROLES
    ]


def rendered(recording: Recording, *overrides: str) -> list[dict[str, Any]]:
    """What the chart makes of the component's values."""
    release = recording.named("it-release").inputs
    command = [
        *(tools_dir() / "helm", "template", release["name"], tools_dir() / "cert-manager-chart"),
        *("--namespace", release["namespace"], "--kube-version", KUBERNETES_VERSION, "--values=-", *overrides),
    ]
    done = subprocess.run(command, input=json.dumps(release["values"]), capture_output=True, text=True, check=True)
    # Thousands of lines of definitions are not worth the parsing.
    parts = [one for one in done.stdout.split("\n---\n") if "\nkind: CustomResourceDefinition\n" not in one]
    return [one for part in parts for one in yaml.load_all(part, yaml.CSafeLoader) if one]


def rules(made: Sequence[Mapping[str, Any]], account: str, *kinds: str) -> list[dict[str, Any]]:
    """The rules that bindings of some kinds give to a service account."""
    found: list[dict[str, Any]] = []
    for binding in made:
        if binding["kind"] in kinds and account in {one["name"] for one in binding["subjects"]}:
            (role,) = (
                one
                for one in made
                if one["kind"] == binding["roleRef"]["kind"]
                and one["metadata"]["name"] == binding["roleRef"]["name"]
                and one["metadata"].get("namespace") == binding["metadata"].get("namespace")
            )
            found += role["rules"]
    return found


def permissions(given: Iterable[Mapping[str, Any]]) -> set[Permission]:
    return {
        (group, resource, verb)
        for rule in given
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def everywhere(recording: Recording, account: str) -> set[Permission]:
    return permissions(rules(objects(recording), account, "ClusterRoleBinding"))


def within(recording: Recording, namespace: str, account: str = CONTROLLER) -> set[Permission]:
    in_namespace = [one for one in objects(recording) if one["metadata"].get("namespace") == namespace]
    return permissions(rules(in_namespace, account, "RoleBinding"))


@pytest.mark.parametrize("http01", [(), ("ingress",), ("ingress", "gateway")])
def test_in_every_namespace_it_only_watches(http01: Sequence[str]) -> None:
    given = everywhere(made(http01=http01), CONTROLLER)
    beyond = {one for one in given if one[2] not in ("list", "watch")}
    assert beyond == {("cert-manager.io", "clusterissuers/status", "update"), ("cert-manager.io", "signers", "approve")}
    assert ("", "secrets", "watch") in given, "cert-manager has informers for one namespace or for all"


def test_secrets_are_written_in_named_namespaces_and_made_in_its_own() -> None:
    recording = made(namespaces={"apps": None, "web": None})

    def secrets(namespace: str) -> set[str]:
        return {verb for _, resource, verb in within(recording, namespace) if resource == "secrets"}

    assert secrets("apps") == secrets("web") == {"create", "delete", "get", "patch"}
    assert secrets("cert-manager") == {"create", "get"}
    assert within(recording, "default") == {("", "events", "create"), ("", "events", "patch")}
    places = {one["metadata"]["namespace"] for one in objects(recording) if one["kind"] == "Role"}
    assert places == {"apps", "web", "cert-manager", "default"}


def test_nobody_gets_a_token_or_more_rights() -> None:
    given = permissions(rule for one in objects(made(http01=["ingress", "gateway"])) for rule in one.get("rules", []))
    assert not {one for one in given if one[1] == "serviceaccounts/token" or "*" in one}
    assert not {one for one in given if one[2] in ("bind", "escalate", "impersonate", "sign")}


def test_pods_are_started_for_challenges_by_http_only() -> None:
    pods = {("", "pods", "create"), ("", "services", "create")}
    ingress, route = ("networking.k8s.io", "ingresses", "create"), ("gateway.networking.k8s.io", "httproutes", "create")
    found = {http01: within(made(http01=http01), "apps") for http01 in [(), ("ingress",), ("gateway",)]}
    assert not found[()] & {*pods, ingress, route}
    assert found[("ingress",)] & {*pods, ingress, route} == {*pods, ingress}
    assert found[("gateway",)] & {*pods, ingress, route} == {*pods, route}


def test_the_charts_own_roles_are_not_installed_and_ours_are_part_of_them() -> None:
    recording = made(http01=["ingress", "gateway"])
    assert not ROLES & {one["kind"] for one in rendered(recording)}
    theirs = [one for one in rendered(recording, "--set=global.rbac.create=true") if one["kind"] in ROLES]
    bindings = ("RoleBinding", "ClusterRoleBinding")
    for account in (CONTROLLER, WEBHOOK, CAINJECTOR, CHECK):
        ours = permissions(rules(objects(recording), account, *bindings))
        assert ours
        assert ours <= permissions(rules(theirs, account, *bindings))
    assert ("", "secrets", "create") in permissions(rules(theirs, CONTROLLER, "ClusterRoleBinding"))


def test_names_are_those_that_the_chart_renders() -> None:
    recording = made()
    shown = rendered(recording)
    accounts = {one["metadata"]["name"] for one in shown if one["kind"] == "ServiceAccount"}
    assert accounts == {CONTROLLER, WEBHOOK, CAINJECTOR, CHECK}
    subjects = [one["subjects"][0] for one in objects(recording) if one["kind"].endswith("Binding")]
    assert {(one["namespace"], one["name"]) for one in subjects} == {("cert-manager", one) for one in accounts}
    flags = {
        one["metadata"]["name"]: set(one["spec"]["template"]["spec"]["containers"][0]["args"])
        for one in shown
        if one["kind"] in ("Deployment", "Job")
    }
    assert flags.keys() == accounts
    for account in (CONTROLLER, CAINJECTOR):
        assert "--leader-election-namespace=cert-manager" in flags[account]
    assert "--dynamic-serving-ca-secret-name=cert-manager-webhook-ca" in flags[WEBHOOK]
    webhooks = [one for one in shown if one["kind"].endswith("WebhookConfiguration")]
    assert len(webhooks) == 2
    for one in webhooks:
        assert one["metadata"]["name"] == WEBHOOK
        annotations = one["metadata"]["annotations"]
        assert annotations["cert-manager.io/inject-ca-from-secret"] == "cert-manager/cert-manager-webhook-ca"
    for account in (WEBHOOK, CAINJECTOR):
        (named,) = [
            rule["resourceNames"]
            for rule in rules(objects(recording), account, "RoleBinding")
            if rule["resources"] == ["secrets"] and "resourceNames" in rule
        ]
        assert named == ["cert-manager-webhook-ca"]


def configured(recording: Recording, name: str) -> dict[str, Any]:
    (made,) = [one for one in rendered(recording) if one["kind"] == "ConfigMap" and one["metadata"]["name"] == name]
    return yaml.safe_load(made["data"]["config.yaml"])


def test_cainjector_looks_at_one_namespace() -> None:
    config = configured(made(), CAINJECTOR)
    assert config["namespace"] == "cert-manager"
    assert config["enableDataSourceConfig"] == {"certificates": False}
    assert config["enableInjectableConfig"] == {"apiServices": False, "customResourceDefinitions": False}


def test_nothing_makes_certificates_of_annotations() -> None:
    plain, gateway = configured(made(), CONTROLLER), configured(made(http01=["gateway"]), CONTROLLER)
    assert not [one for one in plain["controllers"] if "shim" in one or one == "*"]
    assert "gatewayAPI" not in plain
    assert gateway["gatewayAPI"] == {"enabled": True}
    assert [one for one in gateway["controllers"] if "shim" in one] == ["-gateway-shim"]


def test_the_pod_is_what_the_zones_need() -> None:
    def program() -> None:
        azure = AzureDns01Identity("azure", azure_identity())
        aws = AwsDns01Role("aws", aws_role(kind=IdentityKind.POD_IDENTITY))
        annotations = {"iam.gke.io/gcp-service-account": "dns@example.iam.gserviceaccount.com"}
        CertManager("it", cert_manager(dns01=[azure.dns01, aws.dns01], annotations=annotations))

    recording = run(program)
    release = recording.named("it-release")
    for gate in ("azure-grant", "aws-association"):
        assert recording.needs(release, recording.named(gate))
    shown = rendered(recording)
    (pod,) = [
        one["spec"]["template"]
        for one in shown
        if one["kind"] == "Deployment" and one["metadata"]["name"] == CONTROLLER
    ]
    assert pod["metadata"]["labels"]["azure.workload.identity/use"] == "true"
    (account,) = [one for one in shown if one["kind"] == "ServiceAccount" and one["metadata"]["name"] == CONTROLLER]
    assert account["metadata"]["annotations"] == {
        "iam.gke.io/gcp-service-account": "dns@example.iam.gserviceaccount.com"
    }


def test_everything_waits_for_the_namespace_and_the_program_for_its_rights() -> None:
    recording = made()
    home, release = recording.named("it-namespace"), recording.named("it-release")
    assert recording.needs(release, home)
    bindings = [one for one in recording.resources.values() if one.token.endswith("RoleBinding")]
    assert all(recording.needs(release, binding) for binding in bindings)


def test_another_account_in_another_namespace() -> None:
    recording = made(service_account=ServiceAccountRef(namespace="tls", name="issuer"))
    accounts = {one["metadata"]["name"] for one in rendered(recording) if one["kind"] == "ServiceAccount"}
    assert accounts == {"issuer", WEBHOOK, CAINJECTOR, CHECK}
    subjects = [one["subjects"][0] for one in objects(recording) if one["kind"].endswith("Binding")]
    assert {(one["namespace"], one["name"]) for one in subjects} == {("tls", one) for one in accounts}
