"""The provider `tls`: private keys."""
