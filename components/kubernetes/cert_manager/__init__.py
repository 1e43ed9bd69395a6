"""Certificates by cert-manager and ACME: who issues them, and requests for them. No key or certificate passes here."""
