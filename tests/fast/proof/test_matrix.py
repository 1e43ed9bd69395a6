"""The offline matrix: right for every topology as it is shipped, and red as soon as one grant is widened."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline import kubernetes
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from bootstrap.proof.offline.row import Row
from tests.fast.proof.topologies import TOPOLOGIES, documents

shipped = cache(documents)
_JUDGES = {
    "local": ("iam-simulate",),
    "eks": ("iam-simulate",),
    "self-managed": ("iam-simulate",),
    "gke": ("role grants", "workload identity"),
    "aks": ("role grants", "federated credentials"),
    "local-vault": ("Vault",),
}


def wrong(found: Documents) -> list[Row]:
    return [row for row in matrix(found) if not row.right]


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_every_topology_allows_what_it_should_and_nothing_else(topology: str) -> None:
    rows = matrix(shipped(topology))
    assert [row for row in rows if not row.right] == []
    for judge in (*_JUDGES[topology], "RBAC", "store conditions"):
        verdicts = [row.allowed for row in rows if row.judge.startswith(judge)]
        assert set(verdicts) == {True, False}, judge
    for environment in shipped(topology).environments:
        own = {row.question.action for row in rows if row.allowed and row.question.owner == environment}
        assert {"read the secret canary", "write the secret canary"} <= own


def mutated(topology: str, token: str, name: str, change: Callable[[dict[str, Any]], object]) -> Documents:
    """A topology with one resource changed."""
    return changed(shipped(topology), token, name, change)


def changed(documents: Documents, token: str, name: str, change: Callable[[dict[str, Any]], object]) -> Documents:
    found, hit = [], 0
    for seen in documents.resources:
        if (seen.token, seen.name) == (token, name):
            properties = json.loads(json.dumps(seen.properties))
            change(properties)
            found.append(Seen(token=seen.token, name=seen.name, properties=properties))
            hit += 1
        else:
            found.append(seen)
    assert hit == 1
    return Documents(found)


def policy(field: str, change: Callable[[Any], None]) -> Callable[[dict[str, Any]], None]:
    def apply(properties: dict[str, Any]) -> None:
        document = json.loads(properties[field])
        change(document)
        properties[field] = json.dumps(document)

    return apply


def statement(sid: str, change: Callable[[dict[str, Any]], None]) -> Callable[[Any], None]:
    def apply(document: Any) -> None:
        change(next(one for one in document["Statement"] if one["Sid"] == sid))

    return apply


def drop_condition(one: dict[str, Any]) -> None:
    del one["Condition"]


def without_claim(claim: str) -> Callable[[dict[str, Any]], None]:
    """The operator's role of `local` compares one claim less of the tokens that open it."""

    def change(one: dict[str, Any]) -> None:
        compared = one["Condition"]["StringEquals"]
        del compared[next(key for key in compared if key.endswith(f":{claim}"))]

    return policy("assumeRolePolicy", statement("ServiceAccountToken", change))


def without_tag(tag: str) -> Callable[[dict[str, Any]], None]:
    """The operator's role of `eks` asks for one tag less of the pods that open it."""
    return policy(
        "assumeRolePolicy",
        statement("PodIdentity", lambda one: one["Condition"]["StringEquals"].pop(f"aws:RequestTag/{tag}")),
    )


def trust_every_pod(document: Any) -> None:
    actions = ["sts:AssumeRole", "sts:TagSession"]
    agent = {"Service": "pods.eks.amazonaws.com"}
    document["Statement"].append({"Effect": "Allow", "Action": actions, "Principal": agent})


