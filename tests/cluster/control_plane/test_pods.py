"""The node runs the operator as its chart declares it: with its own token and nothing else."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import jwt
import psutil
import pytest
import yaml

from bootstrap.localcloud.aws.client import LocalAws
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.toolchain.folders import tools_dir
from components.aws.names import OPERATOR_ROLE
from components.aws.statements import to_json
from components.aws.trust import pod_identity_trust
from components.contracts import OPERATOR_ACCOUNT, IdentityKind, IdentityRef
from components.kubernetes import operator
from components.kubernetes.operator_rbac import CLUSTER_RULES, NAMESPACE_RULES
from tests.cluster.control_plane.helpers import Encryption, process_of
from tests.local_stack import eventually

HOME = OPERATOR_ACCOUNT.namespace
PODS = f"/api/v1/namespaces/{HOME}/pods"
DEPLOYMENT = f"/apis/apps/v1/namespaces/{HOME}/deployments/external-secrets"
RBAC = "rbac.authorization.k8s.io"


@pytest.fixture(scope="module")
def released(
    plane: ControlPlane, api: httpx2.Client, aws: LocalAws, deployer: Any, encryption: Encryption, tmp_path_factory: Any
) -> Iterator[None]:
    """The operator, installed in the order of `components.kubernetes.operator`."""
    names, folder = encryption.names, tmp_path_factory.mktemp("values")
    trust = pod_identity_trust(
        cluster_arn=names.cluster_arn("prod"), namespace=HOME, service_account=OPERATOR_ACCOUNT.name
    )
    role = deployer("iam").create_role(
        RoleName=names.role_name(OPERATOR_ROLE),
        AssumeRolePolicyDocument=to_json(trust),
        Tags=[{"Key": key, "Value": value} for key, value in names.tags().items()],
    )
    deployer("eks").create_pod_identity_association(
        clusterName="prod",
        namespace=HOME,
        serviceAccount=OPERATOR_ACCOUNT.name,
        roleArn=role["Role"]["Arn"],
        tags=names.tags(),
    )
    for namespace in (HOME, "apps"):
        api.post("/api/v1/namespaces", json={"metadata": {"name": namespace}}).raise_for_status()
    helm(plane, folder, "external-secrets-crds", operator._definition_values())
    grant(api, "ClusterRole", "", CLUSTER_RULES)
    grant(api, "Role", "namespaces/apps/", NAMESPACE_RULES)
    arguments = operator.ExternalSecretsOperatorArgs(
        identity=IdentityRef(
            kind=IdentityKind.POD_IDENTITY,
            principal=role["Role"]["Arn"],
            service_account=OPERATOR_ACCOUNT,
            backends=frozenset({"aws"}),
        ),
        namespaces={"apps": None},
        webhook=False,
        environment={
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REGION": names.region,
            "AWS_SECRETSMANAGER_ENDPOINT": aws.endpoint,
            "AWS_STS_ENDPOINT": aws.endpoint,
        },
    )
    helm(plane, folder, "external-secrets", operator._controller_values(arguments))
    yield
    for release in ("external-secrets", "external-secrets-crds"):
        run_helm(plane, "uninstall", release, "--namespace", HOME, "--wait")
    # The cluster is every module's.
    for kind in ("clusterroles", "clusterrolebindings"):
        api.delete(f"/apis/{RBAC}/v1/{kind}/external-secrets").raise_for_status()
    for namespace in (HOME, "apps"):
        api.delete(f"/api/v1/namespaces/{namespace}").raise_for_status()
        eventually(60)(lambda gone=namespace: _require_gone(api, gone))()


def _require_gone(api: httpx2.Client, namespace: str) -> None:
    assert api.get(f"/api/v1/namespaces/{namespace}").status_code == 404


def helm(plane: ControlPlane, folder: Path, release: str, values: Mapping[str, Any]) -> None:
    file = folder / f"{release}.yaml"
    file.write_text(yaml.safe_dump(json.loads(json.dumps(values))))
    chart = str(tools_dir() / "charts" / "external-secrets")
    run_helm(plane, "install", release, chart, "--namespace", HOME, "--values", str(file), "--wait", "--timeout", "60s")


def run_helm(plane: ControlPlane, *arguments: str) -> None:
    command = [str(tools_dir() / "helm"), *arguments, "--kubeconfig", str(plane.kubeconfig)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def grant(api: httpx2.Client, kind: str, where: str, rules: Any) -> None:
    """A role and its binding to the operator's service account."""
    name = {"name": "external-secrets"}
    plural = f"{kind.lower()}s"
    role = {"metadata": name, "rules": list(rules)}
    account = {"kind": "ServiceAccount", "name": OPERATOR_ACCOUNT.name, "namespace": HOME}
    reference = {"apiGroup": RBAC, "kind": kind, "name": "external-secrets"}
    binding = {"metadata": name, "roleRef": reference, "subjects": [account]}
    api.post(f"/apis/{RBAC}/v1/{where}{plural}", json=role).raise_for_status()
    api.post(f"/apis/{RBAC}/v1/{where}{plural.removesuffix('s')}bindings", json=binding).raise_for_status()


