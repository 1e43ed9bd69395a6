"""Secrets Store CSI: secrets as files of a pod, fetched by a provider on the node."""
