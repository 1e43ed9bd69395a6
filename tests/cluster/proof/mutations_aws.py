"""Controls of AWS taken away, one attack at a time, and put back."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any

import jwt

from bootstrap.proof.aws import present
from bootstrap.verification.aws import AwsView
from bootstrap.verification.environment import RefusedError
from tests.cluster.proof.mutations import issuer_takes_the_key_of, of_the_secret, one_credential_for_all
from tests.local_stack import Running

ADDED = "proof-mutation"


@contextmanager
def allowed(view: AwsView, *actions: str, role: str | None = None) -> Iterator[None]:
    """A role, by default the operator's, may do more."""
    iam, role = view.client(view.deployer, "iam"), role_name(view, role)
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName=ADDED, PolicyDocument=document)
    yield
    iam.delete_role_policy(RoleName=role, PolicyName=ADDED)


@contextmanager
def key_opened(view: AwsView, purpose: str, principal: str, *actions: str) -> Iterator[None]:
    """A key's policy lets somebody use it."""
    kms, key = view.client(view.deployer, "kms"), view.references[f"{purpose}KeyArn"]
    kept = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    document = json.loads(kept)
    document["Statement"].append(
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions), "Resource": "*"}
    )
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(document))
    yield
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=kept)


@contextmanager
def trusted(view: AwsView, role: str | None = None, **changes: Any) -> Iterator[None]:
    """The trust policy of a role, by default the operator's, with its first statement changed; `without` the conditions
    whose keys end so."""
    iam, role = view.client(view.deployer, "iam"), role_name(view, role)
    kept = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    document = json.loads(json.dumps(kept))
    statement = document["Statement"][0]
    for end in changes.pop("without", ()):
        conditions = statement["Condition"]["StringEquals"]
        statement["Condition"]["StringEquals"] = {key: one for key, one in conditions.items() if not key.endswith(end)}
    statement.update(changes)
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(document))
    yield
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(kept))


@contextmanager
def audience_known(view: AwsView, audience: str, role: str | None = None) -> Iterator[None]:
    """The issuer's provider takes tokens for another audience, and the trust policy does not look."""
    iam = view.client(view.deployer, "iam")
    arn = issuer_arn(view)
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID=audience)
    with trusted(view, role, without=[":aud"]):
        yield
    iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID=audience)


@contextmanager
def associated(view: AwsView) -> Iterator[None]:
    """Another service account is given the operator's role too."""
    eks, namespace = view.client(view.deployer, "eks"), view.references["canary"]["namespace"]
    cluster = view.references["clusterName"]
    made = eks.create_pod_identity_association(
        clusterName=cluster,
        namespace=namespace,
        serviceAccount="default",
        roleArn=view.references["identityRoleArn"],
    )["association"]["associationId"]
    with trusted(view, without=["kubernetes-namespace", "kubernetes-service-account"]):
        yield
    eks.delete_pod_identity_association(clusterName=cluster, associationId=made)


@contextmanager
def reads_everything(reader: AwsView, owner: AwsView) -> Iterator[None]:
    """One environment's operator may read the other's secrets and use its key."""
    with ExitStack() as stack:
        stack.enter_context(allowed(reader, "secretsmanager:GetSecretValue", "kms:Decrypt"))
        stack.enter_context(key_opened(owner, "secrets", root(owner), "kms:Decrypt"))
        yield


@contextmanager
def takes_the_role(taker: AwsView, owner: AwsView) -> Iterator[None]:
    """One environment's operator may take the other's role, which trusts it."""
    principal = {"AWS": root(owner)}
    # The tags of a Pod Identity session are transitive, so they have to be allowed along with it.
    actions = ["sts:AssumeRole", "sts:TagSession"]
    with allowed(taker, *actions), trusted(owner, Principal=principal, Action=actions, Condition={}):
        yield


@contextmanager
def decrypts(view: AwsView, purpose: str, *actions: str) -> Iterator[None]:
    with allowed(view, *actions), key_opened(view, purpose, root(view), *actions):
        yield


@contextmanager
def trusts_the_key_of(running: Running, view: AwsView, other: AwsView) -> Iterator[None]:
    """The cluster publishes another one's key too. The local AWS keeps keys until it meets an unknown one."""
    with issuer_takes_the_key_of(running, view, other):
        yield
    unknown = jwt.encode({"iss": view.references["issuerUrl"]}, "0" * 32, headers={"kid": "nobody's"})
    with suppress(RefusedError):
        present(view, unknown)


def deployer_reads_for_all(view: AwsView) -> AbstractContextManager[None]:
    """The operator reads with the deployer's access key."""
    given: Any = view.deployer.get_credentials()
    selectors = {f"{name}SecretRef": of_the_secret(view, name) for name in ("accessKeyID", "secretAccessKey")}
    values = {"accessKeyID": given.access_key, "secretAccessKey": given.secret_key}
    return one_credential_for_all(view, {"secretRef": selectors}, values)


def deployer_of(view: AwsView) -> str:
    return str(view.client(view.deployer, "sts").get_caller_identity()["Arn"])


def root(view: AwsView) -> str:
    return f"arn:aws:iam::{view.references['accountId']}:root"


def role_name(view: AwsView, arn: str | None = None) -> str:
    return str(arn or view.references["identityRoleArn"]).rsplit("/", 1)[-1]


def issuer_arn(view: AwsView) -> str:
    host = view.references["issuerUrl"].removeprefix("https://")
    return f"arn:aws:iam::{view.references['accountId']}:oidc-provider/{host}"