def the_pod(api: httpx2.Client) -> dict[str, Any]:
    pods = api.get(PODS).raise_for_status().json()["items"]
    lasting = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    assert len(lasting) == 1
    return lasting[0]


@eventually(15)
def operator_process(plane: ControlPlane) -> psutil.Process:
    process = process_of(plane, "external-secrets")
    assert process is not None
    return process


@eventually(20)
def is_available(api: httpx2.Client) -> None:
    assert api.get(DEPLOYMENT).json()["status"].get("availableReplicas") == 1


def test_the_operator_becomes_available(released: None, plane: ControlPlane, api: httpx2.Client) -> None:
    is_available(api)
    status = the_pod(api)["status"]
    assert status["phase"] == "Running"
    assert {one["type"]: one["status"] for one in status["conditions"]}["Ready"] == "True"
    assert status["containerStatuses"][0]["restartCount"] == 0
    assert operator_process(plane).exe() == str((tools_dir() / "external-secrets").resolve())


def test_the_operator_has_its_own_tokens_and_no_other_credential(released: None, plane: ControlPlane) -> None:
    process = operator_process(plane)
    variables = process.environ()
    assert set(variables) == {
        "PATH",
        "HOME",
        "TMPDIR",
        "HOSTNAME",
        "KUBECONFIG",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_STS_REGIONAL_ENDPOINTS",
        "AWS_SECRETSMANAGER_ENDPOINT",
        "AWS_STS_ENDPOINT",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    }
    [user] = yaml.safe_load(Path(variables["KUBECONFIG"]).read_text())["users"]
    assert set(user["user"]) == {"tokenFile"}
    claims = unverified(user["user"]["tokenFile"])
    assert claims["sub"] == f"system:serviceaccount:{HOME}:{OPERATOR_ACCOUNT.name}"
    assert claims["kubernetes.io"]["pod"]["name"] == variables["HOSTNAME"]
    assert claims["exp"] - claims["iat"] <= 3607
    claims = unverified(variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])
    assert claims["aud"] == ["pods.eks.amazonaws.com"]
    assert claims["iss"] == plane.issuer_url
    assert {one.laddr.ip for one in process.net_connections("inet") if one.status == "LISTEN"} == {"127.0.0.1"}


def unverified(token_file: str) -> dict[str, Any]:
    return jwt.decode(Path(token_file).read_text(), options={"verify_signature": False})


def test_a_killed_operator_is_started_again(released: None, plane: ControlPlane, api: httpx2.Client) -> None:
    before = operator_process(plane)
    before.kill()

    @eventually(15)
    def it_is_back() -> None:
        process = process_of(plane, "external-secrets")
        assert process is not None
        assert process.pid != before.pid
        assert the_pod(api)["status"]["containerStatuses"][0]["restartCount"] == 1
        recorded = json.loads((plane.directory / "pods.json").read_text())
        assert process.pid in [pod["pid"] for name, pod in recorded.items() if "external-secrets" in name]

    it_is_back()
    is_available(api)


