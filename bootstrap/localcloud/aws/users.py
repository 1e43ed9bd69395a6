"""IAM users: the deployer and the writer of values, each with an access key and a policy made for this program."""

import json
from typing import Any

from bootstrap.localcloud.aws.answers import AwsError, Fault
from bootstrap.localcloud.aws.cloud import Cloud
from bootstrap.localcloud.aws.credentials import AccessKey, LocalCredentials
from bootstrap.localcloud.aws.deployer_policy import DEPLOYER, POLICY_NAME, deployer_policy
from bootstrap.localcloud.aws.principals import Principal
from bootstrap.localcloud.aws.writer_policy import WRITER, writer_policy


def ensure_users(cloud: Cloud, credentials: LocalCredentials) -> None:
    """Have both users with exactly their keys and the current policies."""
    _ensure(cloud, DEPLOYER, credentials.deployer, deployer_policy())
    _ensure(cloud, WRITER, credentials.writer, writer_policy())


def _ensure(cloud: Cloud, name: str, key: AccessKey, policy: dict[str, Any]) -> None:
    with cloud.lock:
        user = cloud.user(name) or cloud.iam.create_user("us-east-1", name)
        user.policies = {POLICY_NAME: json.dumps(policy)}
        user.access_keys.clear()
        made = user.create_access_key("AKIA")
        made.access_key_id, made.secret_access_key = key.id, key.secret
        cloud.save("iam", "us-east-1")


def user_of_key(cloud: Cloud, key_id: str) -> tuple[Principal, AccessKey]:
    """The user who holds an active access key, and the key."""
    for user in cloud.iam.users.values():
        for key in user.access_keys:
            if key.access_key_id == key_id and key.status == "Active":
                principal = Principal(arn=user.arn, iam_arn=user.arn, user_id=user.id)
                return principal, AccessKey(key.access_key_id, key.secret_access_key)
    raise AwsError(Fault.UNKNOWN_KEY, "The security token included in the request is invalid.")
