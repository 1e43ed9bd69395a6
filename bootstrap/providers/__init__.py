"""Offline providers: small stand-ins for the plugins `aws`, `kubernetes` and `tls`, and the plugin `localcloud`.

They serve the unmodified Pulumi SDKs where the official plugins cannot be downloaded. Each knows only the resource
types and inputs that this project uses; everything else is an error that names it.
"""
