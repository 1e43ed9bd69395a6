"""Google Cloud, recorded: the rules of the resource types that this project uses.

Sources: the API references of Cloud KMS, Secret Manager, IAM, Cloud Logging and GKE; Secret Manager, "Enable CMEK" (a
key in each replica's location, `global` for automatic replication); GKE, "Encrypt secrets at the application layer".
"""

import base64
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from bootstrap.providers.properties import Properties
from bootstrap.providers.recorded.provider import RecordedProvider
from bootstrap.providers.recorded.records import Left
from bootstrap.providers.recorded.rules import GRANT_SECONDS, Asked, Path, Refusals, Rules, all_of, never, there
from bootstrap.providers.resource import ProviderError

_PROJECT_NUMBER = "123456789012"  # of every project: nobody can look one up here

RING, KEY = "gcp:kms/keyRing:KeyRing", "gcp:kms/cryptoKey:CryptoKey"
KEY_MEMBER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
SECRET, VERSION = "gcp:secretmanager/secret:Secret", "gcp:secretmanager/secretVersion:SecretVersion"
SECRET_MEMBER = "gcp:secretmanager/secretIamMember:SecretIamMember"  # noqa: S105
PROJECT_MEMBER = "gcp:projects/iAMMember:IAMMember"
ACCOUNT, ACCOUNT_MEMBER = "gcp:serviceaccount/account:Account", "gcp:serviceaccount/iAMMember:IAMMember"
AGENT, AUDIT = "gcp:projects/serviceIdentity:ServiceIdentity", "gcp:projects/iAMAuditConfig:IAMAuditConfig"
BUCKET, SINK = "gcp:logging/projectBucketConfig:ProjectBucketConfig", "gcp:logging/projectSink:ProjectSink"
CLUSTER, NODES = "gcp:container/cluster:Cluster", "gcp:container/nodePool:NodePool"

_ENCRYPTER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
_SECRET_MANAGER, _GKE = "gcp-sa-secretmanager", "container-engine-robot"
_AGENTS = {"secretmanager.googleapis.com": _SECRET_MANAGER, "container.googleapis.com": _GKE}


def _project(asked: Asked) -> str:
    project = asked.get("project") or asked.config.get("project")
    if not project:
        raise ProviderError("no project: set it on the resource or on the provider")
    return project


def _path(form: str) -> Path:
    """An id such as `projects/{project}/secrets/{secretId}`, made of the inputs."""
    return lambda asked: form.format_map(
        {"project": _project(asked), **asked.inputs} if "{project}" in form else asked.inputs
    )


# Deletions. What protects is read from the state, so an update must change it first, as with the official provider.


def _delete(asked: Asked) -> Left:
    if asked.get("deletionProtection"):
        raise ProviderError("it is protected: set deletionProtection to false and update it before it is deleted")
    if asked.get("deletionPolicy") == "PREVENT":
        raise ProviderError("it is protected: set deletionPolicy to DELETE and update it before it is deleted")
    return "object" if asked.get("deletionPolicy") == "ABANDON" else "nothing"


def _delete_cluster(asked: Asked) -> Left:
    if asked.get("deletionProtection") is None:
        raise ProviderError("it is protected, as nothing else is said: set deletionProtection to false and update it")
    return _delete(asked)


def _keep(asked: Asked) -> Left:
    """Rings and keys of KMS and service agents are never deleted."""
    _delete(asked)
    return "object"


# What must be there before


def _member(asked: Asked) -> Iterator[str]:
    """Service agents and identity pools must exist before a policy can name them. Other members are given."""
    member: str = asked.inputs["member"]
    pool = re.search(r"[a-z0-9-]+\.svc\.id\.goog", member)
    account = re.fullmatch(r"serviceAccount:(.+@(gcp-sa-.+|container-engine-robot)\.iam\.gserviceaccount\.com)", member)
    if pool:
        # Seen as "Identity Pool does not exist" in terraform-google-kubernetes-engine issue 916, of the form
        # `serviceAccount:`; that `principal://` is checked alike is an assumption.
        if pool[0] not in {
            one.get("workloadIdentityConfig", {}).get("workloadPool") for _, one in _all(asked, CLUSTER)
        }:
            yield f"400: the identity pool {pool[0]} does not exist before a cluster that uses it"
    elif account and not any(f"@{account[2]}." in agent["email"] for _, agent in _all(asked, AGENT)):
        yield f"400: the service agent {account[1]} does not exist before its ServiceIdentity"


