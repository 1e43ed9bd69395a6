"""Vault: transit keys, kv, identities. The only folder that imports the Vault SDK."""
