"""Azure: keys, Key Vault, identities. The only folder that imports the Azure SDK."""
