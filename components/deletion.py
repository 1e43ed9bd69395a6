"""What happens to an environment's data when the environment goes away."""

from enum import StrEnum


class DeletionProfile(StrEnum):
    """How data is deleted.

    durable: a destroy is refused, and deletions can be undone for 30 days.
    ephemeral: containers go at once, keys after what the cloud insists on: 7 days on AWS, 1 day on Google Cloud.

    A container pending deletion blocks its name, so an environment that is made again and again needs a recovery
    window of 0.
    Sources: Secrets Manager API Reference, `DeleteSecret`; KMS API Reference, `ScheduleKeyDeletion`; Cloud KMS,
    "Destroy and restore key versions".
    """

    DURABLE = "durable"
    EPHEMERAL = "ephemeral"

    @property
    def protect(self) -> bool:
        return self is DeletionProfile.DURABLE

    @property
    def key_window_days(self) -> int:
        return 30 if self.protect else 7

    @property
    def google_key_window_days(self) -> int:
        return 30 if self.protect else 1

    @property
    def recovery_days(self) -> int:
        return 30 if self.protect else 0
