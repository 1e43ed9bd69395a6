"""The identities of an Argo CD hub: what is created, and what is refused.

AWS's verdicts are in tests/fast/localcloud_aws/test_argocd.py, and what the documents allow in tests/fast/proof.
"""

import json
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

import components
from components import (
    ArgoCdAccounts,
    ArgoCdSecrets,
    ArgoCdSecretsArgs,
    ArgoCdSpoke,
    ArgoCdSpokeArgs,
    ArgoCluster,
    AwsArgoCdHubRole,
    AwsArgoCdSpokeRole,
    AzureArgoCdHubIdentity,
    ConfigError,
    GcpArgoCdHubAccount,
    IdentityKind,
    argocd_eks_config,
)
from tests.fast.components import samples_argocd, samples_gcp
from tests.fast.components.mock_engine import Recording, run
from tests.fast.components.samples_argocd import aws_hub, aws_spoke, azure_hub, gcp_hub
from tests.fast.components.test_argocd import plain_data

IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("AwsArgoCdHubRoleArgs.spokes", lambda: aws_hub(spokes=[])),
    ("AwsArgoCdHubRoleArgs.spokes", lambda: aws_hub(spokes=samples_argocd.AWS_SPOKE)),
    ("AwsArgoCdHubRoleArgs.spokes.1", lambda: aws_hub(spokes=[samples_argocd.AWS_SPOKE] * 2)),
    ("AwsArgoCdHubRoleArgs.spokes.0", lambda: aws_hub(spokes=["arn:aws:iam::123456789012:role/x-leak*"])),
    ("AwsArgoCdHubRoleArgs.spokes.0", lambda: aws_hub(spokes=["*"])),
    ("AwsArgoCdHubRoleArgs.kind", lambda: aws_hub(kind=IdentityKind.VAULT_JWT)),
    ("ServiceAccountRef.namespace", lambda: ArgoCdAccounts(namespace="x leak")),
    ("ServiceAccountRef.name", lambda: ArgoCdAccounts(names=["*"])),
    ("ArgoCdAccounts.names", lambda: ArgoCdAccounts(names=[])),
    ("ArgoCdAccounts.names", lambda: ArgoCdAccounts(names="x-leak")),
    ("ArgoCdAccounts.names.1", lambda: ArgoCdAccounts(names=["x-leak", "x-leak"])),
    (
        "AwsArgoCdHubRoleArgs.oidc_provider_arn",
        lambda: aws_hub(oidc_provider_arn="arn:aws:iam::999999999999:oidc-provider/x-leak"),
    ),
    (
        "AzureArgoCdHubIdentityArgs.accounts",
        lambda: azure_hub(accounts=ArgoCdAccounts(names=[f"a{number}" for number in range(21)])),
    ),
    ("GcpArgoCdHubAccountArgs.spoke_projects", lambda: gcp_hub(spoke_projects=[])),
    ("GcpArgoCdHubAccountArgs.spoke_projects", lambda: gcp_hub(spoke_projects="example-staging")),
    ("GcpArgoCdHubAccountArgs.spoke_projects.1", lambda: gcp_hub(spoke_projects=["example-staging"] * 2)),
    ("GcpArgoCdHubAccountArgs.spoke_projects.0", lambda: gcp_hub(spoke_projects=["x leak"])),
    ("AwsArgoCdSpokeRoleArgs.hub_role_arn", lambda: aws_spoke(hub_role_arn="*")),
    ("AwsArgoCdSpokeRoleArgs.hub_role_arn", lambda: aws_spoke(hub_role_arn="arn:aws:iam::123456789012:root")),
    ("AwsArgoCdSpokeRoleArgs.hub_kind", lambda: aws_spoke(hub_kind=IdentityKind.GKE_PRINCIPAL)),
    ("AwsArgoCdSpokeRoleArgs.group", lambda: aws_spoke(group="system:masters")),
]


