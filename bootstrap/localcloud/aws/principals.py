"""Who makes a call: an IAM user, or a session of a role with its tags. It decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bootstrap.localcloud.aws.wire import ACCOUNT


@dataclass(frozen=True, kw_only=True)
class Principal:
    """An authenticated caller.

    arn: of the user or of the session. iam_arn: of the user or of the session's role, which `aws:PrincipalArn` holds.
    user_id: the unique id, with the session's name for a session. tags: session tags. transitive: those of them that
    the next role in a chain keeps. federated_by: the OIDC provider whose token opened the session. access_key_id: of a
    session's credentials.
    """

    arn: str
    iam_arn: str
    user_id: str
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    federated_by: str | None = None
    access_key_id: str | None = None

    @property
    def is_session(self) -> bool:
        return ":assumed-role/" in self.arn

    @property
    def name(self) -> str:
        """The name of the user or the role, without its path."""
        return self.iam_arn.rsplit("/", 1)[-1]

    def context(self) -> dict[str, str]:
        """The global condition keys that describe the principal."""
        keys = {
            "aws:PrincipalArn": self.iam_arn,
            "aws:PrincipalAccount": ACCOUNT,
            "aws:PrincipalType": "AssumedRole" if self.is_session else "User",
            "aws:PrincipalIsAWSService": "false",
            "aws:userid": self.user_id,
            **{f"aws:PrincipalTag/{key}": value for key, value in self.tags.items()},
        }
        if not self.is_session:
            keys["aws:username"] = self.name
        if self.federated_by:
            keys["aws:FederatedProvider"] = self.federated_by
        return keys
