"""Encryption at rest of a self-managed control plane, as text: the API server's configuration, and each KMS plugin."""
