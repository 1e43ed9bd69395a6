"""What can go wrong with a tenant's keys and data. No text holds data or a key."""


class TenantKeyError(Exception):
    """A tenant's key cannot be made, rotated or removed, or its name is none."""


class TenantDataError(Exception):
    """A ciphertext does not open, or a text cannot be encrypted: what the key store and the library say about it."""
