"""What is there already is adopted, not made again."""

import pulumi

from components import AwsIrsaIdentity, AwsIrsaIdentityArgs, ServiceAccountRef, parse_config
from components.secrets_bootstrap import SecretsBootstrap, SecretsBootstrapArgs
from tests.fast.components import samples
from tests.fast.components.components_under_test import GRANT
from tests.fast.components.mock_engine import Recording, run

SECRET_ARN = f"arn:aws:secretsmanager:eu-west-1:{samples.ACCOUNT}:secret:platform/prod/legacy-AbCdEf"
PROVIDER_ARN = f"arn:aws:iam::{samples.ACCOUNT}:oidc-provider/issuer.example.com"


def bootstrap(**changes: object) -> Recording:
    config = parse_config(samples.configuration(prod=samples.environment(**changes)))

    def program() -> None:
        arguments = SecretsBootstrapArgs(
            names=config.names("prod"),
            environment=config.environments["prod"],
            create_cluster=samples.create_cluster(),
        )
        SecretsBootstrap("prod", arguments)

    return run(program)


def test_existing_keys() -> None:
    other = samples.KEY_ARN.replace("0f0f", "1e1e")
    recording = bootstrap(keys={"existing": {"secrets": samples.KEY_ARN, "etcd": other}})
    assert [one.name for one in recording.of("aws:kms/key:Key")] == ["prod-foundation-keys-tenants"]
    assert [one.name for one in recording.of("aws:kms/alias:Alias")] == ["prod-foundation-keys-tenants-alias"]
    assert recording.named("prod-foundation-secrets-database").inputs["kmsKeyId"] == samples.KEY_ARN
    assert samples.KEY_ARN in recording.named("prod-identity-policy").inputs["policy"]
    assert other in recording.named("prod-foundation-encryption-node-policy").inputs["policy"]


def test_existing_containers() -> None:
    recording = bootstrap(secrets={"database": {"existingArn": SECRET_ARN}})
    names = {one.inputs["name"] for one in recording.of("aws:secretsmanager/secret:Secret")}
    assert names == {"platform/prod/canary", "platform/prod/argocd/platform"}
    outputs = recording.named("prod-foundation-secrets").outputs or {}
    assert outputs["secretArns"]["database"] == SECRET_ARN


def test_existing_oidc_provider() -> None:
    recording = bootstrap(identity={"kind": "irsa", "oidcProviderArn": PROVIDER_ARN})
    assert recording.of("aws:iam/openIdConnectProvider:OpenIdConnectProvider") == []
    assert PROVIDER_ARN in recording.named("prod-identity-role").inputs["assumeRolePolicy"]


def test_an_oidc_provider_that_is_known_only_later() -> None:
    def program() -> None:
        arguments = AwsIrsaIdentityArgs(
            names=samples.NAMES,
            cluster=samples.cluster(),
            service_account=ServiceAccountRef(namespace="team", name="reader"),
            grant=GRANT,
            oidc_provider_arn=pulumi.Output.from_input(samples.ISSUER).apply(samples.NAMES.oidc_provider_arn),
        )
        AwsIrsaIdentity("it", arguments)

    recording = run(program)
    assert recording.of("aws:iam/openIdConnectProvider:OpenIdConnectProvider") == []
    assert PROVIDER_ARN in recording.named("it-role").inputs["assumeRolePolicy"]


def test_existing_store() -> None:
    recording = bootstrap(store={"conditions": [{"namespaces": ["apps"]}], "name": "theirs", "existing": True})
    assert recording.of("kubernetes:external-secrets.io/v1:ClusterSecretStore") == []
    for one in recording.of("kubernetes:external-secrets.io/v1:ExternalSecret"):
        assert one.inputs["spec"]["secretStoreRef"]["name"] == "theirs"


def test_existing_argocd_namespace() -> None:
    argocd = {"repository": {"name": "platform", "url": "git@git.example.com:a/b.git"}, "createNamespace": False}
    recording = bootstrap(argocd=argocd)
    made = {one.inputs["metadata"]["name"] for one in recording.of("kubernetes:core/v1:Namespace")}
    assert made == {"apps", "external-secrets", "secrets-bootstrap"}


def test_a_service_account_of_its_own_for_the_store() -> None:
    recording = bootstrap(
        identity={"kind": "irsa", "serviceAccountRef": {"namespace": "external-secrets", "name": "store"}}
    )
    account = recording.named("prod-bootstrap-operator-store-account")
    assert account.inputs["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].endswith("-external-secrets")
    token = recording.named("prod-bootstrap-operator-token")
    assert token.inputs["rules"][0]["resourceNames"] == ["store"]
    assert "serviceaccount:external-secrets:store" in recording.named("prod-identity-role").inputs["assumeRolePolicy"]


def test_an_ephemeral_environment_leaves_nothing_behind() -> None:
    recording = bootstrap(deletionProfile="ephemeral")
    assert not any(one.protect for one in recording.resources.values())
    assert {one.inputs["recoveryWindowInDays"] for one in recording.of("aws:secretsmanager/secret:Secret")} == {0}
    assert {one.inputs["deletionWindowInDays"] for one in recording.of("aws:kms/key:Key")} == {7}


def test_a_durable_environment_is_protected() -> None:
    recording = bootstrap(deletionProfile="durable")
    data = [*recording.of("aws:secretsmanager/secret:Secret"), *recording.of("aws:kms/key:Key")]
    assert all(one.protect for one in data)
    assert {one.inputs.get("recoveryWindowInDays", 30) for one in data} == {30}
