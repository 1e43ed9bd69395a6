"""A stand-in for kubernetes-sigs/aws-encryption-provider: its flags, its key, its health endpoint.

It encrypts with AWS KMS under the node's identity, which boto3 gets from the instance metadata service.
"""

import argparse
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from bootstrap.localcloud.kubernetes.kms.service import Encrypted, KeyUnusableError, parse, parse_address, serve

_log = logging.getLogger("aws-encryption-provider")


class KmsClient(Protocol):
    """The calls of boto3's KMS client that are used here."""

    def encrypt(self, *, KeyId: str, Plaintext: bytes, EncryptionContext: Mapping[str, str]) -> Any: ...  # noqa: N803
    def decrypt(self, *, KeyId: str, CiphertextBlob: bytes, EncryptionContext: Mapping[str, str]) -> Any: ...  # noqa: N803


class AwsKey:
    """A key of AWS KMS. Its id is its ARN, which a rotation of the key's material does not change."""

    def __init__(self, kms: KmsClient, key_arn: str, context: Mapping[str, str]) -> None:
        self._kms, self._key_arn, self._context = kms, key_arn, context

    def encrypt(self, plaintext: bytes) -> Encrypted:
        try:
            answer = self._kms.encrypt(KeyId=self._key_arn, Plaintext=plaintext, EncryptionContext=self._context)
        except (BotoCoreError, ClientError) as error:
            raise _unusable(error) from error
        return Encrypted(ciphertext=bytes(answer["CiphertextBlob"]), key_id=self._key_arn)

    def decrypt(self, ciphertext: bytes) -> bytes:
        try:
            answer = self._kms.decrypt(KeyId=self._key_arn, CiphertextBlob=ciphertext, EncryptionContext=self._context)
        except (BotoCoreError, ClientError) as error:
            raise _unusable(error) from error
        return bytes(answer["Plaintext"])

    def current_id(self) -> str:
        return self._key_arn


def _unusable(error: Exception) -> KeyUnusableError:
    return KeyUnusableError(" ".join(str(error).split()))


def parse_context(text: str) -> dict[str, str]:
    """`key=value,key=value`, as the real plugin's flag takes it."""
    pairs = [item.partition("=") for item in text.split(",") if item]
    if any(not key or not separator for key, separator, _ in pairs):
        raise argparse.ArgumentTypeError("is not of the form key=value,key=value")
    return {key: value for key, _, value in pairs}


def _flags() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aws-encryption-provider", description=__doc__)
    parser.add_argument("--key", required=True, help="ARN of the key; not an alias")
    parser.add_argument("--region", required=True)
    parser.add_argument("--listen", required=True, type=Path, help="path of the Unix socket")
    parser.add_argument("--encryption-context", type=parse_context, default={})
    parser.add_argument("--health-port", type=parse_address, default=("127.0.0.1", 8083))
    parser.add_argument("--health-kms-version", choices=["v2"], required=True)
    return parser


def main() -> None:
    flags = parse(_flags(), sys.argv[1:])
    # The API server gives up after three seconds: fail before it does, so that it hears the reason.
    config = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
    session = boto3.Session(region_name=flags.region)
    if session.get_credentials() is None:
        # A client that was made without credentials never looks for them again: end, and be started again.
        _log.error("no credentials: the instance metadata service gives none for this node's role")
        raise SystemExit(1)
    key = AwsKey(session.client("kms", config=config), flags.key, flags.encryption_context)
    serve(key, socket=flags.listen, health=flags.health_port)


if __name__ == "__main__":
    main()
