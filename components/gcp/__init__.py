"""Google Cloud: keys, Secret Manager, identities. The only folder that imports the Google Cloud SDK."""
