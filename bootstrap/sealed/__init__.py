"""The keys of Sealed Secrets: backed up encrypted, restored, renewed; SealedSecrets sealed again."""
