"""KMS plugins of the node: the Kubernetes KMS v2 API in front of a key in AWS KMS or in Vault's transit engine."""
