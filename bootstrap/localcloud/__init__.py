"""An AWS or a Vault, and two Kubernetes clusters, on loopback, checked by programs that can say no."""