def _all(asked: Asked, token: str) -> Iterator[tuple[str, Properties]]:
    return asked.objects.of(token)


def _usable(asked: Asked, key: str, location: str, agent: str) -> Iterator[str]:
    """A service uses a key of its own location that its agent was granted before."""
    if asked.objects.find(KEY, key) is None:
        yield f"404: key {key} does not exist"
    elif key.split("/")[3] != location:
        yield f"400: key {key} is not in {location}"
    elif not any(
        grant["cryptoKeyId"] == key and grant["role"] == _ENCRYPTER and f"@{agent}.iam" in grant["member"]
        for _, grant in _all(asked, KEY_MEMBER)
    ):
        yield f"403: the service agent @{agent} has no {_ENCRYPTER} on {key}"


def _secret_keys(asked: Asked) -> Iterator[str]:
    replicas: list[Any] = asked.get("replication.userManaged.replicas") or []
    for place in [{"location": "global", **(asked.get("replication.auto") or {})}, *replicas]:
        key = (place.get("customerManagedEncryption") or {}).get("kmsKeyName")
        if key:
            yield from _usable(asked, key, place["location"], _SECRET_MANAGER)


def _cluster_key(asked: Asked) -> Iterator[str]:
    if asked.get("databaseEncryption.state") == "ENCRYPTED":
        region = "-".join(asked.inputs["location"].split("-")[:2])  # of a zone
        yield from _usable(asked, asked.get("databaseEncryption.keyName") or "", region, _GKE)


# Outputs


def _account_outputs(asked: Asked, id_: str) -> Properties:
    email = id_.rsplit("/", 1)[-1]
    return {
        "email": email,
        "member": f"serviceAccount:{email}",
        "name": id_,
        "project": _project(asked),
        "uniqueId": str(uuid4().int)[:21],
    }


def _agent_outputs(asked: Asked, _id: str) -> Properties:
    service: str = asked.inputs["service"]
    domain = _AGENTS.get(service, f"gcp-sa-{service.split('.', maxsplit=1)[0]}")
    email = f"service-{_PROJECT_NUMBER}@{domain}.iam.gserviceaccount.com"
    return {"email": email, "member": f"serviceAccount:{email}", "project": _project(asked)}


def _cluster_outputs(asked: Asked, id_: str) -> Properties:
    return {
        # An address for documentation, where nothing answers, and a certificate that is none.
        "endpoint": "192.0.2.1",
        "masterAuth": {"clusterCaCertificate": base64.b64encode(b"recorded").decode()},
        "masterVersion": asked.get("minMasterVersion") or "1.36.0-gke.1",
        "selfLink": f"https://container.googleapis.com/v1/{id_}",
        "project": _project(asked),
    }


def _in_project(asked: Asked, _id: str) -> Properties:
    return {"project": _project(asked)}


def _version_path(asked: Asked) -> str:
    taken = sum(1 for _, version in _all(asked, VERSION) if version["secret"] == asked.inputs["secret"])
    return f"{asked.inputs['secret']}/versions/{taken + 1}"


def _member_of(target: str, exists: Refusals = never) -> Rules:
    """A member of the policy of what input `target` names. To add one that is there already is no error."""
    return Rules(
        id=_path(f"{{{target}}}/{{role}}/{{member}}"),
        outputs=lambda _asked, _id: {"etag": uuid4().hex},
        replaces=(target, "role", "member", "project", "condition"),
        refuses=all_of(exists, _member),
        shared=True,
        seconds=GRANT_SECONDS,
    )


def _secret_path(asked: Asked) -> str:
    secret: str = asked.inputs["secretId"]
    return secret if "/" in secret else f"projects/{_project(asked)}/secrets/{secret}"


def _cluster_path(asked: Asked) -> str:
    cluster: str = asked.inputs["cluster"]
    return cluster if "/" in cluster else _path("projects/{project}/locations/{location}/clusters/{cluster}")(asked)


