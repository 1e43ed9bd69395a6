"""Policies: linted, exact, split between administrators and users, and for any names confined to one environment."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import parliament
import pytest
from hypothesis import given, settings

from components import parse_config
from components.aws import policies
from components.aws.foundation import key_policies
from components.aws.names import AwsNames
from components.aws.statements import Document, to_json
from components.aws.tenant_policies import tenant_key_statements, tenant_policy, tenants_administrator_policy
from components.aws.trust import irsa_trust, pod_identity_trust
from tests.fast.components import samples
from tests.fast.components.test_names import names as any_names

ADMIN = f"arn:aws:iam::{samples.ACCOUNT}:role/administrator"
DEPLOYER = f"arn:aws:iam::{samples.ACCOUNT}:role/deployer"
WRITER = f"arn:aws:iam::{samples.ACCOUNT}:role/writer"
READER = f"arn:aws:iam::{samples.ACCOUNT}:role/reader"
USES = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:CreateGrant"}


def identity_policies(names: AwsNames) -> dict[str, Document]:
    key = f"arn:{names.partition}:kms:{names.region}:{names.account_id}:key"
    return {
        "operator": policies.operator_policy(
            names, secrets_key_arn=f"{key}/secrets", tenants_key_arn=f"{key}/tenants", canary="canary"
        ),
        "node": policies.node_policy(names, etcd_key_arn=f"{key}/etcd"),
        "tenant": tenant_policy(names, tenants_key_arn=f"{key}/tenants", tenant="acme"),
        "tenants administrator": tenants_administrator_policy(names, tenants_key_arn=f"{key}/tenants"),
    }


def documents(names: AwsNames) -> dict[str, Document]:
    who = {"administrators": [ADMIN], "deployers": [DEPLOYER], "writers": [WRITER]}
    readers = {"database": [READER, WRITER], "mail": [READER]}
    return {
        "secrets": policies.secrets_key_policy(
            names, **who, canary="canary", written=["argocd/platform"], readers=readers
        ),
        "tenants": policies.tenants_key_policy(names, **who),
        "tenants' own": policies.tenants_key_policy(names, **who, tenant_keys=tenant_key_statements(names)),
        "node etcd": policies.node_etcd_key_policy(names, administrators=[ADMIN]),
        "sops": policies.sops_key_policy(names, administrators=[ADMIN], editors=[WRITER], appliers=[DEPLOYER]),
        "eks etcd": policies.eks_etcd_key_policy(names, administrators=[ADMIN], creators=[DEPLOYER]),
    }


def statements(document: Document) -> Iterator[dict[str, Any]]:
    yield from document["Statement"]


@pytest.mark.parametrize("which", ["operator", "node", "tenant", "tenants administrator"])
def test_identity_policies_pass_parliament(which: str) -> None:
    found = parliament.analyze_policy_string(
        json.dumps(identity_policies(samples.NAMES)[which]), ignore_private_auditors=True
    )
    assert [finding.issue for finding in found.findings] == []


def test_the_lint_sees_mistakes() -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["kms:Decrpyt"], "Resource": "*"}]}
    assert parliament.analyze_policy_string(json.dumps(document)).findings


@pytest.mark.parametrize("which", ["secrets", "tenants", "tenants' own", "node etcd", "sops", "eks etcd"])
def test_key_policies_pass_parliament(which: str) -> None:
    """Parliament knows identity policies: the principals go, and `*` is spelled as the key that it means."""
    document = json.loads(json.dumps(documents(samples.NAMES)[which]))
    for statement in statements(document):
        del statement["Principal"]
        statement["Resource"] = samples.KEY_ARN
    # kms:CreateAlias also names the alias, which a key policy cannot.
    found = [
        finding.issue
        for finding in parliament.analyze_policy_string(json.dumps(document), ignore_private_auditors=True).findings
        if finding.issue != "RESOURCE_MISMATCH"
    ]
    assert found == []


@given(any_names)
@settings(max_examples=50)
def test_no_policy_goes_beyond_its_environment(names: AwsNames) -> None:
    for document in identity_policies(names).values():
        for statement in statements(document):
            assert statement["Resource"] != "*"
            assert all("*" not in action for action in statement["Action"])
            text = json.dumps(statement)
            if ":secretsmanager:" in statement["Resource"]:
                assert f":secret:{names.secret_prefix}" in statement["Resource"]
            if ":dynamodb:" in statement["Resource"]:
                assert statement["Resource"].endswith(f":table/{names.prefix}-{names.environment}-tenants")
            if USES & set(statement["Action"]):
                context = ("environment", "tablename")
                assert "kms:ViaService" in text or any(f"kms:EncryptionContext:{word}" in text for word in context)


@given(any_names)
@settings(max_examples=50)
def test_every_use_of_a_key_is_conditioned_and_administrators_use_none(names: AwsNames) -> None:
    for which, document in documents(names).items():
        for statement in statements(document):
            actions, principals = set(statement["Action"]), statement["Principal"]["AWS"]
            assert statement["Principal"] != "*"
            if ADMIN in principals:
                assert not actions & USES
            elif which != "eks etcd":
                assert statement["Condition"]["StringEquals"]["kms:CallerAccount"] == names.account_id
            if actions & USES - {"kms:CreateGrant"}:
                condition = json.dumps(statement["Condition"])
                own = (f":secret:{names.secret_prefix}", f'"{names.environment}"', f'"{names.tenant_table}"')
                assert any(one in condition for one in own)
            if principals == [names.root_arn] or principals == names.root_arn:
                condition = statement["Condition"]
                who = condition.get("ArnEquals") or condition["ArnLike"]
                named, below = f":role/{names.prefix}-{names.environment}-", f":role{names.tenant_roles_path}*"
                assert named in who["aws:PrincipalArn"] or who["aws:PrincipalArn"].endswith(below)


def test_account_administration_is_not_delegated_to_iam() -> None:
    for document in documents(samples.NAMES).values():
        for statement in statements(document):
            if samples.NAMES.root_arn in str(statement["Principal"]):
                assert "aws:PrincipalArn" in json.dumps(statement["Condition"])


def test_the_operator_writes_the_canary_and_nothing_else() -> None:
    writes = [
        (action, statement["Resource"])
        for statement in statements(identity_policies(samples.NAMES)["operator"])
        for action in statement["Action"]
        if action.startswith("secretsmanager:")
        and action.split(":")[1].startswith(("Put", "Delete", "Create", "Update", "Tag"))
    ]
    assert {resource for _, resource in writes} == {samples.NAMES.secret_arn("canary")}
    assert {action for action, _ in writes} == {"secretsmanager:PutSecretValue", "secretsmanager:DeleteResourcePolicy"}


def test_eks_may_be_granted_the_key_by_its_creators() -> None:
    document = policies.eks_etcd_key_policy(samples.NAMES, administrators=[ADMIN], creators=[DEPLOYER])
    grant = next(one for one in statements(document) if "kms:CreateGrant" in one["Action"])
    assert grant["Principal"] == {"AWS": [DEPLOYER]}
    assert "GrantIsForAWSResource" not in json.dumps(document)


def test_an_eks_clusters_own_role_describes_its_key() -> None:
    """Without it EKS creates the cluster and refuses its first upgrade (containers-roadmap #1533)."""
    document = policies.eks_etcd_key_policy(samples.NAMES, administrators=[ADMIN], creators=[DEPLOYER])
    own = next(one for one in statements(document) if one["Principal"] == {"AWS": [samples.NAMES.root_arn]})
    assert own["Action"] == ["kms:DescribeKey"]
    assert own["Condition"]["ArnEquals"] == {"aws:PrincipalArn": samples.NAMES.role_arn("eks-cluster")}


@pytest.mark.parametrize(
    ("trust", "claims"),
    [
        (
            lambda: irsa_trust(
                provider_arn="arn:p", issuer_url="https://issuer.example.com/id/A/", namespace="n", service_account="s"
            ),
            {
                "issuer.example.com/id/A:aud": "sts.amazonaws.com",
                "issuer.example.com/id/A:sub": "system:serviceaccount:n:s",
            },
        ),
        (
            lambda: pod_identity_trust(cluster_arn="arn:c", namespace="n", service_account="s"),
            {
                "aws:RequestTag/eks-cluster-arn": "arn:c",
                "aws:RequestTag/kubernetes-namespace": "n",
                "aws:RequestTag/kubernetes-service-account": "s",
            },
        ),
    ],
    ids=["irsa", "pod identity"],
)
def test_trust_is_in_one_service_account_of_one_cluster(trust: Callable[[], Document], claims: dict[str, str]) -> None:
    (statement,) = statements(trust())
    assert statement["Condition"] == {"StringEquals": claims}
    assert statement["Principal"] != "*"


def test_a_container_admits_only_the_operator_and_named_readers() -> None:
    (statement,) = statements(policies.secret_policy(samples.NAMES, readers=[DEPLOYER]))
    assert statement["Effect"] == "Deny"
    assert statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] == [
        DEPLOYER,
        samples.NAMES.role_arn("external-secrets"),
    ]


