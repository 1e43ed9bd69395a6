"""Manifests: what the operator, the API server and Helm are given is what they understand."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pulumi
import pytest
import yaml

from components import (
    ArgoCdSecrets,
    ArgoCdSecretsArgs,
    ArgoCluster,
    IdentityRef,
    NamespaceSecretStore,
    NamespaceSecretStoreArgs,
    ServiceAccountRef,
)
from components.contracts import OPERATOR_ACCOUNT
from components.kubernetes.operator_rbac import CLUSTER_RULES, NAMESPACE_RULES, token_rules
from tests.fast.components import samples
from tests.fast.components.mock_engine import SECRET, Recording, run
from tests.fast.components.test_adoption import bootstrap


@pytest.fixture(scope="module")
def recording() -> Recording:
    return bootstrap()


def test_chart_values_fit_the_charts_schema(chart: Path, recording: Recording) -> None:
    schema = json.loads((chart / "values.schema.json").read_text())
    releases = recording.of("kubernetes:helm.sh/v3:Release")
    assert {one.inputs["name"] for one in releases} == {"external-secrets-crds", "external-secrets"}
    for release in releases:
        jsonschema.validate(release.inputs["values"], schema)
        # The schema lets unknown names through, so compare with the chart's own values.
        known = yaml.safe_load((chart / "values.yaml").read_text())
        assert _unknown(release.inputs["values"], known) == []


def _unknown(values: dict[str, Any], known: Any, path: str = "") -> list[str]:
    found: list[str] = []
    for key, value in values.items():
        if not isinstance(known, dict) or key not in known:
            found.append(f"{path}{key}")
        elif isinstance(value, dict) and key != "annotations":
            found += _unknown(value, known[key], f"{path}{key}.")
    return found


def test_custom_resources_fit_their_definitions(chart: Path, recording: Recording) -> None:
    # The first and the last line are the condition under which Helm installs the definition.
    texts = (file.read_text().splitlines()[1:-1] for file in (chart / "templates" / "crds").glob("*.yaml"))
    definitions = [yaml.load("\n".join(lines), yaml.CSafeLoader) for lines in texts]
    schemas = {
        (one["spec"]["group"], version["name"], one["spec"]["names"]["kind"]): version["schema"]["openAPIV3Schema"]
        for one in definitions
        for version in one["spec"]["versions"]
    }
    checked = 0
    for one in recording.resources.values():
        if "external-secrets.io/" in one.token:
            group, _, version = one.inputs["apiVersion"].partition("/")
            schema = _closed(schemas[group, version, one.inputs["kind"]])
            jsonschema.validate({"spec": one.inputs["spec"]}, {**schema, "required": []})
            checked += 1
    assert checked == 5


def _closed(schema: Any) -> Any:
    """The schema as the API server reads it under strict validation: a field that is not listed is an error."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if "properties" in schema and isinstance(schema["properties"], dict) and "additionalProperties" not in schema:
        closed["additionalProperties"] = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    return closed


def test_gates_wait_for_readiness(recording: Recording) -> None:
    for name in ("store-store", "first-sync-push", "first-sync-external-secret", "argocd-repository-platform"):
        annotations = recording.named(f"prod-bootstrap-{name}").inputs["metadata"]["annotations"]
        assert annotations == {"pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": "300"}


def test_a_pushed_value_keeps_the_containers_tags(recording: Recording) -> None:
    """The operator removes tags that the PushSecret does not repeat, and adds managed-by itself."""
    pushed = recording.named("prod-bootstrap-first-sync-push").inputs["spec"]["data"][0]["metadata"]["spec"]["tags"]
    container = recording.named("prod-foundation-secrets-canary").inputs["tags"]
    assert {**pushed, "managed-by": "external-secrets"} == container


def test_every_container_but_the_canary_has_a_policy_that_cannot_be_public(recording: Recording) -> None:
    containers = {one.name for one in recording.of("aws:secretsmanager/secret:Secret")}
    guarded = recording.of("aws:secretsmanager/secretPolicy:SecretPolicy")
    assert containers - {one.name.removesuffix("-policy") for one in guarded} == {"prod-foundation-secrets-canary"}
    assert all(one.inputs["blockPublicPolicy"] is True for one in guarded)


def test_only_the_deploy_key_is_a_value(recording: Recording) -> None:
    versions = recording.of("aws:secretsmanager/secretVersion:SecretVersion")
    assert [one.name for one in versions] == ["prod-foundation-deploy-key-value"]
    assert set(versions[0].inputs["secretString"]) == {SECRET}, "the private half must be a secret to the engine"
    secrets = recording.of("kubernetes:core/v1:Secret")
    assert [set(one.inputs["stringData"][SECRET]) for one in secrets] == [{"name", "server", "config"}]


