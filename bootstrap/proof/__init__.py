"""Attacks on a running stack: each is tried for real, beside the rightful call."""
