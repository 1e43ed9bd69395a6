"""What a batch of a tenant's records costs in calls of Vault: its cipher beside a transit call for each record."""

import base64
import json
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bootstrap.toolchain.install import install
from bootstrap.toolchain.tools import MODULES
from components.tenants import VaultKeyStore
from components.tenants.names import associated_data
from components.vault.policies import to_json
from components.vault.tenant_policies import tenant_policy
from tests.bench.tenants import RECORD, RECORDS
from tests.engine.vault.server import started

MOUNT = "platform/prod/transit"


class Direct:
    """Each record is a transit call of its own, bound to the tenant's name in the same way."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._bound = {"associated_data": base64.b64encode(associated_data("acme")).decode()}

    def encrypt(self, text: bytes) -> bytes:
        data = {"plaintext": base64.b64encode(text).decode(), **self._bound}
        return self._client.write_data(f"{MOUNT}/encrypt/tenant-acme", data=data)["data"]["ciphertext"].encode()

    def decrypt(self, message: bytes) -> bytes:
        data = {"ciphertext": message.decode(), **self._bound}
        return base64.b64decode(self._client.write_data(f"{MOUNT}/decrypt/tenant-acme", data=data)["data"]["plaintext"])


def batch_on_vault(console: Console) -> None:
    """Encrypt RECORDS records, and decrypt them by another cipher; the calls are counted in Vault's own audit log."""
    install(console, MODULES)
    table = Table(title=f"{RECORDS} records of {len(RECORD)} bytes encrypted and decrypted, on a Vault of its own")
    for heading in ("way", "encrypt calls", "decrypt calls", "ms for a record and direction"):
        table.add_column(heading, justify="right")
    with tempfile.TemporaryDirectory() as name, started(Path(name)) as vault:
        log = vault.folder / "audit.log"
        vault.root.sys.enable_secrets_engine("transit", path=MOUNT)
        vault.root.sys.enable_audit_device("file", path="file", options={"file_path": str(log)})
        vault.root.write_data(f"{MOUNT}/keys/tenant-acme")
        vault.root.sys.create_or_update_acl_policy("tenant", to_json(tenant_policy(MOUNT, "acme")))
        client = vault.token_of("tenant")
        store = VaultKeyStore(client=client, mount=MOUNT)
        ways: dict[str, tuple[Any, Any]] = {
            "EnvelopeCipher": (store.cipher("acme"), store.cipher("acme")),
            "transit for each record": (Direct(client), Direct(client)),
        }
        for way, (writer, reader) in ways.items():
            seen, began = _calls(log), time.perf_counter()
            opened = [reader.decrypt(message) for message in [writer.encrypt(RECORD) for _ in range(RECORDS)]]
            spent = (time.perf_counter() - began) * 1000 / (2 * RECORDS)
            assert opened == [RECORD] * RECORDS
            calls = _calls(log) - seen
            table.add_row(way, str(calls["encrypt"]), str(calls["decrypt"]), f"{spent:.1f}")
    console.print(table)


def _calls(log: Path) -> Counter[str]:
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    paths = [one["request"]["path"] for one in entries if one["type"] == "request"]
    return Counter(path.split("/")[3] for path in paths if path.endswith("/tenant-acme"))
