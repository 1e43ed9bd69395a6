"""Who may do what on Google Cloud: every grant is on one key, one secret or one service account, and no wider."""

import inspect
import re
from types import ModuleType

import pulumi_gcp as gcp
import pytest

from components.gcp import roles
from tests.fast.components import samples_gcp
from tests.fast.components.mock_engine import Recording
from tests.fast.components.test_golden import run_stack

KEY_GRANT = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
SECRET_GRANT = "gcp:secretmanager/secretIamMember:SecretIamMember"
ACCOUNT_GRANT = "gcp:serviceaccount/iAMMember:IAMMember"
PROJECT_GRANT = "gcp:projects/iAMMember:IAMMember"
NAMES = samples_gcp.NAMES
PRINCIPAL = NAMES.principal(samples_gcp.OPERATOR)
OPERATORS = {
    "gkePrincipal": PRINCIPAL,
    "gkeServiceAccount": "serviceAccount:platform-prod-eso@example-prod.iam.gserviceaccount.com",
}


def secret(name: str) -> str:
    return NAMES.secret_resource(NAMES.secret_name(name))


def granted(recording: Recording, token: str, place: str) -> set[tuple[str, str, str]]:
    return {(one.inputs["member"], one.inputs["role"], one.inputs[place]) for one in recording.of(token)}


@pytest.fixture(scope="module", params=samples_gcp.IDENTITIES)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def recording(kind: str) -> Recording:
    return run_stack("gke", "platform", {"prod": samples_gcp.environment(identity={"kind": kind})})


def test_grants_on_secrets_are_exactly_these(recording: Recording, kind: str) -> None:
    operator, writer, deployer = OPERATORS[kind], samples_gcp.WRITER, samples_gcp.DEPLOYER
    assert granted(recording, SECRET_GRANT, "secretId") == {
        *((operator, roles.SECRET_ACCESSOR, secret(one)) for one in ("canary", "database", "tenants/acme")),
        (operator, roles.SECRET_ACCESSOR, secret("argocd/platform")),
        (operator, roles.SECRET_VIEWER, secret("canary")),
        (operator, roles.SECRET_VERSION_ADDER, secret("canary")),
        (writer, roles.SECRET_VERSION_ADDER, secret("database")),
        (writer, roles.SECRET_VERSION_ADDER, secret("tenants/acme")),
        (deployer, roles.SECRET_VERSION_MANAGER, secret("argocd/platform")),
        (deployer, roles.SECRET_ACCESSOR, secret("argocd/platform")),
    }


def test_grants_on_keys_are_exactly_these(recording: Recording) -> None:
    ring = "projects/example-prod/locations/europe-west1/keyRings/platform-prod/cryptoKeys"
    admin = samples_gcp.ADMINISTRATOR
    assert granted(recording, KEY_GRANT, "cryptoKeyId") == {
        *((admin, roles.KEY_ADMIN, f"{ring}/{role}") for role in ("secrets", "etcd", "tenants")),
        (NAMES.secret_manager_agent, roles.ENCRYPTER_DECRYPTER, f"{ring}/secrets"),
        (NAMES.secret_manager_agent, roles.ENCRYPTER_DECRYPTER, f"{ring}/tenants"),
        (NAMES.gke_agent, roles.ENCRYPTER_DECRYPTER, f"{ring}/etcd"),
    }


def test_exactly_one_kubernetes_service_account_may_impersonate(recording: Recording, kind: str) -> None:
    impersonators = granted(recording, ACCOUNT_GRANT, "serviceAccountId")
    email = OPERATORS["gkeServiceAccount"].removeprefix("serviceAccount:")
    member = NAMES.workload_member(samples_gcp.OPERATOR)
    wanted = {(member, roles.WORKLOAD_IDENTITY_USER, f"projects/example-prod/serviceAccounts/{email}")}
    assert impersonators == (wanted if kind == "gkeServiceAccount" else set())


def test_nothing_is_granted_on_the_project_but_logs_and_metrics_for_nodes(recording: Recording) -> None:
    nodes = "serviceAccount:platform-prod-nodes@example-prod.iam.gserviceaccount.com"
    assert granted(recording, PROJECT_GRANT, "project") == {(nodes, roles.NODE, "example-prod")}
    grants = [one.token for one in recording.resources.values() if "role" in one.inputs]
    assert set(grants) <= {KEY_GRANT, SECRET_GRANT, ACCOUNT_GRANT, PROJECT_GRANT}


def test_only_impersonation_has_the_annotation(recording: Recording, kind: str) -> None:
    """With it the operator would try to become that service account (external-secrets v0.20.4)."""
    values = recording.named("prod-bootstrap-operator-controller").inputs["values"]
    annotations = values["serviceAccount"].get("annotations") or {}
    email = OPERATORS["gkeServiceAccount"].removeprefix("serviceAccount:")
    assert annotations == ({"iam.gke.io/gcp-service-account": email} if kind == "gkeServiceAccount" else {})


def test_the_operator_mints_tokens_of_its_own_account_alone(recording: Recording) -> None:
    (rule,) = recording.named("prod-bootstrap-operator-token").inputs["rules"]
    assert (rule["resources"], rule["resourceNames"]) == (["serviceaccounts/token"], ["external-secrets"])


def test_only_the_canary_is_the_operators_to_fill(recording: Recording) -> None:
    """external-secrets writes nothing without this label."""
    labelled = {
        one.inputs["secretId"]
        for one in recording.of("gcp:secretmanager/secret:Secret")
        if one.inputs["labels"].get("managed-by") == "external-secrets"
    }
    assert labelled == {"platform--prod--canary"}
    canary = recording.named("prod-foundation-secrets-canary")
    assert "annotations" not in canary.inputs  # a PushSecret without them would want to remove them
    push = recording.named("prod-bootstrap-first-sync-push").inputs["spec"]
    assert push["updatePolicy"] == "Replace"
    assert push["data"][0]["metadata"]["spec"] == {"mergePolicy": "Merge"}


# What the typed SDK says about values that its types do not tell apart, and about the roles that it mentions.
TOLD: list[tuple[ModuleType, list[str]]] = [
    (gcp.kms.crypto_key, ["ENCRYPT_DECRYPT"]),
    (gcp.kms.key_ring_iam_binding, [roles.KEY_ADMIN]),
    (gcp.secretmanager.secret, ["@gcp-sa-secretmanager.iam.gserviceaccount.com", roles.ENCRYPTER_DECRYPTER]),
    (gcp.secretmanager.secret_iam_member, [roles.SECRET_ACCESSOR]),
    (gcp.projects._inputs, ["`DATA_READ`, `DATA_WRITE`, or `ADMIN_READ`"]),
    (gcp.container._inputs, ["`ENCRYPTED` or `DECRYPTED`", "GKE_METADATA: ", "disable-legacy-endpoints"]),
    (gcp.container._inputs, [f"* {channel}: " for channel in ("RAPID", "REGULAR", "STABLE", "EXTENDED")]),
    (gcp.container.cluster, ["`VPC_NATIVE`"]),
]


@pytest.mark.parametrize(("module", "words"), TOLD, ids=[f"{one.__name__}={words[0]}" for one, words in TOLD])
def test_the_sdk_knows_these_words(module: ModuleType, words: list[str]) -> None:
    text = re.sub(r"\s+", " ", inspect.getsource(module))
    for word in words:
        assert word in text, word
