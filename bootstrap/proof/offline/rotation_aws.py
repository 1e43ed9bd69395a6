"""AWS: what a rotation's policy lets the function's role do with which secret, and for which secret it is called.

The role itself is somebody else's: only what the rotation adds to it is asked. As a named reader and writer of the
environment it is judged in `aws.py`, like everybody whose IAM no document shows.
"""

import json
from collections.abc import Iterator

from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.aws import judged, need, through
from bootstrap.proof.offline.aws_documents import Identity, identities, keys_of, secrets_of
from bootstrap.proof.offline.aws_logins import Asked
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.row import Question, Row

_ROTATION, _POLICY = "aws:secretsmanager/secretRotation:SecretRotation", "aws:iam/rolePolicy:RolePolicy"
_PERMISSION = "aws:lambda/permission:Permission"
_MANAGER = "secretsmanager.amazonaws.com"


def rows(documents: Documents) -> list[Row]:
    """Each rotation against every environment's secrets."""
    return judged([*_access(documents), *_calls(documents)])


def _access(documents: Documents) -> Iterator[Asked]:
    secrets, keys = list(secrets_of(documents)), {one.arn: one for one in keys_of(documents)}
    for owner, rotation, policy in _parts(documents, _POLICY, "-policy"):
        identity = _function(documents, owner, rotation, policy)
        for secret in secrets:
            own = secret.arn == rotation.at("secretId")
            key = keys.get(secret.key)
            for verb, action, uses in (
                ("read", "GetSecretValue", ["Decrypt"]),
                ("write", "PutSecretValue", ["GenerateDataKey"]),
                ("promote a version of", "UpdateSecretVersionStage", []),
                ("delete", "DeleteSecret", []),
            ):
                question = Question(
                    identity=str(identity),
                    action=f"{verb} the secret {secret.purpose} by the rotation's policy",
                    owner=secret.owner,
                    expected=own and verb != "delete",
                )
                needs = [need(identity, f"secretsmanager:{action}", secret)]
                needs += [need(identity, f"kms:{use}", key, through(secret)) for use in uses if key]
                yield question, needs
        for key in keys.values():
            question = Question(
                identity=str(identity),
                action=f"decrypt with the {key.purpose} key by the rotation's policy",
                owner=key.owner,
                expected=False,
            )
            yield question, [need(identity, "kms:Decrypt", key)]


def _calls(documents: Documents) -> Iterator[Asked]:
    """For whom the function runs: Secrets Manager, for this secret of this account."""
    for owner, rotation, permission in _parts(documents, _PERMISSION, "-permission"):
        function, own = str(permission.at("function")), str(rotation.at("secretId"))
        conditions = {
            operator: {f"aws:{key}": value}
            for operator, key, value in (
                ("StringEquals", "SourceAccount", permission.at("sourceAccount")),
                ("ArnLike", "SourceArn", permission.at("sourceArn")),
            )
            if value
        }
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "permission",
                    "Effect": "Allow",
                    "Principal": {"Service": permission.at("principal")},
                    "Action": permission.at("action"),
                    "Resource": function,
                    **({"Condition": conditions} if conditions else {}),
                }
            ],
        }
        account = function.split(":")[4]
        for who, secret in (
            ("its secret", own),
            ("another secret", f"{own}-other"),
            ("a secret of another account", own.replace(f":{account}:", ":000000000000:")),
        ):
            for service in (_MANAGER, "events.amazonaws.com"):
                question = Question(
                    identity=f"{service} for {who} of {owner}",
                    action=f"call the function {function.rpartition(':')[2]}",
                    owner=owner,
                    expected=secret == own and service == _MANAGER,
                )
                context = {"aws:SourceArn": secret, "aws:SourceAccount": secret.split(":")[4]}
                yield (
                    question,
                    [
                        {
                            "principal": service,
                            "action": "lambda:InvokeFunction",
                            "resource": function,
                            "account": account,
                            "context": context,
                            "identityPolicies": [],
                            "resourcePolicy": policy,
                            "resourceKind": "resource",
                        }
                    ],
                )


def _parts(documents: Documents, token: str, ending: str) -> Iterator[tuple[str, Seen, Seen]]:
    """Each rotation, with its environment and the one part of it that has its name and this ending."""
    parts = {one.name: one for one in documents.of(token)}
    for owner, rotation in documents.owned(_ROTATION):
        yield owner, rotation, parts[f"{rotation.name.removesuffix('-rotation')}{ending}"]


def _function(documents: Documents, owner: str, rotation: Seen, policy: Seen) -> Identity:
    """The role of the function with nothing but the rotation's policy; its path stands where a key or container names
    it."""
    role = str(policy.at("role"))
    known = [one.arn for one in identities(documents) if one.environment == owner and one.arn.endswith(f"/{role}")]
    partition, account = (str(rotation.at("secretId")).split(":")[index] for index in (1, 4))
    return Identity(
        arn=next(iter(known), f"arn:{partition}:iam::{account}:role/{role}"),
        environment=owner,
        roles={f"function {role}"},
        policies=[json.loads(policy.at("policy"))],
    )