def put(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda one: one.update(values)


def path_rule(path: str, *capabilities: str) -> Callable[[dict[str, Any]], None]:
    return policy("policy", lambda one: one["path"].update({path: {"capabilities": list(capabilities)}}))


KEY, ROLE, ROLE_POLICY = "aws:kms/key:Key", "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
VAULT_POLICY = "vault:index/policy:Policy"
STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
RBAC = "kubernetes:rbac.authorization.k8s.io/v1:"
SECRET_MEMBER = "gcp:secretmanager/secretIamMember:SecretIamMember"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
IMPERSONATION = "gcp:serviceaccount/iAMMember:IAMMember"
CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
POOL = (
    "principalSet://iam.googleapis.com/projects/111122223333/locations/global/workloadIdentityPools/"
    "example-platform-prod.svc.id.goog/"
)
ETCD_USES = statement("NodesEncryptEtcd", drop_condition)

# Each widened grant, with who then may what he should not.
WIDENED: dict[str, tuple[Callable[[], Documents], str]] = {
    "the administrators of a key may decrypt": (
        lambda: mutated(
            "eks",
            KEY,
            "prod-foundation-keys-tenants",
            policy("policy", statement("Administration", lambda one: one["Action"].append("kms:Decrypt"))),
        ),
        "decrypt with the tenants key",
    ),
    "the etcd key asks for no role and no environment": (
        lambda: mutated("local", KEY, "prod-foundation-keys-etcd", policy("policy", ETCD_USES)),
        "encrypt with the etcd key",
    ),
    "the role trusts every account of the cluster": (
        lambda: mutated("local", ROLE, "prod-identity-role", without_claim("sub")),
        "take the operator's role by a token for sts.amazonaws.com",
    ),
    "the role trusts every audience": (
        lambda: mutated("local", ROLE, "prod-identity-role", without_claim("aud")),
        "take the operator's role by a token for vault",
    ),
    "nonprod's operator reads prod's secrets in Vault": (
        lambda: mutated(
            "local-vault",
            VAULT_POLICY,
            "nonprod-foundation-secrets-external-secrets-policy",
            path_rule("platform/prod/secrets/data/*", "read"),
        ),
        "read the secret database",
    ),
    "Vault's writers may write the canary": (
        lambda: mutated(
            "local-vault",
            VAULT_POLICY,
            "prod-foundation-secrets-writers-policy",
            path_rule("platform/prod/secrets/data/canary", "update"),
        ),
        "write the secret canary",
    ),
    "Vault's role takes every service account of its namespace": (
        lambda: mutated(
            "local-vault",
            "vault:kubernetes/authBackendRole:AuthBackendRole",
            "prod-identity-role",
            put(boundServiceAccountNames=["*"]),
        ),
        "log in as the operator by a token for vault",
    ),
    "Vault's role takes every subject": (
        lambda: mutated(
            "local-vault", "vault:jwt/authBackendRole:AuthBackendRole", "nonprod-identity-role", put(boundSubject="")
        ),
        "log in as the operator by a token for vault",
    ),
    "Vault's role takes every namespace": (
        lambda: mutated(
            "local-vault",
            "vault:kubernetes/authBackendRole:AuthBackendRole",
            "prod-identity-role",
            put(boundServiceAccountNamespaces=["def*"]),
        ),
        "log in as the operator by a token for vault",
    ),
    "Vault's role takes namespaces by their labels": (
        lambda: mutated(
            "local-vault",
            "vault:kubernetes/authBackendRole:AuthBackendRole",
            "prod-identity-role",
            put(boundServiceAccountNamespaceSelector='{"matchLabels": {"team": "a"}}'),
        ),
        "log in as the operator by a token for vault",
    ),
    "Vault's Kubernetes role asks for no audience": (
        lambda: mutated(
            "local-vault", "vault:kubernetes/authBackendRole:AuthBackendRole", "prod-identity-role", put(audience=None)
        ),
        "log in as the operator by a token for the cluster",
    ),
    "Vault's JWT role takes tokens for AWS": (
        lambda: mutated(
            "local-vault",
            "vault:jwt/authBackendRole:AuthBackendRole",
            "nonprod-identity-role",
            put(boundAudiences=["vault", "sts.amazonaws.com"]),
        ),
        "log in as the operator by a token for sts.amazonaws.com",
    ),
    "prod's method in Vault trusts nonprod's cluster": (
        lambda: mutated(
            "local-vault",
            "vault:kubernetes/authBackendConfig:AuthBackendConfig",
            "prod-identity-settings",
            put(kubernetesHost="https://127.0.0.1:145819"),
        ),
        "log in as the operator by a token for vault",
    ),
    **{
        f"the role trusts every pod of another {tag}": (
            lambda tag=tag: mutated("eks", ROLE, "prod-identity-role", without_tag(tag)),
            "take the operator's role by any association",
        )
        for tag in ("kubernetes-namespace", "kubernetes-service-account")
    },
    "nonprod's role trusts every pod of every cluster": (
        lambda: mutated("eks", ROLE, "nonprod-identity-role", policy("assumeRolePolicy", trust_every_pod)),
        "take the operator's role by any association",
    ),
    "an association gives the role to a namespace that it trusts": (
        lambda: changed(
            mutated("eks", ROLE, "prod-identity-role", without_tag("kubernetes-namespace")),
            "aws:eks/podIdentityAssociation:PodIdentityAssociation",
            "prod-identity-association",
            put(namespace="default"),
        ),
        "be given the operator's role by its association",
    ),
    "Azure's credential trusts another account": (
        lambda: mutated(
            "aks",
            CREDENTIAL,
            "prod-identity-credential",
            put(subject="system:serviceaccount:external-secrets:default"),
        ),
        "take the operator's identity by a token for api://AzureADTokenExchange",
    ),
    "Azure's credential takes tokens for Vault": (
        lambda: mutated(
            "aks",
            CREDENTIAL,
            "prod-identity-credential",
            put(audiences=["api://AzureADTokenExchange", "vault"]),
        ),
        "take the operator's identity by a token for vault",
    ),
    "Azure's credential of prod trusts nonprod's issuer": (
        lambda: mutated(
            "aks",
            CREDENTIAL,
            "prod-identity-credential",
            put(issuer="https://westeurope.oic.prod-aks.azure.com/tenant/issuer9/"),
        ),
        "take the operator's identity by a token for api://AzureADTokenExchange",
    ),
    "Google's service account is lent to another account": (
        lambda: mutated(
            "gke",
            IMPERSONATION,
            "nonprod-identity-workload-identity-user",
            put(member="serviceAccount:example-platform-nonprod.svc.id.goog[default/external-secrets]"),
        ),
        "read the secret database by a token of its own",
    ),
    "Google's service account is lent to prod's cluster": (
        lambda: mutated(
            "gke",
            IMPERSONATION,
            "nonprod-identity-workload-identity-user",
            put(member="serviceAccount:example-platform-prod.svc.id.goog[external-secrets/external-secrets]"),
        ),
        "read the secret database by a token of its own",
    ),
    **{
        f"Google's grant is made out to {what}": (
            lambda rest=rest: mutated("gke", SECRET_MEMBER, "prod-identity-reads-database", put(member=POOL + rest)),
            "read the secret database by a token of its own",
        )
        for what, rest in (("a namespace", "namespace/external-secrets"), ("the whole pool", "*"))
    },
    "a grant on Google's secret is made out to everybody": (
        lambda: mutated("gke", SECRET_MEMBER, "prod-identity-reads-database", put(member="allUsers")),
        "read the secret database",
    ),
    "a writer gets the role that reads": (
        lambda: mutated(
            "gke",
            SECRET_MEMBER,
            "prod-foundation-secrets-database-writer-group:secret-writers@example.com",
            put(role="roles/secretmanager.secretAccessor"),
        ),
        "read the secret database",
    ),
    "Azure's operator fills the whole vault": (
        lambda: mutated(
            "aks",
            ASSIGNMENT,
            "prod-identity-fill-canary",
            lambda one: one.update(scope=one["scope"].partition("/secrets/")[0]),
        ),
        "write the secret any-other",
    ),
    "the store has no conditions": (
        lambda: mutated("eks", STORE, "prod-bootstrap-store-store", lambda one: one["spec"].pop("conditions")),
        "use the store prod",
    ),
    "the operator mints every token": (
        lambda: mutated(
            "gke",
            f"{RBAC}Role",
            "prod-bootstrap-operator-token",
            lambda one: [rule.pop("resourceNames") for rule in one["rules"]],
        ),
        "mint a token of external-secrets/default",
    ),
    "the operator is an administrator of the cluster": (
        lambda: mutated(
            "aks",
            f"{RBAC}ClusterRoleBinding",
            "prod-bootstrap-operator-watcher-binding",
            lambda one: one["roleRef"].update(name="cluster-admin"),
        ),
        "update a Secret in kube-system",
    ),
}


@pytest.mark.parametrize("name", WIDENED)
def test_a_widened_grant_is_seen(name: str) -> None:
    made, action = WIDENED[name]
    found = wrong(made())
    assert action in {row.question.action for row in found if row.allowed}


def test_a_wider_role_policy_alone_opens_nothing() -> None:
    """The key's policy stands behind the role's."""
    wide = {"Sid": "Wide", "Effect": "Allow", "Action": ["secretsmanager:*", "kms:*"], "Resource": "*"}
    change = policy("policy", lambda one: one["Statement"].append(wide))
    assert wrong(mutated("eks", ROLE_POLICY, "prod-identity-policy", change)) == []


def test_a_lost_grant_is_seen() -> None:
    found = wrong(mutated("gke", SECRET_MEMBER, "prod-identity-reads-database", put(member="user:a@example.com")))
    assert "read the secret database" in {row.question.action for row in found if not row.allowed}


# What the operator needs to get in, changed or gone, with what it then may not do.
LOST: dict[str, tuple[Callable[[], Documents], str]] = {
    "the association is for another account": (
        lambda: mutated(
            "eks",
            "aws:eks/podIdentityAssociation:PodIdentityAssociation",
            "prod-identity-association",
            put(serviceAccount="default"),
        ),
        "be given the operator's role by its association",
    ),
    "the association is with another cluster": (
        lambda: mutated(
            "eks",
            "aws:eks/podIdentityAssociation:PodIdentityAssociation",
            "prod-identity-association",
            put(clusterName="platform-nonprod"),
        ),
        "be given the operator's role by its association",
    ),
    "the trust names another cluster": (
        lambda: mutated(
            "eks",
            ROLE,
            "prod-identity-role",
            policy(
                "assumeRolePolicy",
                statement(
                    "PodIdentity",
                    lambda one: one["Condition"]["StringEquals"].update(
                        {"aws:RequestTag/eks-cluster-arn": "arn:other"}
                    ),
                ),
            ),
        ),
        "take the operator's role by any association",
    ),
    "IAM knows another issuer than the cluster's": (
        lambda: mutated(
            "local",
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            "prod-identity-issuer",
            put(url="https://issuer.example.com"),
        ),
        "take the operator's role by a token for sts.amazonaws.com",
    ),
    "the credential has another case of the issuer": (
        lambda: mutated(
            "aks",
            CREDENTIAL,
            "prod-identity-credential",
            put(issuer="https://westeurope.oic.prod-aks.azure.com/tenant/Issuer/"),
        ),
        "take the operator's identity by a token for api://AzureADTokenExchange",
    ),
    "Vault trusts another issuer": (
        lambda: mutated(
            "local-vault", "vault:jwt/authBackend:AuthBackend", "nonprod-identity-method", put(boundIssuer="https://x")
        ),
        "log in as the operator by a token for vault",
    ),
}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_login_is_seen(name: str) -> None:
    made, action = LOST[name]
    assert action in {row.question.action for row in wrong(made()) if not row.allowed}


READER = "arn:aws:iam::111122223333:role/migrations"
CONTAINER = "aws:secretsmanager/secretPolicy:SecretPolicy"


@cache
def with_a_reader() -> Documents:
    return documents("eks", lambda found: found["prod"]["secrets"]["database"].update(readers=[READER]))


def test_a_named_reader_reads_and_nothing_else() -> None:
    rows = matrix(with_a_reader())
    assert [row for row in rows if not row.right] == []
    assert [row.question.action for row in rows if row.allowed and row.question.identity == "reader of prod"] == [
        "read the secret database"
    ]


def test_a_reader_whom_the_key_does_not_know_is_seen() -> None:
    change = policy("policy", lambda one: one["Statement"].pop())
    found = changed(with_a_reader(), KEY, "prod-foundation-keys-secrets", change)
    assert [(row.question.identity, row.allowed) for row in wrong(found)] == [("reader of prod", False)]


def test_a_container_that_names_a_writer_as_its_reader_is_seen() -> None:
    writer = "arn:aws:iam::111122223333:role/secret-writer"
    change = statement(
        "OnlyNamedReaders", lambda one: one["Condition"]["ArnNotEquals"].update({"aws:PrincipalArn": writer})
    )
    found = wrong(mutated("eks", CONTAINER, "prod-foundation-secrets-database-policy", policy("policy", change)))
    assert ("writer of prod", "read the secret database") in {
        (row.question.identity, row.question.action) for row in found if row.allowed
    }


def test_two_stacks_are_judged_as_one() -> None:
    first, second = shipped("eks-foundation"), shipped("eks-cluster")
    together = Documents([*first.resources, *second.resources])
    assert together.environments == first.environments == second.environments == ["nonprod", "prod"]
    assert set(matrix(together)) == set(matrix(shipped("eks")))


@pytest.mark.parametrize("stack", ["eks-foundation", "eks-cluster"])
def test_each_of_two_stacks_is_judged_alone(stack: str) -> None:
    rows = matrix(shipped(stack))
    assert [row for row in rows if not row.right] == []
    assert {row.question.owner for row in rows} == {"prod", "nonprod"}


def test_a_cluster_without_the_composite_is_judged() -> None:
    """Such as ClusterBootstrap in a program of one's own."""
    found = Documents([one for one in shipped("eks-cluster").resources if not one.token.endswith(":SecretsBootstrap")])
    assert found.environments == ["nonprod", "prod"]
    assert set(matrix(found)) == set(matrix(shipped("eks-cluster")))


def test_a_stack_without_environments_is_not_passed() -> None:
    with pytest.raises(BootstrapError, match="no environment"):
        matrix(Documents([one for one in shipped("eks").resources if "secrets-bootstrap" not in one.token]))


def test_a_cluster_that_is_not_there_is_asked_for() -> None:
    found = Documents([one for one in shipped("aks").resources if not one.token.endswith(":ManagedCluster")])
    with pytest.raises(BootstrapError, match="the cluster of"):
        matrix(found)


def test_a_role_that_nobody_knows_stops_the_matrix() -> None:
    with pytest.raises(BootstrapError, match="roles/owner"):
        matrix(mutated("gke", SECRET_MEMBER, "prod-identity-reads-database", put(role="roles/owner")))


@pytest.mark.parametrize(
    ("condition", "admitted"),
    [
        ({"namespaces": ["apps"]}, True),
        ({"namespaceRegexes": ["^app"]}, True),
        ({"namespaceRegexes": ["^xapp"]}, False),
        ({"namespaceSelector": {"matchLabels": {"team": "a"}}}, True),
        ({"namespaceSelector": {"matchLabels": {"team": "b"}}}, False),
        ({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["a"]}]}}, False),
        ({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}}, True),
        ({}, False),
    ],
)
def test_conditions(condition: dict[str, Any], admitted: bool) -> None:
    assert kubernetes.admits([condition], "apps", {"team": "a"}) is admitted


def test_documents_come_from_a_state_too() -> None:
    """As `pulumi stack export` shows them, with what the provider answered; what is being replaced is left out."""
    resources = [
        {
            "urn": f"urn:pulumi:test::p::{one.token}::{one.name}",
            "type": one.token,
            "inputs": {**one.properties, "arn": "of an input"},
            "outputs": one.properties,
        }
        for one in shipped("local").resources
    ]
    state = {"deployment": {"resources": [*resources, {**resources[0], "delete": True}]}}
    found = Documents.of_state(state)
    assert found.environments == ["nonprod", "prod"]
    assert len(found.resources) == len(resources)
    assert len(matrix(found)) == len(matrix(shipped("local")))
