"""How a resource comes to count as created only when the operator says that it is ready."""


def wait_until_ready(timeout_seconds: int) -> dict[str, str]:
    """Annotations of pulumi-kubernetes (>= 4.18): wait for the condition `Ready`, at most so many seconds."""
    return {"pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": str(timeout_seconds)}
