"""The calls that the policies are measured by are those that the operator and the nodes really make."""

import pytest

from tests.local_stack import Running

# Those of `_operator` and `_node` in tests/fast/localcloud_aws/test_least_privilege.py.
_CALLS = {
    "external-secrets": {
        "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret",
        "secretsmanager:PutSecretValue",
        "secretsmanager:DeleteResourcePolicy",
    },
    "node": {"kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"},
}


@pytest.mark.parametrize("role", _CALLS)
def test_the_real_programs_make_these_calls(running: Running, role: str) -> None:
    trail = running.local.cloud.audit()
    made = {
        entry["event"]
        for entry in trail
        if entry["decision"] == "allowed" and f"/platform-prod-{role}/" in f"{entry['principal']}/"
    }
    assert made - {"sts:GetCallerIdentity"} == _CALLS[role]