def test_a_killed_node_leaves_the_operator_running(released: None, plane: ControlPlane, api: httpx2.Client) -> None:
    node, before = process_of(plane, "node"), operator_process(plane)
    assert node is not None
    node.kill()
    assert plane.ensure() == ["node"]
    assert operator_process(plane) == before
    before.kill()

    @eventually(15)
    def the_new_node_looks_after_it() -> None:
        process = process_of(plane, "external-secrets")
        assert process is not None
        assert process.pid != before.pid

    the_new_node_looks_after_it()


def test_a_pod_deleted_while_the_node_was_dead_ends(released: None, plane: ControlPlane, api: httpx2.Client) -> None:
    node, before, pod = process_of(plane, "node"), operator_process(plane), the_pod(api)
    assert node is not None
    node.kill()
    # Without grace the API server forgets the pod at once: only the record on disk still names its process.
    body = {"gracePeriodSeconds": 0}
    api.request("DELETE", f"{PODS}/{pod['metadata']['name']}", json=body).raise_for_status()
    assert plane.ensure() == ["node"]

    @eventually(20)
    def only_the_new_one_runs() -> None:
        assert not before.is_running() or before.status() == psutil.STATUS_ZOMBIE
        assert the_pod(api)["metadata"]["uid"] != pod["metadata"]["uid"]

    only_the_new_one_runs()
    is_available(api)


def test_a_deleted_pod_ends_and_is_replaced(released: None, plane: ControlPlane, api: httpx2.Client) -> None:
    before, pod = operator_process(plane), the_pod(api)
    api.delete(f"{PODS}/{pod['metadata']['name']}").raise_for_status()

    @eventually(20)
    def it_is_replaced() -> None:
        assert api.get(f"{PODS}/{pod['metadata']['name']}").status_code == 404
        assert not before.is_running() or before.status() == psutil.STATUS_ZOMBIE
        assert the_pod(api)["metadata"]["uid"] != pod["metadata"]["uid"]

    it_is_replaced()
    is_available(api)
    folders = [folder.name for folder in (plane.directory / "pods").iterdir() if pod["metadata"]["name"] in folder.name]
    assert folders == []


@pytest.mark.parametrize(
    ("container", "reason", "message"),
    [
        ({"image": "nginx:1"}, "ErrImagePull", "nginx:1"),
        ({"image": "x/external-secrets:1", "command": ["/bin/sh"]}, "ErrImagePull", "/bin/sh"),
        (
            {"image": "x/external-secrets:1", "envFrom": [{"configMapRef": {"name": "settings"}}]},
            "CreateContainerConfigError",
            "envFrom",
        ),
    ],
)
def test_what_cannot_run_here_says_so(
    plane: ControlPlane, api: httpx2.Client, container: dict[str, Any], reason: str, message: str
) -> None:
    pods = "/api/v1/namespaces/default/pods"
    pod = {"metadata": {"name": "stranger"}, "spec": {"containers": [{"name": "main", **container}]}}
    api.post(pods, json=pod).raise_for_status()
    try:

        @eventually(15)
        def it_says_so() -> None:
            status = api.get(f"{pods}/stranger").json()["status"]
            assert status["phase"] == "Pending"
            statuses = status.get("containerStatuses")
            assert statuses
            waiting = statuses[0]["state"]["waiting"]
            assert waiting["reason"] == reason
            assert message in waiting["message"]

        it_says_so()
    finally:
        api.delete(f"{pods}/stranger").raise_for_status()

    @eventually(15)
    def it_is_gone() -> None:
        assert api.get(f"{pods}/stranger").status_code == 404

    it_is_gone()
