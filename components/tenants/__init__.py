"""Envelope encryption of tenants' data, for applications: it needs the extra `tenants`, and loads no Pulumi.

```python
import boto3

from secrets_bootstrap.tenants import AwsKeyStore

store = AwsKeyStore(
    table="platform-prod-tenants", key_arn="arn:aws:kms:…", kms=boto3.client("kms"), dynamodb=boto3.client("dynamodb")
)
cipher = store.cipher("acme")
stored = cipher.encrypt(b"…", {"record": "42"})
assert cipher.decrypt(stored, {"record": "42"}) == b"…"
```

VaultKeyStore, GcpKeyStore and AzureKeyStore give ciphers of the same kind.
"""

from .aws import AwsKeyStore as AwsKeyStore
from .azure import AzureKeyStore as AzureKeyStore
from .cipher import TenantCipher as TenantCipher
from .envelope import EnvelopeCipher as EnvelopeCipher
from .errors import TenantDataError as TenantDataError
from .errors import TenantKeyError as TenantKeyError
from .gcp import GcpKeyStore as GcpKeyStore
from .vault import VaultKeyStore as VaultKeyStore

__all__ = [
    "AwsKeyStore",
    "AzureKeyStore",
    "EnvelopeCipher",
    "GcpKeyStore",
    "TenantCipher",
    "TenantDataError",
    "TenantKeyError",
    "VaultKeyStore",
]
