"""Rotations: `etcd` is about the key that encrypts etcd, `secrets` about the values in the secret managers."""