def test_each_reader_may_decrypt_his_containers_alone() -> None:
    names = samples.NAMES
    readers = {"mail": [READER], "database": [WRITER, READER], "cache": [READER], "nobody": ()}
    who = {"administrators": [ADMIN], "deployers": [DEPLOYER], "writers": []}
    document = policies.secrets_key_policy(names, **who, canary="canary", written=[], readers=readers)
    found = [one for one in statements(document) if one["Sid"].startswith("ReadersDecrypt")]
    assert [(one["Principal"]["AWS"], one["Condition"]["StringLike"]) for one in found] == [
        ([READER], {"kms:EncryptionContext:SecretARN": [names.secret_arn("cache"), names.secret_arn("mail")]}),
        ([READER, WRITER], {"kms:EncryptionContext:SecretARN": [names.secret_arn("database")]}),
    ]
    for one in found:
        assert one["Action"] == ["kms:Decrypt"]
        assert one["Condition"]["StringEquals"]["kms:ViaService"] == names.secrets_manager_service


def test_documents_are_the_same_text_every_time() -> None:
    environment = parse_config(samples.configuration()).environments["prod"]
    first = {role: to_json(document) for role, document in key_policies(samples.NAMES, environment).items()}
    again = {role: to_json(document) for role, document in key_policies(samples.NAMES, environment).items()}
    assert first == again
    assert all(len(text) < 32768 for text in first.values()), "KMS limits a key policy to 32 KiB"
