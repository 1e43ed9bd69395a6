"""The credentials that the local AWS makes at its first start, each random, in files that only their owner reads."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bootstrap.paths import private_dir, write_private

DEPLOYER_FILE, WRITER_FILE = "deployer.json", "writer.json"
ADMIN_FILE = "admin-token"
_SESSION_KEY_FILE = "session-key"


@dataclass(frozen=True)
class AccessKey:
    """An IAM user's access key. The secret half stays out of its repr."""

    id: str
    secret: str

    def __repr__(self) -> str:
        return f"AccessKey({self.id})"


@dataclass(frozen=True)
class LocalCredentials:
    """`admin_token`: opens `/_local/`. `session_key`: seals session tokens, so that sessions outlive a restart."""

    deployer: AccessKey
    writer: AccessKey
    admin_token: str
    session_key: bytes

    def __repr__(self) -> str:
        return "LocalCredentials()"

    @classmethod
    def ensure(cls, directory: Path) -> "LocalCredentials":
        """Those in the directory; what is missing is made."""
        private_dir(directory)
        return cls(
            deployer=_key(directory / DEPLOYER_FILE),
            writer=_key(directory / WRITER_FILE),
            admin_token=_text(directory / ADMIN_FILE, lambda: secrets.token_urlsafe(32)),
            session_key=_text(
                directory / _SESSION_KEY_FILE, lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
            ).encode(),
        )


def new_access_key_id(prefix: str) -> str:
    """An access key id as AWS writes them: `AKIA` for users, `ASIA` for sessions, 20 characters."""
    return prefix + base64.b32encode(secrets.token_bytes(10)).decode()


def proof(admin_token: str, nonce: str) -> str:
    """What only the daemon of the same folder can answer to a nonce; the admin token itself is not sent."""
    return hmac.new(admin_token.encode(), nonce.encode(), hashlib.sha256).hexdigest()


def _key(path: Path) -> AccessKey:
    given = json.loads(_text(path, _new_key))
    return AccessKey(given["AccessKeyId"], given["SecretAccessKey"])


def _new_key() -> str:
    return json.dumps({"AccessKeyId": new_access_key_id("AKIA"), "SecretAccessKey": secrets.token_urlsafe(30)})


def _text(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        write_private(path, make())
    return path.read_text()
