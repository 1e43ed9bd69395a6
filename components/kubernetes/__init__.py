"""Inside the cluster: operator, stores, first sync, Argo CD. No cloud SDK is imported here."""
