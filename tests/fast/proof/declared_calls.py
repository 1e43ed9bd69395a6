"""What each identity has to be able to do, call by call: the measure of the least privilege of its policies.

The operator's and the nodes' calls are those of the first sync; `tests/cluster/proof` compares them with the audit log.
"""

# What the operator's calls in AWS are called in the audit log, and on which container.
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
