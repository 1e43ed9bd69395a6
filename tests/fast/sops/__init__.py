"""SOPS: who can open a file, and what `check` refuses; the real programs are in tests/cluster."""
