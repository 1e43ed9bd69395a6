"""What happens to an environment's data when the environment goes away."""

from enum import StrEnum


class DeletionProfile(StrEnum):
    """How data is deleted.

    durable: a destroy is refused, and deletions can be undone for 30 days.
    ephemeral: containers go at once, keys after the 7 days that KMS insists on.

    A container pending deletion blocks its name, so an environment that is made again and again needs a recovery
    window of 0.
    Sources: Secrets Manager API Reference, `DeleteSecret`; KMS API Reference, `ScheduleKeyDeletion`.
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
    def recovery_days(self) -> int:
        return 30 if self.protect else 0
