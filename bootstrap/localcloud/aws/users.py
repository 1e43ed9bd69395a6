"""IAM users: there is one, the deployer, with an access key and a policy made for this program."""

import json

from bootstrap.localcloud.aws.answers import AwsError, Fault
from bootstrap.localcloud.aws.cloud import Cloud
from bootstrap.localcloud.aws.credentials import AccessKey
from bootstrap.localcloud.aws.deployer_policy import DEPLOYER, POLICY_NAME, deployer_policy
from bootstrap.localcloud.aws.principals import Principal


def ensure_deployer(cloud: Cloud, key: AccessKey) -> None:
    """Have `user/deployer` with exactly this key and the current policy."""
    with cloud.lock:
        user = cloud.user(DEPLOYER) or cloud.iam.create_user("us-east-1", DEPLOYER)
        user.policies = {POLICY_NAME: json.dumps(deployer_policy())}
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
