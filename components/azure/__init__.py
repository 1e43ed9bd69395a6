"""Azure: keys, Key Vault, identities, audit. The only folder that imports the Azure SDK, one namespace at a time."""
