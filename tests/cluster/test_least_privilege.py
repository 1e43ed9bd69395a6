"""Each call that the policies are measured by is one that the operator and the nodes really make."""

import pytest

from tests.local_stack import Running

# Those of `_operator` and `_node` in tests/fast/localcloud_aws/test_least_privilege.py, without kms:DescribeKey: the
# official plugin's health check makes that call, and the local one is not the official one.
_CALLS = {
    "external-secrets": {
        "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret",
        "secretsmanager:PutSecretValue",
        "secretsmanager:DeleteResourcePolicy",
    },
    "node": {"kms:Encrypt", "kms:Decrypt"},
}


@pytest.mark.parametrize("role", _CALLS)
def test_the_real_programs_make_these_calls(running: Running, role: str) -> None:
    made = {
        entry["event"]
        for entry in running.local.cloud.audit()
        if entry["decision"] == "allowed" and f"/platform-prod-{role}/" in f"{entry['principal']}/"
    }
    assert made >= _CALLS[role]
