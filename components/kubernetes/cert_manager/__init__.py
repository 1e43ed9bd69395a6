"""Certificates by cert-manager and ACME: itself, who issues, and requests. No key or certificate passes here."""
