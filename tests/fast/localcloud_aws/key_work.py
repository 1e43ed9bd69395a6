"""The policies of the keys, and for each statement the work that it is for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from bootstrap.localcloud.aws.wire import ACCOUNT
from components.aws import policies
from components.aws.names import EKS_CLUSTER_ROLE, NODE_ROLE
from components.aws.statements import Document
from tests.fast.localcloud_aws.world import DEPLOY_KEY, DEPLOYER, VALUE, World

ADMINISTRATOR, WRITER, READER, CREATOR = (
    f"arn:aws:iam::{ACCOUNT}:role/least-{who}" for who in ("administrator", "writer", "reader", "creator")
)
_number = count()


@dataclass(frozen=True)
class Key:
    """A key of its own for each try: what one try has left unfinished is not in the way of the next."""

    world: World
    arn: str

    def client(self, service: str, arn: str) -> Any:
        return self.world.client(service, self.world._standing_session(arn.rpartition("/")[2]))


def _administer(key: Key) -> None:
    """What `pulumi up`, its refresh and its destroy call, and what a person does when something is wrong."""
    kms, alias = key.client("kms", ADMINISTRATOR), f"alias/platform/prod/least-{next(_number)}"
    kms.describe_key(KeyId=key.arn)
    policy = kms.get_key_policy(KeyId=key.arn, PolicyName="default")["Policy"]
    kms.put_key_policy(KeyId=key.arn, PolicyName="default", Policy=policy)
    kms.get_key_rotation_status(KeyId=key.arn)
    kms.enable_key_rotation(KeyId=key.arn, RotationPeriodInDays=100)
    kms.list_resource_tags(KeyId=key.arn)
    kms.tag_resource(KeyId=key.arn, Tags=[{"TagKey": "a", "TagValue": "b"}])
    kms.untag_resource(KeyId=key.arn, TagKeys=["a"])
    kms.update_key_description(KeyId=key.arn, Description="changed")
    kms.create_alias(AliasName=alias, TargetKeyId=key.arn)
    kms.update_alias(AliasName=alias, TargetKeyId=key.arn)
    kms.delete_alias(AliasName=alias)
    # Somebody may have the key material: use is stopped, the material replaced, and that it was is seen.
    kms.disable_key(KeyId=key.arn)
    kms.enable_key(KeyId=key.arn)
    kms.rotate_key_on_demand(KeyId=key.arn)
    kms.list_key_rotations(KeyId=key.arn)
    # A destroy, and its undoing.
    kms.schedule_key_deletion(KeyId=key.arn, PendingWindowInDays=7)
    kms.cancel_key_deletion(KeyId=key.arn)


def _administer_grants(key: Key) -> None:
    """The same, and a cluster that was taken over loses the key."""
    _administer(key)
    creator, kms = key.client("kms", CREATOR), key.client("kms", ADMINISTRATOR)
    creator.create_grant(KeyId=key.arn, GranteePrincipal=CREATOR, Operations=["Decrypt"])
    (grant,) = kms.list_grants(KeyId=key.arn)["Grants"]
    kms.revoke_grant(KeyId=key.arn, GrantId=grant["GrantId"])


def _assign(key: Key) -> None:
    """Secrets Manager tries the key for whoever assigns it."""
    name = key.world.prod.secret(f"least-{next(_number)}")
    manager = key.world.client("secretsmanager")
    manager.create_secret(Name=name, KmsKeyId=key.arn)
    manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def _sync(key: Key, *names: str) -> None:
    for name in names:
        key.world.operator(key.world.prod).get_secret_value(SecretId=key.world.prod.secret(name))


def _push(key: Key) -> None:
    operator = key.world.operator(key.world.prod)
    operator.put_secret_value(SecretId=key.world.prod.secret("canary"), SecretString=VALUE)


def _keep_deploy_key(key: Key) -> None:
    """The program writes the deploy key, and reads it back to see drift."""
    manager, name = key.world.client("secretsmanager"), key.world.prod.secret(DEPLOY_KEY)
    manager.put_secret_value(SecretId=name, SecretString=VALUE)
    manager.get_secret_value(SecretId=name)


def _fill(key: Key, name: str) -> None:
    """A write whose answer was lost is sent again: Secrets Manager then decrypts, to see that it is the same."""
    manager, version = key.client("secretsmanager", WRITER), f"{next(_number):032d}"
    for _ in range(2):
        manager.put_secret_value(SecretId=key.world.prod.secret(name), SecretString=VALUE, ClientRequestToken=version)


def _read(key: Key, name: str) -> None:
    key.client("secretsmanager", READER).get_secret_value(SecretId=key.world.prod.secret(name))


def _encrypt_etcd(key: Key) -> None:
    kms, context = key.world.node(key.world.prod), {"environment": "prod"}
    sealed = kms.encrypt(KeyId=key.arn, Plaintext=b"key of etcd", EncryptionContext=context)["CiphertextBlob"]
    kms.decrypt(KeyId=key.arn, CiphertextBlob=sealed, EncryptionContext=context)


def _lend_to_eks(key: Key) -> None:
    kms = key.client("kms", CREATOR)
    kms.describe_key(KeyId=key.arn)
    kms.create_grant(KeyId=key.arn, GranteePrincipal=CREATOR, Operations=["Decrypt", "Encrypt"])


def _describe_as(role: str) -> Callable[[Key], None]:
    def describe(key: Key) -> None:
        arn = key.world.prod.names.role_arn(role)
        key.client("kms", arn).describe_key(KeyId=key.arn)

    return describe


# For each key, and each statement of its policy by name, the work that it is for. A statement that is that of the key
# before is judged there.
WORK: Mapping[str, Mapping[str, Callable[[Key], None]]] = {
    "secrets": {
        "Administration": _administer,
        "DeployersAssignKey": _assign,
        "OperatorReads": lambda key: _sync(key, "database", "canary"),
        "OperatorWritesCanary": _push,
        "DeployersWriteTheirOwn": _keep_deploy_key,
        "WritersFillSecrets": lambda key: _fill(key, "database"),
        "ReadersDecrypt1": lambda key: _read(key, "database"),
    },
    "tenants": {
        "DeployersAssignKey": _assign,
        "OperatorReads": lambda key: _sync(key, "tenants/acme"),
        "WritersFillSecrets": lambda key: _fill(key, "tenants/acme"),
        "ReadersDecrypt1": lambda key: _read(key, "tenants/acme"),
    },
    "etcd of your own control plane": {
        "NodesEncryptEtcd": _encrypt_etcd,
        "NodesDescribeKey": _describe_as(NODE_ROLE),
    },
    "etcd of EKS": {
        "Administration": _administer_grants,
        "ClusterCreatorsGrantToEks": _lend_to_eks,
        "ClusterRoleDescribesKey": _describe_as(EKS_CLUSTER_ROLE),
    },
}


def documents(world: World) -> Mapping[str, Document]:
    names = world.prod.names
    own: dict[str, Any] = {"administrators": [ADMINISTRATOR]}
    who: dict[str, Any] = {**own, "deployers": [DEPLOYER], "writers": [WRITER]}
    return {
        "secrets": policies.secrets_key_policy(
            names, **who, canary="canary", written=[DEPLOY_KEY], readers={"database": [READER]}
        ),
        "tenants": policies.tenants_key_policy(names, **who, readers={"tenants/acme": [READER]}),
        "etcd of your own control plane": policies.node_etcd_key_policy(names, **own),
        "etcd of EKS": policies.eks_etcd_key_policy(names, **own, creators=[CREATOR]),
    }
