"""What a batch of a tenant's records costs in calls: its cipher beside a key service that is asked for each record."""

import json
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.environments import DEPLOYER
from tests.fast.localcloud_aws.tenants import NODE, Tenants
from tests.fast.localcloud_aws.world import World

RECORDS = 1000
RECORD = b"r" * 512


def batch(console: Console) -> None:
    """Encrypt and decrypt RECORDS records in both ways; the calls are counted where they leave the client."""
    logging.disable(logging.ERROR)
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name))
        try:
            _measure(world, console)
        finally:
            world.close()


def _measure(world: World, console: Console) -> None:
    tenants = Tenants(world)
    tenants.store("tenants-administrator").onboard("acme")
    cipher = tenants.store("tenant-acme").cipher("acme")
    encrypt, decrypt = _kms_for_each_record(world, tenants)
    ways: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
        "TenantCipher": (cipher.encrypt, cipher.decrypt),
        "KMS for each record": (encrypt, decrypt),
    }
    table = Table(title=f"{RECORDS} records of {len(RECORD)} bytes encrypted and decrypted, on the local AWS")
    for heading in ("way", "KMS calls", "DynamoDB calls", "ms for a record and direction"):
        table.add_column(heading, justify="right")
    for way, (seal, unseal) in ways.items():
        tenants.calls.clear()
        started = time.perf_counter()
        opened = [unseal(message) for message in [seal(RECORD) for _ in range(RECORDS)]]
        spent = (time.perf_counter() - started) * 1000 / (2 * RECORDS)
        assert opened == [RECORD] * RECORDS
        calls = Counter("DynamoDB" if call == "GetItem" else "KMS" for call in tenants.calls)
        table.add_row(way, str(calls["KMS"]), str(calls["DynamoDB"]), f"{spent:.1f}")
    console.print(table)


def _kms_for_each_record(world: World, tenants: Tenants) -> tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]:
    """The same library with KMS's own keyring, under a key of its own."""
    import aws_encryption_sdk
    from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
    from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
    from aws_cryptographic_material_providers.mpl.models import CreateAwsKmsKeyringInput

    use = {"Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Principal": {"AWS": NODE}}
    manage = {"Action": ["kms:PutKeyPolicy"], "Principal": {"AWS": DEPLOYER}}
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Resource": "*", **one} for one in (use, manage)],
    }
    key = world.client("kms").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    keyring = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig()).create_aws_kms_keyring(
        CreateAwsKmsKeyringInput(kms_key_id=key, kms_client=tenants.store("node").kms)
    )
    client: Any = aws_encryption_sdk.EncryptionSDKClient()
    without_signature = aws_encryption_sdk.Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY
    return (
        lambda text: client.encrypt(source=text, keyring=keyring, algorithm=without_signature)[0],
        lambda message: client.decrypt(source=message, keyring=keyring)[0],
    )
