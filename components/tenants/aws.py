"""The tenants' keys on AWS: branch keys in a table of DynamoDB, wrapped by the environment's key `tenants` in KMS."""

# The libraries come without type stubs.
# pyright: reportMissingTypeStubs=false

from dataclasses import dataclass
from typing import Any

from .cipher import TENANT, TenantCipher
from .errors import TenantKeyError
from .names import require_tenant


@dataclass(frozen=True, kw_only=True)
class AwsKeyStore:
    """The key store that AwsTenantKeys makes.

    table: the table's name.
    key_arn: the ARN of the environment's key `tenants`.
    kms, dynamodb: clients of boto3, with the credentials of whoever acts: the tenant's role to encrypt and decrypt,
        the administrators' role to bring tenants in, rotate their keys and shred them.

    A tenant's key is a branch key of the AWS Encryption SDK's hierarchical keyring. KMS wraps it with the table's and
    the tenant's name as encryption context; the data keys of messages are wrapped with what is derived from it.

    Sources: AWS Encryption SDK Developer Guide, "AWS KMS Hierarchical keyrings" and "Key stores"; AWS Cryptographic
    Material Providers Library 1.11.3.
    """

    table: str
    key_arn: str
    kms: Any
    dynamodb: Any

    def cipher(self, tenant: str, *, ttl_seconds: int = 300) -> TenantCipher:
        """What encrypts and decrypts a tenant's data. Make it once and keep it: it keeps the unwrapped key in memory.

        tenant: whose data it is.
        ttl_seconds: how long an unwrapped key is used before KMS is asked again, which is also how long a shredded key
            or a withdrawn permission still works here; seconds, 1 to 86400; default 300.

        Raises TenantKeyError for a name or a time that cannot work. Nothing is called yet.
        """
        from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
        from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
        from aws_cryptographic_material_providers.mpl.models import (
            CacheTypeDefault,
            CreateAwsKmsHierarchicalKeyringInput,
            DefaultCache,
        )

        require_tenant(tenant)
        if not 1 <= ttl_seconds <= 86400:
            raise TenantKeyError("ttl_seconds is not from 1 to 86400: 300 is usual")
        providers = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
        keyring = providers.create_aws_kms_hierarchical_keyring(
            CreateAwsKmsHierarchicalKeyringInput(
                key_store=self._branch_keys(),
                branch_key_id=tenant,
                ttl_seconds=ttl_seconds,
                # The active version and those that rotation left.
                cache=CacheTypeDefault(value=DefaultCache(entry_capacity=100)),
            )
        )
        return TenantCipher(tenant, keyring)

    def onboard(self, tenant: str) -> None:
        """Make a tenant's key. Raises TenantKeyError if there is one already, or if AWS refuses."""
        from aws_cryptographic_material_providers.keystore.models import CreateKeyInput

        require_tenant(tenant)
        request = CreateKeyInput(branch_key_identifier=tenant, encryption_context={TENANT: tenant})
        self._change(lambda: self._branch_keys().create_key(request), tenant, "made")

    def rotate(self, tenant: str) -> None:
        """Make a new version of a tenant's key: what is encrypted from now on is under it, what was stays readable.

        Nothing is encrypted again. Ciphers take the new version when their time is over. Raises TenantKeyError if the
        tenant has no key, or if AWS refuses.
        """
        from aws_cryptographic_material_providers.keystore.models import VersionKeyInput

        require_tenant(tenant)
        request = VersionKeyInput(branch_key_identifier=tenant)
        self._change(lambda: self._branch_keys().version_key(request), tenant, "rotated")

    def shred(self, tenant: str) -> int:
        """Delete every version of a tenant's key: nothing that was encrypted under it opens again.

        Returns how many entries were deleted; a second call finds none. Ciphers that hold the key go on until their
        time is over, and backups of the table bring it back while they are kept. Raises botocore's ClientError if AWS
        refuses.
        """
        require_tenant(tenant)
        types = self._types(tenant)
        # The active version first: from then on nothing new is encrypted under a key that is going away.
        for kind in sorted(types, key=lambda kind: kind != "branch:ACTIVE"):
            self.dynamodb.delete_item(TableName=self.table, Key={"branch-key-id": {"S": tenant}, "type": {"S": kind}})
        return len(types)

    def _types(self, tenant: str) -> list[str]:
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            ConsistentRead=True,
            KeyConditionExpression="#id = :tenant",
            ProjectionExpression="#type",
            ExpressionAttributeNames={"#id": "branch-key-id", "#type": "type"},
            ExpressionAttributeValues={":tenant": {"S": tenant}},
        )
        return [item["type"]["S"] for page in pages for item in page["Items"]]

    def _branch_keys(self) -> Any:
        from aws_cryptographic_material_providers.keystore import KeyStore
        from aws_cryptographic_material_providers.keystore.config import KeyStoreConfig
        from aws_cryptographic_material_providers.keystore.models import KMSConfigurationKmsKeyArn

        return KeyStore(
            config=KeyStoreConfig(
                ddb_client=self.dynamodb,
                ddb_table_name=self.table,
                logical_key_store_name=self.table,
                kms_client=self.kms,
                kms_configuration=KMSConfigurationKmsKeyArn(self.key_arn),
            )
        )

    @staticmethod
    def _change(change: Any, tenant: str, done: str) -> None:
        from aws_cryptographic_material_providers.keystore.errors import ServiceError

        try:
            change()
        except ServiceError as error:
            raise TenantKeyError(f"the key of tenant {tenant} cannot be {done}: {error}") from None
