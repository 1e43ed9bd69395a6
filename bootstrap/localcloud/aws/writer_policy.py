"""What the writer of values may do: put a version into a container, and put an earlier one back. It reads none.

Which environment's containers it can write, the keys' policies say: they name it among the `writers`.
"""

from typing import Any

from bootstrap.localcloud.aws.wire import ACCOUNT

WRITER = "writer"


def writer_policy() -> dict[str, Any]:
    """The inline policy of `user/writer`."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "WriteValues",
                "Effect": "Allow",
                "Action": [
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:PutSecretValue",
                    "secretsmanager:UpdateSecretVersionStage",
                ],
                "Resource": f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:*",
            },
            {
                "Sid": "UseKeys",
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": f"arn:aws:kms:*:{ACCOUNT}:key/*",
                "Condition": {"StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}},
            },
        ],
    }
