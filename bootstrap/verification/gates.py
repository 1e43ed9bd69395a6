"""Each gate asks the program that decides (the manager, etcd, the API server) and returns its evidence."""

import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from typing import Any

from bootstrap.verification.credentials import find_credentials
from bootstrap.verification.environment import Claim, EnvironmentView, GateError, RefusedError
from bootstrap.verification.report import Gate

ARGOCD_LABEL = "argocd.argoproj.io/secret-type"


def check(environments: Sequence[EnvironmentView], state: str, own_secrets: Sequence[str]) -> list[Gate]:
    """Run every gate. `state` is the exported Pulumi state; `own_secrets` are values of the harness."""
    gates: list[Gate] = []
    for view in environments:
        others = [other for other in environments if other.name != view.name]
        claims: list[Claim] = [
            ("keys enabled and rotating", view.keys_rotate),
            ("etcd holds ciphertext of the environment's key", lambda view=view: etcd_is_encrypted(view)),
            ("workload identity bound", view.identity_is_bound),
            ("store Ready", lambda view=view: store_is_ready(view)),
            ("first secret synced, equal to the manager's", lambda view=view: first_secret_is_synced(view)),
            (
                "no credential in manifests, operator or state",
                lambda view=view: nothing_leaks(view, state, own_secrets),
            ),
        ]
        if "argocd" in view.references:
            claims.append(("Argo CD repository secret present", lambda view=view: argocd_repository_is_present(view)))
        claims += [
            (
                f"refused the secrets of {other.name}, allowed its own",
                lambda view=view, other=other: is_isolated(view, other),
            )
            for other in others
        ]
        claims += view.own_claims()
        gates += [_run(view, claim, gate) for claim, gate in claims]
    return gates


def _run(view: EnvironmentView, claim: str, gate: Callable[[], str]) -> Gate:
    started = time.monotonic()
    try:
        passed, evidence = True, gate()
    except GateError as error:
        passed, evidence = False, str(error)
    except Exception as error:  # not checked is not passed; the error's text could hold a value
        passed, evidence = False, f"could not be checked: {type(error).__name__} {view.explain(error)}".rstrip()
    return Gate(
        environment=view.name, claim=claim, passed=passed, evidence=evidence, seconds=time.monotonic() - started
    )


def etcd_is_encrypted(view: EnvironmentView) -> str:
    canary = view.references["canary"]
    raw = view.raw_etcd_value(canary["namespace"], canary["name"])
    prefix = f"k8s:enc:kms:v2:{view.references['encryptionProviderName']}:".encode()
    if not raw.startswith(prefix):
        raise GateError("the raw etcd value does not begin with the KMS v2 prefix of the environment's provider")
    used = view.etcd_key_is_used(raw)
    if any(value in raw for value in view.secret_data(canary["namespace"], canary["name"]).values()):
        raise GateError("the raw etcd value contains the plaintext")
    return f"raw value begins {prefix.decode()}; {used}"


def store_is_ready(view: EnvironmentView) -> str:
    name = view.references["storeName"]
    condition = _condition(view.custom_resource("clustersecretstores", name), "Ready")
    if condition.get("status") != "True":
        raise GateError(f"ClusterSecretStore {name}: {condition.get('reason', 'no condition yet')}")
    return f"ClusterSecretStore {name}: {condition.get('reason')}"


def first_secret_is_synced(view: EnvironmentView) -> str:
    canary = view.references["canary"]
    condition = _condition(view.custom_resource("externalsecrets", canary["name"], canary["namespace"]), "Ready")
    if (condition.get("status"), condition.get("reason")) != ("True", "SecretSynced"):
        raise GateError(f"ExternalSecret {canary['name']}: {condition.get('reason', 'no condition yet')}")
    values = view.secret_data(canary["namespace"], canary["name"])
    manager = view.read_secret(view.canary_address)
    digests = {hashlib.sha256(value).digest() for value in values.values()}
    if len(digests) != 1 or not hmac.compare_digest(digests.pop(), hashlib.sha256(manager).digest()):
        raise GateError("the synced value is not the manager's")
    return "SecretSynced; SHA-256 of both values is equal"


def is_isolated(view: EnvironmentView, other: EnvironmentView) -> str:
    """The refusal counts only beside the rightful read by the same identity and the other's by its own."""
    for owner in (view, other):
        owner.read_secret(owner.canary_address)
    target = other.canary_address
    try:
        view.read_secret(target)
    except RefusedError as refusal:
        return f"{target}: {refusal}; own secret: allowed; {other.name}'s own identity: allowed"
    raise GateError(f"the identity of {view.name} read {target}")


def argocd_repository_is_present(view: EnvironmentView) -> str:
    from cryptography.hazmat.primitives import serialization

    namespace, name = view.references["argocd"]["namespace"], view.references["argocd"]["repositorySecret"]
    secret = view.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
    label = (secret["metadata"].get("labels") or {}).get(ARGOCD_LABEL)
    if label != "repository":
        raise GateError(f"label {ARGOCD_LABEL} of {namespace}/{name} is {label}")
    data = view.secret_data(namespace, name)
    missing = {"type", "url", "sshPrivateKey"} - data.keys()
    if missing:
        raise GateError(f"{namespace}/{name} lacks {', '.join(sorted(missing))}")
    public = serialization.load_ssh_private_key(data["sshPrivateKey"], password=None).public_key()
    text = public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    if text.split()[:2] != str(view.references["deployPublicKey"]).split()[:2]:
        raise GateError(f"the private key of {namespace}/{name} does not belong to the published deploy key")
    return f"{namespace}/{name}: labelled, its key pair matches the published deploy key"


def nothing_leaks(view: EnvironmentView, state: str, own_secrets: Sequence[str]) -> str:
    canary, argocd = view.references["canary"], view.references.get("argocd")
    values = [
        *own_secrets,
        *(value.decode() for value in view.secret_data(canary["namespace"], canary["name"]).values()),
    ]
    if argocd is not None:
        values.append(view.secret_data(argocd["namespace"], argocd["repositorySecret"])["sshPrivateKey"].decode())
    operators = view.operator_environments()
    if not operators:
        raise GateError("no operator process was found to look into")
    places = {
        "Pulumi state": state,
        "Kubernetes objects": "\n".join(content.decode() for _, content in view.objects_that_are_not_secrets()),
        "operator environment": "\n".join(f"{k}={v}" for variables in operators for k, v in variables.items()),
    }
    for place, text in places.items():
        found = find_credentials(text, values)
        if found:
            raise GateError(f"{place}: {', '.join(found)}")
    return f"searched {', '.join(places)}"


def _condition(resource: dict[str, Any], kind: str) -> dict[str, Any]:
    conditions = resource.get("status", {}).get("conditions", [])
    return next((condition for condition in conditions if condition["type"] == kind), {})
