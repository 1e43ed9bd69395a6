"""A real Vault on loopback: initialised, unsealed and repaired by the harness, and then used without its root token."""
