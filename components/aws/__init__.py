"""AWS: keys, Secrets Manager, identities. The only folder that imports the AWS SDK."""
