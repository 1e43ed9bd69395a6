"""An Argo CD hub on AWS: by real tokens into the hub's role, from there into a spoke's, and nowhere else.

The last step of Argo CD's own helper is a signed GetCallerIdentity, by which EKS knows the spoke's role.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore import UNSIGNED

from bootstrap.localcloud.aws.metadata import AGENT_AUDIENCE
from bootstrap.localcloud.aws.sessions import SessionCredentials
from components import IdentityKind, ServiceAccountRef
from components.aws.argocd_hub import HUB_ROLE, hub_policy
from components.aws.argocd_spoke import SPOKE_ROLE, spoke_trust
from components.aws.statements import Document, allow, document, to_json
from components.aws.trust import pod_identity_trust, service_trust, tokens_trust
from tests.fast.localcloud_aws.world import Environment, World, refusal

ACCOUNTS = ["argocd-application-controller", "argocd-applicationset-controller", "argocd-server"]


class Hub:
    """Prod's Argo CD, by tokens or by associations, and a spoke in each environment: it is the hub of prod's alone."""

    def __init__(self, world: World, kind: IdentityKind) -> None:
        self.world, self.kind, self.iam = world, kind, world.client("iam")
        environment = world.prod if kind is IdentityKind.IRSA else world.nonprod  # how each gets in, in this world
        self.home, self.names = environment, environment.names
        self.made: list[str] = []
        self.role(HUB_ROLE, self.trust)
        self.give(hub_policy(kind=kind, spokes=[self.arn(SPOKE_ROLE)]))
        self.role(SPOKE_ROLE, spoke_trust(hub_role_arn=self.arn(HUB_ROLE), hub_kind=kind))
        self.role("argocd-spoke-2", spoke_trust(hub_role_arn=self.arn("external-secrets"), hub_kind=kind))

    @property
    def trust(self) -> Document:
        if self.kind is IdentityKind.POD_IDENTITY:
            cluster = self.names.cluster_arn(self.home.cluster)
            return pod_identity_trust(cluster_arn=cluster, namespace="argocd", service_account=ACCOUNTS)
        url = self.home.issuer.url
        accounts = [ServiceAccountRef(namespace="argocd", name=name) for name in ACCOUNTS]
        return tokens_trust(provider_arn=self.names.oidc_provider_arn(url), issuer_url=url, service_accounts=accounts)

    def arn(self, role: str) -> str:
        return self.names.role_arn(role)

    def role(self, role: str, trust: Document) -> None:
        name = self.names.role_name(role)
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=to_json(trust))
        self.made.append(name)

    def give(self, policy: Document, role: str = HUB_ROLE) -> None:
        self.iam.put_role_policy(RoleName=self.names.role_name(role), PolicyName="it", PolicyDocument=to_json(policy))

    def by_token(self, environment: Environment, **claims: Any) -> Any:
        return self.world.client("sts", UNSIGNED).assume_role_with_web_identity(
            RoleArn=self.arn(HUB_ROLE), RoleSessionName="argocd", WebIdentityToken=environment.issuer.token(**claims)
        )

    def associate(self, account: str, namespace: str = "argocd") -> str:
        made = self.world.client("eks").create_pod_identity_association(
            clusterName=self.home.cluster, namespace=namespace, serviceAccount=account, roleArn=self.arn(HUB_ROLE)
        )
        return made["association"]["associationId"]

    def of_pod(self, account: str, namespace: str = "argocd") -> tuple[int, Any]:
        """What the agent answers to a pod of an account with an association."""
        claims = {
            "aud": [AGENT_AUDIENCE],
            "sub": f"system:serviceaccount:{namespace}:{account}",
            "kubernetes.io": {
                "namespace": namespace,
                "serviceaccount": {"name": account, "uid": "u"},
                "pod": {"name": "argocd-0", "uid": "p"},
            },
        }
        association = self.associate(account, namespace)
        try:
            token = self.home.issuer.token(**claims)
            answer = self.world.http.get(
                f"/_agent/{self.home.cluster}/v1/credentials", headers={"Authorization": token}
            )
        finally:
            self.world.client("eks").delete_pod_identity_association(
                clusterName=self.home.cluster, associationId=association
            )
        return answer.status_code, answer.json()

    def session(self) -> SessionCredentials:
        """What Argo CD's pod works with."""
        if self.kind is IdentityKind.POD_IDENTITY:
            status, body = self.of_pod(ACCOUNTS[0])
            assert status == 200
            return SessionCredentials(body["AccessKeyId"], body["SecretAccessKey"], body["Token"], body["Expiration"])
        return _credentials(self.by_token(self.home, sub=f"system:serviceaccount:argocd:{ACCOUNTS[0]}"))

    def become(self, role: str, session: SessionCredentials | None = None) -> Any:
        sts = self.world.client("sts", session or self.session())
        return sts.assume_role(RoleArn=self.arn(role), RoleSessionName="argocd")

    def close(self) -> None:
        for name in self.made:
            for policy in self.iam.list_role_policies(RoleName=name)["PolicyNames"]:
                self.iam.delete_role_policy(RoleName=name, PolicyName=policy)
            self.iam.delete_role(RoleName=name)


