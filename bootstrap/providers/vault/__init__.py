"""The provider `vault`: it works on a real Vault, by its HTTP API."""
