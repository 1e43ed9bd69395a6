"""A container in Secrets Manager: versions by their ids, the current one by its label AWSCURRENT."""

import uuid
from dataclasses import dataclass
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from bootstrap.errors import BootstrapError
from bootstrap.verification.aws import AwsView

_CURRENT = "AWSCURRENT"


@dataclass(frozen=True)
class AwsContainer:
    """writes: Secrets Manager as the writer. reads: the same as the operator."""

    remote_key: str
    writes: Any
    reads: Any
    written_property: ClassVar[str | None] = None

    def current(self) -> str | None:
        versions = self._call("DescribeSecret", self.writes.describe_secret).get("VersionIdsToStages") or {}
        return next((version for version, stages in versions.items() if _CURRENT in stages), None)

    def read(self) -> str:
        return str(self._call("GetSecretValue", self.reads.get_secret_value)["SecretString"])

    def next_version(self, current: str) -> str:  # noqa: ARG002  (ids follow no order)
        return str(uuid.uuid4())

    def write(self, value: str, *, version: str, replacing: str) -> None:
        # Secrets Manager has no write on condition: what it can tell is asked for right before.
        if self.current() != replacing:
            raise BootstrapError(
                f"secret {self.remote_key}", "somebody else has written it meanwhile", "begin again with what is there"
            )
        self._call("PutSecretValue", self.writes.put_secret_value, ClientRequestToken=version, SecretString=value)

    def restored_version(self, previous: str, replacing: str) -> str:  # noqa: ARG002  (the label moves)
        return previous

    def restore(self, previous: str, *, replacing: str) -> None:
        self._call(
            "UpdateSecretVersionStage",
            self.writes.update_secret_version_stage,
            VersionStage=_CURRENT,
            MoveToVersionId=previous,
            RemoveFromVersionId=replacing,
        )

    def _call(self, name: str, call: Any, **parameters: Any) -> dict[str, Any]:
        """One call; a refusal is told by its code, since its text could repeat what was sent."""
        try:
            return dict(call(SecretId=self.remote_key, **parameters))
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            raise BootstrapError(
                f"secret {self.remote_key}",
                f"{name} was answered by {code}",
                "see that the container exists, that its key is enabled, and that the writer is among `writers`",
            ) from None


def container(view: AwsView, secret: str) -> AwsContainer:
    return AwsContainer(
        remote_key=view.address_of(secret),
        writes=view.client(view.writer, "secretsmanager"),
        reads=view.client(view.identity_session, "secretsmanager"),
    )
