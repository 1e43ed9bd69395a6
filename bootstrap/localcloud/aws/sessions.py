"""Temporary credentials of role sessions.

All that a session is stands sealed in its token, as with AWS: nothing is kept, so a restart ends no session.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from cryptography.fernet import Fernet, InvalidToken

from bootstrap.localcloud.aws.answers import AwsError, Fault
from bootstrap.localcloud.aws.credentials import new_access_key_id
from bootstrap.localcloud.aws.principals import Principal
from bootstrap.localcloud.aws.wire import ACCOUNT


@dataclass(frozen=True, kw_only=True)
class Session:
    """One session of one role. `role_id` ties it to this very role: a role made anew under the name is another.

    subject: whose OIDC token opened it. access_key_id: of its credentials, by which the log ties calls to a session.
    """

    role_arn: str
    role_id: str
    name: str
    expires: int
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    federated_by: str | None = None
    subject: str | None = None
    access_key_id: str = field(default_factory=lambda: new_access_key_id("ASIA"))

    @property
    def arn(self) -> str:
        return f"arn:aws:sts::{ACCOUNT}:assumed-role/{self.role_arn.rsplit('/', 1)[-1]}/{self.name}"

    @property
    def principal(self) -> Principal:
        return Principal(
            arn=self.arn,
            iam_arn=self.role_arn,
            user_id=f"{self.role_id}:{self.name}",
            tags=self.tags,
            transitive=self.transitive,
            federated_by=self.federated_by,
            access_key_id=self.access_key_id,
        )

    @property
    def expiration(self) -> str:
        return datetime.fromtimestamp(self.expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class SessionCredentials:
    """What the holder of a session gets. Its repr shows neither half."""

    access_key_id: str
    secret_access_key: str
    token: str
    expiration: str

    def __repr__(self) -> str:
        return f"SessionCredentials({self.access_key_id})"


class Sessions:
    """Makes and opens session credentials with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._seal = Fernet(key)

    def open_session(self, session: Session) -> SessionCredentials:
        """New credentials for a session that somebody else has authorised."""
        key_id, token = session.access_key_id, self._seal.encrypt(json.dumps(asdict(session)).encode()).decode()
        return SessionCredentials(key_id, self._secret(key_id), token, session.expiration)

    def session_of(self, key_id: str, token: str | None) -> tuple[Session, str]:
        """The session of a temporary key and the secret that its requests are signed with."""
        try:
            data = json.loads(self._seal.decrypt((token or "").encode()))
        except InvalidToken:
            data = {}
        if data.get("access_key_id") != key_id:
            raise AwsError(Fault.UNKNOWN_KEY, "The security token included in the request is invalid.")
        session = Session(**{**data, "transitive": tuple(data["transitive"])})
        if session.expires <= time.time():
            raise AwsError(Fault.EXPIRED_TOKEN, "The security token included in the request is expired")
        return session, self._secret(key_id)

    def _secret(self, key_id: str) -> str:
        return hmac.new(self._key, b"secret of " + key_id.encode(), hashlib.sha256).hexdigest()