def test_another_cluster_may_become_known_only_later() -> None:
    def program() -> None:
        config = {"tlsClientConfig": {"insecure": False, "caData": pulumi.Output.from_input("authority")}}
        cluster = ArgoCluster(server=pulumi.Output.from_input("https://cluster.example.com"), config=config)
        ArgoCdSecrets("it", ArgoCdSecretsArgs(namespace="argocd", store_name="prod", clusters={"other": cluster}))

    secret = run(program).named("it-cluster-other").inputs["stringData"]
    secret = secret.get(SECRET, secret)
    assert secret["server"] == "https://cluster.example.com"
    assert json.loads(secret["config"]) == {"tlsClientConfig": {"caData": "authority", "insecure": False}}


def test_argocd_repository_is_labelled(recording: Recording) -> None:
    template = recording.named("prod-bootstrap-argocd-repository-platform").inputs["spec"]["target"]["template"]
    assert template["metadata"]["labels"] == {"argocd.argoproj.io/secret-type": "repository"}
    assert template["data"]["sshPrivateKey"] == "{{ .sshPrivateKey }}"


def test_pod_identity_stores_have_no_auth() -> None:
    store = bootstrap(identity={"kind": "podIdentity"}).named("prod-bootstrap-store-store")
    assert store.inputs["spec"]["provider"] == {"aws": {"service": "SecretsManager", "region": "eu-west-1"}}


def test_the_store_is_open_to_named_namespaces_only(recording: Recording) -> None:
    conditions = recording.named("prod-bootstrap-store-store").inputs["spec"]["conditions"]
    assert conditions == [{"namespaces": ["apps"]}, {"namespaces": ["argocd", "secrets-bootstrap"]}]


def test_the_operator_writes_secrets_in_its_environment_only(recording: Recording) -> None:
    everywhere = [rule for rule in CLUSTER_RULES if "secrets" in rule["resources"]]
    assert [set(rule["verbs"]) for rule in everywhere] == [{"list", "watch"}]
    assert not any("serviceaccounts/token" in rule["resources"] for rule in (*CLUSTER_RULES, *NAMESPACE_RULES))
    assert token_rules("external-secrets")[0]["resourceNames"] == ["external-secrets"]
    roles = recording.of("kubernetes:rbac.authorization.k8s.io/v1:Role")
    writers = {one.inputs["metadata"]["namespace"] for one in roles if "writer" in one.name}
    assert writers == {"apps", "argocd", "secrets-bootstrap"}
    verbs = {verb for one in roles for rule in one.inputs["rules"] for verb in rule["verbs"]}
    assert "*" not in verbs


def test_pod_identity_mints_no_token() -> None:
    recording = bootstrap(identity={"kind": "podIdentity"})
    assert not any(one.name.endswith("-token") for one in recording.resources.values())


def namespace_store(identity: IdentityRef, **changes: Any) -> Recording:
    def program() -> None:
        arguments = NamespaceSecretStoreArgs(
            namespace="apps", store_name="team", store=samples.STORE, identity=identity, **changes
        )
        NamespaceSecretStore("it", arguments)

    return run(program)


@pytest.mark.parametrize("operator", [None, ServiceAccountRef(namespace="eso", name="controller")])
def test_a_namespaces_store_lets_the_operator_mint_tokens_of_its_one_account(
    operator: ServiceAccountRef | None,
) -> None:
    identity = samples.irsa(account=ServiceAccountRef(namespace="apps", name="reader"))
    recording = namespace_store(identity, **({"operator": operator} if operator else {}))
    (role,) = recording.of("kubernetes:rbac.authorization.k8s.io/v1:Role")
    (binding,) = recording.of("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding")
    assert role.inputs["metadata"] == {"name": "external-secrets-token-team", "namespace": "apps"}
    assert role.inputs["rules"] == [
        {"apiGroups": [""], "resources": ["serviceaccounts/token"], "resourceNames": ["reader"], "verbs": ["create"]}
    ]
    assert binding.inputs["metadata"] == role.inputs["metadata"]
    assert binding.inputs["roleRef"]["name"] == "external-secrets-token-team"
    account = operator or OPERATOR_ACCOUNT
    assert binding.inputs["subjects"] == [
        {"kind": "ServiceAccount", "name": account.name, "namespace": account.namespace}
    ]


def test_a_namespaces_store_without_a_token_needs_no_permission() -> None:
    recording = namespace_store(samples.pod_identity())
    assert [one.token for one in recording.resources.values() if "rbac" in one.token] == []
