"""The provider `tls`: private keys and self-signed certificates."""
