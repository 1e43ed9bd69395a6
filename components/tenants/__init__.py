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
"""

from .aws import AwsKeyStore as AwsKeyStore
from .cipher import TenantCipher as TenantCipher
from .errors import TenantDataError as TenantDataError
from .errors import TenantKeyError as TenantKeyError

__all__ = ["AwsKeyStore", "TenantCipher", "TenantDataError", "TenantKeyError"]
