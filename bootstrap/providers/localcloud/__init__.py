"""The provider `localcloud`: control planes on this machine."""
