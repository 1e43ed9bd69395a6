"""The provider `kubernetes`: objects by server-side apply, waits, and Helm releases."""
