"""SOPS for the few Secrets that a cluster needs before External Secrets runs."""
