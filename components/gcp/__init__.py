"""Google Cloud: keys, Secret Manager, identities, audit logs. The only folder that imports Google's SDK."""
