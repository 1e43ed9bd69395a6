"""Sealed Secrets: values in Git, encrypted for one cluster's controller."""