def _credentials(given: Any) -> SessionCredentials:
    found = given["Credentials"]
    return SessionCredentials(
        found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"], str(found["Expiration"])
    )


@pytest.fixture(params=[IdentityKind.IRSA, IdentityKind.POD_IDENTITY])
def hub(world: World, request: pytest.FixtureRequest) -> Iterator[Hub]:
    made = Hub(world, request.param)
    yield made
    made.close()


@pytest.fixture
def by_tokens(world: World) -> Iterator[Hub]:
    made = Hub(world, IdentityKind.IRSA)
    yield made
    made.close()


@pytest.fixture
def by_pods(world: World) -> Iterator[Hub]:
    made = Hub(world, IdentityKind.POD_IDENTITY)
    yield made
    made.close()


def test_argo_cd_gets_into_its_spoke(hub: Hub) -> None:
    inside = hub.world.client("sts", _credentials(hub.become(SPOKE_ROLE)))
    assert f":assumed-role/{hub.names.role_name(SPOKE_ROLE)}/argocd" in inside.get_caller_identity()["Arn"]


def test_it_becomes_nobody_else(hub: Hub) -> None:
    session = hub.session()
    for role in ("argocd-spoke-2", "external-secrets", "node", HUB_ROLE):
        assert refusal(hub.become, role, session) == "AccessDenied", role


def test_neither_role_does_anything_beside(hub: Hub) -> None:
    for session in (hub.session(), _credentials(hub.become(SPOKE_ROLE))):
        manager, kms = (hub.world.client(one, session) for one in ("secretsmanager", "kms"))
        assert refusal(manager.get_secret_value, SecretId=hub.home.secret("canary")) == "AccessDeniedException"
        assert refusal(manager.list_secrets) == "AccessDeniedException"
        assert refusal(kms.encrypt, KeyId=hub.home.keys["secrets"], Plaintext=b"x") == "AccessDeniedException"
        assert refusal(hub.world.client("iam", session).list_roles) == "AccessDenied"


def test_nobody_else_becomes_the_spokes_role(hub: Hub) -> None:
    """Not even whom IAM allows everything."""
    hub.role("stranger", service_trust("ec2.amazonaws.com"))
    hub.give(document([allow("Everything", ("sts:*",), "*", None)]), "stranger")
    for role in ("stranger", "external-secrets", "node"):
        session = hub.world.session(hub.names.role_name(role))
        assert refusal(hub.become, SPOKE_ROLE, session) == "AccessDenied", role
    hub.world.trust(hub.names.role_name(SPOKE_ROLE), spoke_trust(hub_role_arn=hub.names.root_arn, hub_kind=hub.kind))
    assert hub.become(SPOKE_ROLE, hub.world.session(hub.names.role_name("stranger")))


@pytest.mark.parametrize("account", ACCOUNTS)
def test_each_of_its_service_accounts_is_let_in(by_tokens: Hub, by_pods: Hub, account: str) -> None:
    assert by_tokens.by_token(by_tokens.home, sub=f"system:serviceaccount:argocd:{account}")
    assert by_pods.of_pod(account)[0] == 200


@pytest.mark.parametrize(
    ("namespace", "account"),
    [("argocd", "argocd-repo-server"), ("argocd", "default"), ("apps", ACCOUNTS[0])],
)
def test_no_other_is(by_tokens: Hub, by_pods: Hub, namespace: str, account: str) -> None:
    sub = f"system:serviceaccount:{namespace}:{account}"
    assert refusal(by_tokens.by_token, by_tokens.home, sub=sub) == "AccessDenied"
    assert by_pods.of_pod(account, namespace)[1]["__type"] == "AccessDeniedException"


def test_another_clusters_argo_cd_is_not(by_tokens: Hub) -> None:
    sub = f"system:serviceaccount:argocd:{ACCOUNTS[0]}"
    other = by_tokens.world.nonprod
    assert refusal(by_tokens.by_token, other, sub=sub) == "InvalidIdentityToken"
    assert refusal(by_tokens.by_token, by_tokens.home, sub=sub, aud=["vault"]) == "InvalidIdentityToken"


def test_the_tags_of_a_pod_need_leave_of_their_own(by_pods: Hub) -> None:
    """What a spoke says of a hub by tokens does not let in one by Pod Identity: its tags go with it."""
    trust = spoke_trust(hub_role_arn=by_pods.arn(HUB_ROLE), hub_kind=IdentityKind.IRSA)
    by_pods.world.trust(by_pods.names.role_name(SPOKE_ROLE), trust)
    assert refusal(by_pods.become, SPOKE_ROLE) == "AccessDenied"


def test_a_wider_policy_of_the_hub_opens_what_trusts_the_account(by_tokens: Hub) -> None:
    """So the policy names roles: the trust of others may be wide."""
    trusting = service_trust("ec2.amazonaws.com")
    trusting["Statement"][0]["Principal"] = {"AWS": by_tokens.names.root_arn}
    by_tokens.role("wide", trusting)
    assert refusal(by_tokens.become, "wide") == "AccessDenied"
    by_tokens.give(hub_policy(kind=IdentityKind.IRSA, spokes=["*"]))
    assert by_tokens.become("wide")