RULES = {
    RING: Rules(
        id=_path("projects/{project}/locations/{location}/keyRings/{name}"),
        outputs=_in_project,
        required=("name",),
        replaces=("name", "location", "project"),
        delete=_keep,
    ),
    KEY: Rules(
        id=_path("{keyRing}/cryptoKeys/{name}"),
        outputs=lambda _asked, id_: {"primaries": [{"name": f"{id_}/cryptoKeyVersions/1", "state": "ENABLED"}]},
        required=("name",),
        replaces=("name", "keyRing", "purpose", "destroyScheduledDuration", "importOnly"),
        refuses=there("key ring", RING, _path("{keyRing}")),
        delete=_keep,
    ),
    KEY_MEMBER: _member_of("cryptoKeyId", there("key", KEY, _path("{cryptoKeyId}"))),
    SECRET: Rules(
        id=_path("projects/{project}/secrets/{secretId}"),
        outputs=lambda asked, _id: {
            "name": f"projects/{_PROJECT_NUMBER}/secrets/{asked.inputs['secretId']}",
            "project": _project(asked),
        },
        required=("secretId",),
        replaces=("secretId", "project", "replication.auto", "replication.userManaged.replicas"),
        refuses=_secret_keys,
        delete=_delete,
    ),
    SECRET_MEMBER: _member_of("secretId", there("secret", SECRET, _secret_path)),
    VERSION: Rules(
        id=_version_path,
        outputs=lambda _asked, id_: {"name": id_, "version": id_.rsplit("/", 1)[-1]},
        replaces=("secret", "secretData", "isSecretDataBase64"),
        values=("secretData", "secretDataWo"),
        refuses=there("secret", SECRET, _path("{secret}")),
        delete=_delete,
    ),
    ACCOUNT: Rules(
        id=_path("projects/{project}/serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com"),
        outputs=_account_outputs,
        required=("accountId",),
        replaces=("accountId", "project"),
        delete=_delete,
    ),
    PROJECT_MEMBER: _member_of("project"),
    ACCOUNT_MEMBER: _member_of("serviceAccountId", there("account", ACCOUNT, _path("{serviceAccountId}"))),
    AGENT: Rules(
        id=_path("projects/{project}/services/{service}"),
        outputs=_agent_outputs,
        replaces=("project", "service"),
        shared=True,
        delete=_keep,
    ),
    AUDIT: Rules(
        id=_path("{project}/audit_config/{service}"),
        outputs=lambda _asked, _id: {"etag": uuid4().hex},
        replaces=("project", "service"),
        shared=True,
    ),
    BUCKET: Rules(
        id=_path("projects/{project}/locations/{location}/buckets/{bucketId}"),
        outputs=lambda _asked, id_: {"name": id_, "lifecycleState": "ACTIVE"},
        replaces=("project", "location", "bucketId"),
        delete=lambda _asked: "name",  # for 7 days
    ),
    SINK: Rules(
        id=_path("projects/{project}/sinks/{name}"),
        outputs=lambda asked, _id: {
            "project": _project(asked),
            "writerIdentity": f"serviceAccount:service-{_PROJECT_NUMBER}@gcp-sa-logging.iam.gserviceaccount.com",
        },
        required=("name",),
        replaces=("project", "name", "uniqueWriterIdentity"),
    ),
    CLUSTER: Rules(
        id=_path("projects/{project}/locations/{location}/clusters/{name}"),
        outputs=_cluster_outputs,
        required=("name", "location"),
        replaces=("name", "location", "project", "network", "subnetwork", "enableAutopilot", "initialNodeCount"),
        refuses=_cluster_key,
        delete=_delete_cluster,
    ),
    NODES: Rules(
        # Nothing outside of the stack goes by a pool's name, so it may be left to the provider.
        id=lambda asked: f"{_cluster_path(asked)}/nodePools/{asked.get('name') or f'pool-{uuid4().hex[:7]}'}",
        outputs=lambda _asked, id_: {"name": id_.rsplit("/", 1)[-1], "location": id_.split("/")[3]},
        replaces=("name", "location", "project", "cluster", "initialNodeCount"),
        refuses=there("cluster", CLUSTER, _cluster_path),
        delete=_delete,
    ),
}


class GcpProvider(RecordedProvider):
    rules = RULES
