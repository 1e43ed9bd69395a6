"""What each identity has to be able to do, call by call: the measure of the least privilege of its policies.

The operator's and the nodes' calls are those that the policies' own sources name: external-secrets v0.20.4, its AWS and
Vault providers, and the KMS plugins. They were not compared with an audit log here.
"""

# What the operator calls in Secrets Manager; on the canary all of them.
AWS_OPERATOR_EVENTS = {
    "secretsmanager:GetSecretValue",
    "secretsmanager:DescribeSecret",
    "secretsmanager:PutSecretValue",
    "secretsmanager:DeleteResourcePolicy",
}

# Path below the environment's mounts (`kv`, `transit`) or in full, and the capability that a call needs.
VAULT: dict[str, set[tuple[str, str]]] = {
    "operator": {
        ("kv/data/database", "read"),
        ("kv/data/canary", "read"),
        ("kv/data/canary", "create"),  # the first version
        ("kv/data/canary", "update"),  # every later one
        ("kv/metadata/canary", "read"),
        ("kv/metadata/canary", "update"),
        ("auth/token/lookup-self", "read"),
        ("auth/token/revoke-self", "update"),
    },
    "node": {
        ("transit/encrypt/etcd", "update"),
        ("transit/decrypt/etcd", "update"),
        ("transit/keys/etcd", "read"),
        ("auth/token/lookup-self", "read"),
        ("auth/token/renew-self", "update"),
    },
    "writers": {
        ("kv/data/database", "create"),
        ("kv/data/database", "update"),
        ("kv/data/database", "patch"),
    },
}
VAULT_CAPABILITIES = {"create", "read", "update", "patch", "delete", "list", "sudo"}
