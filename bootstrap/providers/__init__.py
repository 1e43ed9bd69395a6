"""Offline providers: stand-ins for the plugins `aws`, `azure-native`, `gcp`, `kubernetes` and `tls`, and `localcloud`.

They serve the unmodified Pulumi SDKs where the official plugins cannot be downloaded. Each knows only the resource
types and inputs that this project uses; everything else is an error that names it.
"""