@pytest.mark.parametrize(("field", "make"), IMPOSSIBLE)
def test_impossible_arguments(field: str, make: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as error:
        make()
    assert error.value.field == field
    assert "x-leak" not in str(error.value)


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def recorded(component: str, **changes: Any) -> Recording:
    return run(lambda: getattr(components, component)("it", samples_argocd.ARGUMENTS[component](**changes)))


@pytest.mark.parametrize(
    ("component", "changes"),
    [*((one, {}) for one in samples_argocd.ARGUMENTS), *samples_argocd.POD_IDENTITY.items()],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_what_is_created(component: str, changes: Mapping[str, Any], snapshot: SnapshotAssertion) -> None:
    assert {
        one.name: {"token": one.token, "parent": one.parent.rpartition("::")[2], "inputs": one.inputs}
        for one in recorded(component, **changes).resources.values()
        if one.name.startswith("it-")
    } == snapshot


def test_hub_spoke_and_rbac_fit_together_without_retyping() -> None:
    def program() -> None:
        hub = AwsArgoCdHubRole("hub", aws_hub())
        spoke = AwsArgoCdSpokeRole("spoke", aws_spoke(hub_role_arn=hub.role_arn))
        config = argocd_eks_config(cluster_name="prod", role_arn=spoke.role_arn, ca_data="Q0E=")
        clusters = {"prod": ArgoCluster(server="https://eks.example.com", config=config, namespaces=["apps"])}
        ArgoCdSecrets("argocd", ArgoCdSecretsArgs(namespace="argocd", store_name="prod", clusters=clusters))
        ArgoCdSpoke("rbac", ArgoCdSpokeArgs(subject_kind="Group", subject_name=spoke.group, namespaces=["apps"]))

    recording = run(program)
    (statement,) = json.loads(recording.named("spoke-role").inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"AWS": samples_argocd.AWS_HUB}
    assert recording.needs(recording.named("spoke-role"), recording.named("hub-role")), "IAM refuses unknown principals"
    entry = recording.named("spoke-access").inputs
    assert entry["principalArn"] == samples_argocd.AWS_SPOKE
    assert json.loads(recording.named("hub-policy").inputs["policy"])["Statement"][0]["Resource"] == [
        entry["principalArn"]
    ]
    told = json.loads(plain_data(recording, "argocd-cluster-prod")["config"])
    assert told["awsAuthConfig"] == {"clusterName": entry["clusterName"], "roleARN": entry["principalArn"]}
    (subject,) = recording.named("rbac-apps-binding").inputs["subjects"]
    assert [subject["name"]] == entry["kubernetesGroups"]


def test_azure_gives_the_identity_no_role_and_makes_one_credential_after_the_other() -> None:
    recording = recorded("AzureArgoCdHubIdentity")
    assert recording.of("azure-native:authorization:RoleAssignment") == []
    made = recording.of("azure-native:managedidentity:FederatedIdentityCredential")
    assert len(made) == 3
    for earlier, later in pairwise(made):
        assert recording.needs(later, earlier)


def test_azures_object_id_and_googles_address_are_the_users_in_rbac() -> None:
    def program() -> None:
        azure = AzureArgoCdHubIdentity("azure", azure_hub())
        google = GcpArgoCdHubAccount("google", gcp_hub())
        for name, who in (("in-aks", azure.principal_id), ("in-gke", google.email)):
            ArgoCdSpoke(name, ArgoCdSpokeArgs(subject_kind="User", subject_name=who, namespaces=["apps"]))

    recording = run(program)
    named = [recording.named(f"{one}-apps-binding").inputs["subjects"][0]["name"] for one in ("in-aks", "in-gke")]
    assert named == [
        "principal-of-azure-identity",
        f"platform-prod-argo@{samples_gcp.PROJECT}.iam.gserviceaccount.com",
    ]


def test_a_token_is_asked_for_by_an_annotation_and_an_association_is_enough_without() -> None:
    made: list[AwsArgoCdHubRole] = []

    def program() -> None:
        made.extend([AwsArgoCdHubRole("a", aws_hub()), AwsArgoCdHubRole("b", aws_hub(kind=IdentityKind.POD_IDENTITY))])

    run(program)
    assert [list(one.annotations) for one in made] == [["eks.amazonaws.com/role-arn"], []]


@pytest.mark.parametrize("component", samples_argocd.ARGUMENTS)
def test_no_credential_is_in_what_the_engine_is_told(component: str) -> None:
    recording = recorded(component)
    text = json.dumps([(one.token, one.inputs, one.outputs) for one in recording.resources.values()])
    assert recording.resources
    assert not any(
        word in text for word in ("(secret)", "core/v1:Secret", "accessKey", "ServiceAccountKey", "password")
    )
