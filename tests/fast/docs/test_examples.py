"""The examples of the documentation run, and make what their pages say."""

import json
import re
import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fast.components.mock_engine import SECRET, Recording, Resource, run
from tests.fast.docs.pages import EXAMPLES, PAGES

KEY = "aws:kms/key:Key"
ROLE = "aws:iam/role:Role"
ROLE_ARN = "arn:aws:iam::111122223333:role/platform-prod-external-secrets"
AZURE_GRANT = "azure-native:authorization:RoleAssignment"
SECRET_OBJECT = "kubernetes:core/v1:Secret"
EXTERNAL_SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"
CLUSTER_SECRET_STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"


# What an example is run with, beside its own text.
CONFIG = {"argocd_seed": {"secrets-bootstrap:gitToken": "x-leak"}}


def play(example: Path, config: Mapping[str, str] | None = None) -> Recording:
    return run(lambda: runpy.run_path(str(example)), CONFIG.get(example.stem) if config is None else config)


def only(recording: Recording, token: str) -> Resource:
    (one,) = recording.of(token)
    return one


def environment_keys(recording: Recording) -> None:
    assert {one.name for one in recording.of(KEY)} == {"keys-secrets", "keys-tenants"}  # etcd is adopted
    assert all(one.inputs["rotationPeriodInDays"] == 180 and one.protect for one in recording.of(KEY))


def secret_store(recording: Recording) -> None:
    made = {one.inputs["name"]: one for one in recording.of("aws:secretsmanager/secret:Secret")}
    assert made.keys() == {"platform/prod/canary", "platform/prod/database", "platform/prod/tenants/acme"}
    assert made["platform/prod/tenants/acme"].inputs["kmsKeyId"].endswith("key/1e1e1e1e-1111-2222-3333-444444444444")
    policy = json.loads(recording.named("secrets-database-policy").inputs["policy"])
    readers = policy["Statement"][0]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    assert readers == ["arn:aws:iam::111122223333:role/migrations", ROLE_ARN]


def tenant_keys(recording: Recording) -> None:
    assert only(recording, "aws:dynamodb/table:Table").inputs["name"] == "platform-prod-tenants"
    roles = {one.inputs["name"] for one in recording.of(ROLE)}
    assert roles == {f"platform-prod-{one}" for one in ("tenant-acme", "tenant-globex", "tenants-administrator")}
    assert '"acme"' in recording.named("tenants-tenant-acme-policy").inputs["policy"]


def secret_provider_class(recording: Recording) -> None:
    made = only(recording, "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass")
    assert "platform/prod/payments/api" in made.inputs["spec"]["parameters"]["objects"]
    pod = only(recording, "kubernetes:core/v1:Pod").inputs["spec"]
    assert pod["volumes"][0]["csi"]["volumeAttributes"] == {"secretProviderClass": made.inputs["metadata"]["name"]}
    trust = recording.named("prod-team-payments-identity-role").inputs["assumeRolePolicy"]
    assert f'"system:serviceaccount:payments:{pod["serviceAccountName"]}"' in trust


def sops_key(recording: Recording) -> None:
    policy = json.loads(only(recording, KEY).inputs["policy"])
    who = {one["Sid"]: (one["Principal"]["AWS"][0].rpartition("/")[2], one["Action"]) for one in policy["Statement"]}
    assert who["EditorsEncryptAndOpen"] == ("platform-team", ["kms:Decrypt", "kms:Encrypt"])
    assert who["AppliersOpen"] == ("cluster-pipeline", ["kms:Decrypt"])


def gcp_sops_key(recording: Recording) -> None:
    grants = recording.of("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember")
    assert {one.inputs["member"].partition("@")[0]: one.inputs["role"] for one in grants} == {
        "group:key-administrators": "roles/cloudkms.admin",
        "group:platform-team": "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        "serviceAccount:pipeline": "roles/cloudkms.cryptoKeyDecrypter",
    }


def azure_sops_key(recording: Recording) -> None:
    held = {
        one.inputs["roleDefinitionId"]: [name.split("/")[-2] for name in one.inputs["permissions"][0]["dataActions"]]
        for one in recording.of("azure-native:authorization:RoleDefinition")
    }
    granted = {one.inputs["principalId"][-1]: one.inputs["roleDefinitionId"] for one in recording.of(AZURE_GRANT)}
    assert {who: held[role.rpartition("/")[2]] for who, role in granted.items()} == {
        "1": ["encrypt", "decrypt"],
        "2": ["decrypt"],
    }


def audit_trail(recording: Recording) -> None:
    assert only(recording, "aws:cloudtrail/trail:Trail").inputs["isMultiRegionTrail"] is True
    (rule,) = recording.named("audit-retention").inputs["rules"]
    assert rule["expiration"] == {"days": 730}


def deploy_key(recording: Recording) -> None:
    value = only(recording, "aws:secretsmanager/secretVersion:SecretVersion")
    assert SECRET in value.inputs["secretString"]
    assert value.inputs["secretId"].endswith(":secret:platform/prod/argocd/platform-AbCdEf")
    assert recording.needs(value, recording.named("secrets-argocd/platform-policy"))


def node_encryption(recording: Recording) -> None:
    assert only(recording, ROLE).inputs["name"] == "platform-prod-node"
    assert "ec2.amazonaws.com" in only(recording, ROLE).inputs["assumeRolePolicy"]


def eks_encryption(recording: Recording) -> None:
    encryption = only(recording, "aws:eks/cluster:Cluster").inputs["encryptionConfig"]
    assert encryption["resources"] == ["secrets"]
    assert ":kms:" in encryption["provider"]["keyArn"]


def irsa(recording: Recording) -> None:
    assert only(recording, "aws:iam/openIdConnectProvider:OpenIdConnectProvider").inputs["clientIdLists"] == [
        "sts.amazonaws.com"
    ]
    trust = only(recording, ROLE).inputs["assumeRolePolicy"]
    assert "system:serviceaccount:external-secrets:external-secrets" in trust


def pod_identity(recording: Recording) -> None:
    association = only(recording, "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert (association.inputs["clusterName"], association.inputs["serviceAccount"]) == ("prod", "external-secrets")


def foundation(recording: Recording) -> None:
    assert {one.name.rpartition("-")[2] for one in recording.of(KEY)} == {"secrets", "etcd", "tenants"}
    assert "kms:CreateGrant" in recording.named("foundation-keys-etcd").inputs["policy"]
    assert recording.provider_names(recording.named("foundation-keys-etcd")) == ["aws"]


def operator(recording: Recording) -> None:
    releases = {one.inputs["name"]: one for one in recording.of("kubernetes:helm.sh/v3:Release")}
    assert releases.keys() == {"external-secrets", "external-secrets-crds"}
    assert releases["external-secrets"].inputs["values"]["rbac"] == {"create": False}
    assert recording.named("operator-writer-apps").inputs["metadata"]["namespace"] == "apps"
    assert not any("token" in one.name for one in recording.resources.values())  # Pod Identity mints none


def cluster_store(recording: Recording) -> None:
    spec = only(recording, CLUSTER_SECRET_STORE).inputs["spec"]
    assert spec["conditions"] == [
        {"namespaces": ["apps"]},
        {"namespaceSelector": {"matchLabels": {"team": "payments"}}},
    ]
    assert "auth" not in spec["provider"]["aws"]


def namespace_store(recording: Recording) -> None:
    store = only(recording, "kubernetes:external-secrets.io/v1:SecretStore")
    assert store.inputs["metadata"]["namespace"] == "team"
    reference = store.inputs["spec"]["provider"]["aws"]["auth"]["jwt"]["serviceAccountRef"]
    assert reference == {"name": "secret-reader", "namespace": "team"}
    # Another role and prefix than the environment's, with its one OIDC provider.
    role = only(recording, ROLE)
    assert role.inputs["name"] == "team-prod-external-secrets"
    assert "system:serviceaccount:team:secret-reader" in role.inputs["assumeRolePolicy"]
    assert ":secret:team/prod/*" in recording.named("team-identity-policy").inputs["policy"]
    assert ":secret:platform/" not in recording.named("team-identity-policy").inputs["policy"]
    assert recording.of("aws:iam/openIdConnectProvider:OpenIdConnectProvider") == []
    # The operator finds the role in the annotation, and may mint a token of this account alone.
    account = only(recording, "kubernetes:core/v1:ServiceAccount")
    annotation = account.inputs["metadata"]["annotations"]["eks.amazonaws.com/role-arn"]
    assert annotation.endswith(":role/team-prod-external-secrets")
    (rule,) = only(recording, "kubernetes:rbac.authorization.k8s.io/v1:Role").inputs["rules"]
    assert (rule["resources"], rule["resourceNames"]) == (["serviceaccounts/token"], ["secret-reader"])
    assert recording.needs(store, account)


def first_sync(recording: Recording) -> None:
    synced = only(recording, EXTERNAL_SECRET)
    assert synced.inputs["metadata"]["annotations"]["pulumi.com/timeoutSeconds"] == "120"
    assert recording.needs(recording.named("secrets-flow"), synced)


def argocd(recording: Recording) -> None:
    read = {one.inputs["metadata"]["name"] for one in recording.of(EXTERNAL_SECRET)}
    assert read == {"repository-platform", "repo-creds-example-org"}
    made = {one.inputs["metadata"]["name"] for one in recording.of(SECRET_OBJECT)}
    assert made == {"cluster-in-cluster", "cluster-eks", "cluster-gke", "cluster-aks"}


def argocd_spoke(recording: Recording) -> None:
    (binding,) = recording.of("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding")
    assert binding.inputs["metadata"]["namespace"] == "apps"
    assert binding.inputs["subjects"][0]["name"] == "argocd-hub"


def team_stores(recording: Recording) -> None:
    stores = {
        one.inputs["metadata"]["namespace"] for one in recording.of("kubernetes:external-secrets.io/v1:SecretStore")
    }
    assert stores == {"payments", "payments-jobs", "search"}
    shared = recording.named("prod-teams-shared-store").inputs["spec"]["conditions"]
    assert shared == [{"namespaces": ["payments", "payments-jobs", "search"]}]
    assert ":secret:platform/prod/payments/*" in recording.named("prod-team-payments-identity-policy").inputs["policy"]
    quota = recording.named("prod-teams-store-search-quota").inputs["spec"]["hard"]
    assert quota == {"count/externalsecrets.external-secrets.io": "50"}
    page = (PAGES / "components" / "team-stores.md").read_text()
    for team, one in (recording.named("prod").outputs or {})["refreshEstimate"].items():
        assert f"{int(one['callsAMonth']):,}" in page, team
        assert f"{one['dollarsAMonth']:.2f}" in page, team


def aws_team(recording: Recording) -> None:
    role = only(recording, ROLE)
    assert role.inputs["name"] == "platform-prod-team-payments"
    assert "system:serviceaccount:payments-jobs:external-secrets-team" in role.inputs["assumeRolePolicy"]
    assert len(recording.of("kubernetes:external-secrets.io/v1:SecretStore")) == 2


def vault_team(recording: Recording) -> None:
    assert "platform/prod/secrets/data/payments/*" in only(recording, "vault:index/policy:Policy").inputs["policy"]
    roles = recording.of("vault:kubernetes/authBackendRole:AuthBackendRole")
    assert {one.inputs["roleName"] for one in roles} == {
        "platform-prod-store-payments",
        "platform-prod-store-payments-jobs",
    }


def gcp_team(recording: Recording) -> None:
    grant = only(recording, "gcp:secretmanager/secretIamMember:SecretIamMember").inputs
    assert grant["secretId"].endswith("platform--prod--payments--api")
    assert grant["member"].endswith("/subject/ns/payments/sa/external-secrets-team")


def azure_team(recording: Recording) -> None:
    assert only(recording, AZURE_GRANT).inputs["scope"].endswith("/secrets/payments--api")
    credentials = recording.of("azure-native:managedidentity:FederatedIdentityCredential")
    assert {one.inputs["subject"] for one in credentials} == {
        f"system:serviceaccount:{one}:external-secrets-team" for one in ("payments", "payments-jobs")
    }


def refresh_limit(recording: Recording) -> None:
    spec = recording.named("refresh-policy").inputs["spec"]
    assert "duration('15m0s')" in spec["validations"][0]["expression"]
    assert recording.named("refresh-binding").inputs["spec"]["validationActions"] == ["Deny"]


def generated_deploy_key(recording: Recording) -> None:
    repository = recording.named("argocd-repository-platform").inputs["spec"]["data"][0]["remoteRef"]
    assert repository == {"key": "platform/prod/argocd/platform", "property": "privateKey"}
    assert recording.reads == [(SECRET_OBJECT, "argocd/deploy-key-platform-public")]


def cluster_bootstrap(recording: Recording) -> None:
    assert only(recording, CLUSTER_SECRET_STORE).inputs["spec"]["conditions"] == [
        {"namespaces": ["apps"]},
        {"namespaces": ["secrets-bootstrap"]},
    ]
    assert recording.needs(only(recording, EXTERNAL_SECRET), only(recording, CLUSTER_SECRET_STORE))


def whole_environment(recording: Recording) -> None:
    assert only(recording, ROLE).inputs["name"] == "platform-prod-external-secrets"
    assert recording.needs(only(recording, EXTERNAL_SECRET), only(recording, ROLE))
    assert recording.needs(only(recording, EXTERNAL_SECRET), recording.named("prod-foundation-keys-secrets"))


def gcp_keys(recording: Recording) -> None:
    made = {one.inputs["keyRing"].split("/")[3]: one for one in recording.of("gcp:kms/cryptoKey:CryptoKey")}
    assert made.keys() == {"europe-west1", "europe-west4"}
    names = [one.inputs["name"] for one in recording.of("gcp:kms/cryptoKey:CryptoKey")]
    assert sorted(names) == ["secrets", "secrets", "tenants", "tenants"]  # etcd is adopted
    grant = recording.named("keys-etcd-europe-west1-agent").inputs
    assert grant["cryptoKeyId"].startswith("projects/example-keys/")
    assert "container-engine-robot" in grant["member"]


def gke_encryption(recording: Recording) -> None:
    encryption = only(recording, "gcp:container/cluster:Cluster").inputs["databaseEncryption"]
    assert encryption["state"] == "ENCRYPTED"
    assert encryption["keyName"].endswith("/cryptoKeys/etcd")


def gcp_store(recording: Recording) -> None:
    made = {one.inputs["secretId"]: one for one in recording.of("gcp:secretmanager/secret:Secret")}
    assert made.keys() == {
        "platform--prod--canary",
        "platform--prod--database--password",
        "platform--prod--tenants--acme",
    }
    (replica,) = made["platform--prod--tenants--acme"].inputs["replication"]["userManaged"]["replicas"]
    assert replica["customerManagedEncryption"]["kmsKeyName"].endswith("/cryptoKeys/tenants")
    (writer,) = recording.of("gcp:secretmanager/secretIamMember:SecretIamMember")
    assert writer.inputs["role"] == "roles/secretmanager.secretVersionAdder"


def gcp_deploy_key(recording: Recording) -> None:
    value = only(recording, "gcp:secretmanager/secretVersion:SecretVersion")
    assert SECRET in value.inputs["secretData"]
    grants = recording.of("gcp:secretmanager/secretIamMember:SecretIamMember")
    assert len(grants) == 2
    assert all(recording.needs(value, grant) for grant in grants)


def gcp_principal(recording: Recording) -> None:
    grants = recording.of("gcp:secretmanager/secretIamMember:SecretIamMember")
    assert {one.inputs["member"].rpartition("/subject/")[2] for one in grants} == {
        "ns/external-secrets/sa/external-secrets"
    }
    assert len(grants) == 4  # two containers, and two more on the canary


def gcp_service_account(recording: Recording) -> None:
    assert only(recording, "gcp:serviceaccount/account:Account").inputs["accountId"] == "platform-prod-eso"
    user = only(recording, "gcp:serviceaccount/iAMMember:IAMMember")
    assert user.inputs["member"] == "serviceAccount:example-prod.svc.id.goog[external-secrets/external-secrets]"


def gcp_audit_logs(recording: Recording) -> None:
    assert only(recording, "gcp:logging/projectBucketConfig:ProjectBucketConfig").inputs["retentionDays"] == 730
    assert len(recording.of("gcp:projects/iAMAuditConfig:IAMAuditConfig")) == 2


def gcp_foundation(recording: Recording) -> None:
    assert {one.inputs["name"] for one in recording.of("gcp:kms/cryptoKey:CryptoKey")} == {"secrets", "etcd", "tenants"}
    assert recording.provider_names(recording.named("foundation-keys-etcd-europe-west1")) == ["gcp"]


def azure_keys(recording: Recording) -> None:
    assert {one.name for one in recording.of("azure-native:keyvault:Key")} == {"keys-secrets", "keys-tenants"}
    assert only(recording, AZURE_GRANT).inputs["principalType"] == "Group"


def azure_store(recording: Recording) -> None:
    vault = only(recording, "azure-native:keyvault:Vault").inputs["properties"]
    assert (vault["networkAcls"]["defaultAction"], vault["softDeleteRetentionInDays"]) == ("Deny", 7)
    scopes = {one.inputs["scope"].rpartition("/")[2] for one in recording.of(AZURE_GRANT)}
    assert scopes == {"database", "tenants--acme"}


def azure_audit(recording: Recording) -> None:
    setting = only(recording, "azure-native:monitor:DiagnosticSetting").inputs
    assert setting["logs"] == [{"category": "AuditEvent", "enabled": True}]
    assert only(recording, "azure-native:operationalinsights:Workspace").inputs["retentionInDays"] == 730


def azure_deploy_key(recording: Recording) -> None:
    secret = only(recording, "azure-native:keyvault:Secret").inputs
    assert SECRET in secret["properties"]
    assert (secret["resourceGroupName"], secret["vaultName"]) == ("platform-prod", "platform-prod-secrets")


def azure_cluster_identity(recording: Recording) -> None:
    cluster = only(recording, "azure-native:containerservice:ManagedCluster")
    assert cluster.inputs["securityProfile"]["azureKeyVaultKms"]["keyId"].endswith(f"/keys/etcd/{'0' * 32}")
    assert all(recording.needs(cluster, grant) for grant in recording.of(AZURE_GRANT))


def azure_workload_identity(recording: Recording) -> None:
    credential = only(recording, "azure-native:managedidentity:FederatedIdentityCredential").inputs
    assert credential["subject"] == "system:serviceaccount:external-secrets:external-secrets"
    assert credential["audiences"] == ["api://AzureADTokenExchange"]


def azure_foundation(recording: Recording) -> None:
    keys = recording.of("azure-native:keyvault:Key")
    assert {one.inputs["keyName"] for one in keys} == {"secrets", "etcd", "tenants"}
    assert recording.provider_names(keys[0]) == ["azure"]


VAULT_KEY = "vault:transit/secretBackendKey:SecretBackendKey"
CONTAINER = "vault:generic/endpoint:Endpoint"


def vault_keys(recording: Recording) -> None:
    assert {one.inputs["name"] for one in recording.of(VAULT_KEY)} == {"secrets", "tenants"}  # etcd is adopted
    assert all(one.inputs["autoRotatePeriod"] == 180 * 86400 and one.protect for one in recording.of(VAULT_KEY))
    policy = json.loads(only(recording, "vault:index/policy:Policy").inputs["policy"])
    assert "platform/prod/transit/encrypt/secrets" in policy["path"]


def vault_store(recording: Recording) -> None:
    made = {one.inputs["path"].removeprefix("platform/prod/secrets/metadata/") for one in recording.of(CONTAINER)}
    assert made == {"canary", "database", "tenants/acme"}
    assert only(recording, "vault:kv/secretBackendV2:SecretBackendV2").inputs["maxVersions"] == 5


def vault_deploy_key(recording: Recording) -> None:
    value = only(recording, "vault:kv/secretV2:SecretV2")
    assert SECRET in value.inputs["dataJson"]
    assert recording.needs(value, recording.named("secrets-argocd/platform"))


def vault_kubernetes(recording: Recording) -> None:
    role = only(recording, "vault:kubernetes/authBackendRole:AuthBackendRole")
    assert (role.inputs["backend"], role.inputs["audience"]) == ("platform/prod/kubernetes", "vault")
    assert role.inputs["boundServiceAccountNames"] == ["vault-reader"]


def vault_jwt(recording: Recording) -> None:
    role = only(recording, "vault:jwt/authBackendRole:AuthBackendRole")
    assert role.inputs["boundSubject"] == "system:serviceaccount:external-secrets:external-secrets"
    assert role.inputs["boundAudiences"] == ["vault.example.com"]


def vault_audit(recording: Recording) -> None:
    device = only(recording, "vault:index/audit:Audit")
    assert device.inputs["options"] == {"file_path": "/var/log/vault/audit.log", "mode": "0600"}
    assert device.protect
    assert recording.provider_names(device) == ["vault"]


def vault_tenants(recording: Recording) -> None:
    assert {one.inputs["name"] for one in recording.of(VAULT_KEY)} == {"tenant-acme", "tenant-globex"}
    assert (
        only(recording, "vault:jwt/authBackendRole:AuthBackendRole").inputs["roleName"] == "platform-prod-tenant-acme"
    )


def gcp_tenants(recording: Recording) -> None:
    rings = {one.inputs["keyRing"] for one in recording.of("gcp:kms/cryptoKey:CryptoKey")}
    assert rings == {"projects/example-prod/locations/europe-west1/keyRings/platform-prod"}
    grant = recording.named("tenants-tenant-globex-user-serviceAccount:shop@example-prod.iam.gserviceaccount.com")
    assert grant.inputs["cryptoKeyId"].endswith("/cryptoKeys/tenant-globex")


def azure_tenants(recording: Recording) -> None:
    scopes = {one.inputs["scope"].rpartition("/")[2] for one in recording.of(AZURE_GRANT)}
    assert scopes == {"tenant-acme", "tenant-globex"}


def vault_node_encryption(recording: Recording) -> None:
    role = only(recording, "vault:index/certAuthBackendRole:CertAuthBackendRole")
    assert role.inputs["name"] == only(recording, "vault:index/policy:Policy").inputs["name"] == "platform-prod-node"


def vault_foundation(recording: Recording) -> None:
    assert {one.inputs["name"] for one in recording.of(VAULT_KEY)} == {"secrets", "etcd", "tenants"}
    assert recording.provider_names(recording.named("foundation-keys-etcd")) == ["vault"]


def aws_ci(recording: Recording) -> None:
    trust = json.loads(only(recording, ROLE).inputs["assumeRolePolicy"])["Statement"][0]["Condition"]["StringEquals"]
    assert trust["token.actions.githubusercontent.com:sub"] == ["repo:acme@123456/shop@456789:ref:refs/heads/main"]
    assert "ecr:PutImage" in recording.named("ci-registry").inputs["policy"]


def gcp_ci(recording: Recording) -> None:
    provider = only(recording, "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider").inputs
    assert provider["attributeCondition"].startswith("(assertion.sub.startsWith('{bbbbbbbb-")
    assert provider["oidc"]["allowedAudiences"] == [
        "ari:cloud:bitbucket::workspace/aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa"
    ]


def azure_ci(recording: Recording) -> None:
    credential = only(recording, "azure-native:managedidentity:FederatedIdentityCredential").inputs
    assert credential["subject"] == "repo:acme@123456/shop@456789:environment:prod"


def vault_ci(recording: Recording) -> None:
    assert only(recording, "vault:jwt/authBackendRole:AuthBackendRole").inputs["boundClaims"] == {
        "environment": "prod",
        "environment_protected": "true",
        "project_id": "77",
        "sub": "project_path:acme/web/shop:*",
    }


def aws_rotation(recording: Recording) -> None:
    rules = only(recording, "aws:secretsmanager/secretRotation:SecretRotation").inputs["rotationRules"]
    assert rules == {"scheduleExpression": "rate(14 days)", "duration": "4h"}
    container = recording.named("secrets-database-policy")
    assert recording.needs(recording.named("rotation-rotation"), container)
    assert "role/rotate-database" in container.inputs["policy"]


def vault_database(recording: Recording) -> None:
    assert only(recording, "vault:index/mount:Mount").inputs["type"] == "database"
    names = {one.inputs["name"] for one in recording.of("vault:index/policy:Policy")}
    assert names == {f"platform-prod-database-{name}" for name in ("app", "report", "connection")}


def vault_credentials(recording: Recording) -> None:
    assert recording.named("credentials-role").inputs["tokenPolicies"] == ["platform-prod-database-app"]
    assert only(recording, EXTERNAL_SECRET).inputs["spec"]["refreshInterval"] == "30m0s"


def restarted(recording: Recording) -> None:
    metadata = only(recording, "kubernetes:apps/v1:Deployment").inputs["metadata"]
    assert metadata["annotations"] == {"secrets-bootstrap/restart-on": "database"}


CLUSTER_ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"


def aws_dns01(recording: Recording) -> None:
    policy = json.loads(only(recording, "aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    assert policy["Statement"][0]["Resource"] == "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
    issuer, certificate = (
        only(recording, f"kubernetes:cert-manager.io/v1:{kind}") for kind in ("ClusterIssuer", "Certificate")
    )
    assert recording.needs(certificate, issuer)
    assert recording.needs(issuer, only(recording, ROLE))


def gcp_dns01(recording: Recording) -> None:
    grant = only(recording, "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember").inputs
    assert (grant["project"], grant["managedZone"]) == ("example-dns", "example-com")
    assert grant["member"].endswith("/subject/ns/cert-manager/sa/cert-manager")
    assert "cloudDNS" in str(only(recording, CLUSTER_ISSUER).inputs)


def azure_dns01(recording: Recording) -> None:
    assert only(recording, AZURE_GRANT).inputs["scope"].endswith("/dnsZones/acme.example.net")
    (solver,) = only(recording, CLUSTER_ISSUER).inputs["spec"]["acme"]["solvers"]
    assert solver["selector"] == {"dnsZones": ["example.com"]}
    assert (solver["dns01"]["cnameStrategy"], solver["dns01"]["azureDNS"]["hostedZoneName"]) == (
        "Follow",
        "acme.example.net",
    )


def acme_issuer(recording: Recording) -> None:
    solvers = only(recording, CLUSTER_ISSUER).inputs["spec"]["acme"]["solvers"]
    assert [list(one["http01"]) for one in solvers] == [["ingress"], ["gatewayHTTPRoute"]]
    asked = recording.of("kubernetes:cert-manager.io/v1:Certificate")
    assert {one.inputs["spec"]["secretName"] for one in asked} == {"shop-tls", "api-tls"}


def cert_manager(recording: Recording) -> None:
    release = only(recording, "kubernetes:helm.sh/v3:Release")
    assert release.inputs["values"]["global"]["rbac"] == {"create": False}
    assert recording.needs(release, only(recording, "aws:eks/podIdentityAssociation:PodIdentityAssociation"))
    assert recording.needs(only(recording, CLUSTER_ISSUER), release)
    assert recording.named("cert-manager-issuer-apps").inputs["metadata"]["namespace"] == "apps"


def sealed_bootstrap(recording: Recording) -> None:
    made = {one.name for one in recording.resources.values() if one.parent.endswith("::prod")}
    assert made == {"prod-cluster-kubernetes", "prod-bootstrap", "prod-sealed-secrets"}
    values = only(recording, "kubernetes:helm.sh/v3:Release").inputs["values"]
    assert values["additionalNamespaces"] == ["apps"]


def sealed_secrets(recording: Recording) -> None:
    values = only(recording, "kubernetes:helm.sh/v3:Release").inputs["values"]
    assert values["additionalNamespaces"] == ["apps"]
    assert not [one for one in recording.resources.values() if one.token.startswith("tls:")]


def argocd_seed(recording: Recording) -> None:
    seed = recording.named("argocd-repository-bootstrap-seed")
    assert "x-leak" in seed.inputs["stringData"][SECRET]["password"]
    assert only(recording, EXTERNAL_SECRET).inputs["spec"]["target"]["creationPolicy"] == "Orphan"
    adopted = play(EXAMPLES / "argocd_seed.py", {})
    assert adopted.of(SECRET_OBJECT) == []
    spec = only(adopted, EXTERNAL_SECRET).inputs["spec"]
    assert spec["target"]["name"] == seed.inputs["metadata"]["name"]
    assert spec["target"]["template"]["data"]["username"] == "oauth2"


def argocd_identities(recording: Recording) -> None:
    made = {one.name: one.inputs["stringData"][SECRET] for one in recording.of(SECRET_OBJECT)}
    assert recording.of(EXTERNAL_SECRET) == []
    assert made["azure-repo-creds-platform"]["useAzureWorkloadIdentity"] == "true"
    assert made["aws-repository-platform"]["secretArn"].endswith(":secret:platform/prod/argocd/git-AbCdEf")
    assert "config" not in made["aws-cluster-prod"]


def aws_argocd_hub(recording: Recording) -> None:
    (enter,) = json.loads(only(recording, "aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    assert enter["Resource"] == ["arn:aws:iam::444455556666:role/platform-staging-argocd-spoke"]
    entry = only(recording, "aws:eks/accessEntry:AccessEntry")
    assert recording.provider_names(entry) == ["staging"]
    (subject,) = recording.named("argocd-apps-binding").inputs["subjects"]
    assert entry.inputs["kubernetesGroups"] == [subject["name"]]


def azure_argocd_hub(recording: Recording) -> None:
    assert recording.of(AZURE_GRANT) == []
    (subject,) = recording.named("argocd-apps-binding").inputs["subjects"]
    assert (subject["kind"], subject["name"]) == ("User", "principal-of-argocd-hub-identity")
    assert "client-of-argocd-hub-identity" in str(recording.named("argocd-secrets-cluster-staging").inputs)


def gcp_argocd_hub(recording: Recording) -> None:
    grant = only(recording, "gcp:projects/iAMMember:IAMMember").inputs
    (subject,) = recording.named("argocd-apps-binding").inputs["subjects"]
    assert grant["member"] == f"serviceAccount:{subject['name']}"
    assert (grant["project"], grant["role"]) == ("example-staging", "roles/container.clusterViewer")


EXPECTED: dict[str, Callable[[Recording], Any]] = {
    "acme_issuer": acme_issuer,
    "argocd_secrets": argocd,
    "aws_argocd_hub": aws_argocd_hub,
    "azure_argocd_hub": azure_argocd_hub,
    "gcp_argocd_hub": gcp_argocd_hub,
    "aws_dns01_role": aws_dns01,
    "azure_dns01_identity": azure_dns01,
    "cert_manager": cert_manager,
    "gcp_dns01_role": gcp_dns01,
    "argocd_spoke": argocd_spoke,
    "argocd_seed": argocd_seed,
    "argocd_identities": argocd_identities,
    "aws_ci_role": aws_ci,
    "azure_ci_identity": azure_ci,
    "gcp_ci_identity": gcp_ci,
    "vault_ci_role": vault_ci,
    "aws_audit_trail": audit_trail,
    "aws_deploy_key": deploy_key,
    "aws_environment_keys": environment_keys,
    "aws_foundation": foundation,
    "aws_irsa_identity": irsa,
    "aws_node_encryption": node_encryption,
    "aws_pod_identity": pod_identity,
    "aws_secret_rotation": aws_rotation,
    "aws_secret_store": secret_store,
    "aws_sops_key": sops_key,
    "aws_tenant_keys": tenant_keys,
    "azure_audit": azure_audit,
    "azure_cluster_identity": azure_cluster_identity,
    "azure_deploy_key": azure_deploy_key,
    "azure_environment_keys": azure_keys,
    "azure_foundation": azure_foundation,
    "azure_secret_store": azure_store,
    "azure_sops_key": azure_sops_key,
    "azure_tenant_keys": azure_tenants,
    "azure_workload_identity": azure_workload_identity,
    "cluster_bootstrap": cluster_bootstrap,
    "cluster_secret_store": cluster_store,
    "eks_encryption_config": eks_encryption,
    "external_secrets_operator": operator,
    "first_sync": first_sync,
    "gcp_audit_logs": gcp_audit_logs,
    "gcp_deploy_key": gcp_deploy_key,
    "gcp_environment_keys": gcp_keys,
    "gcp_foundation": gcp_foundation,
    "gcp_principal_identity": gcp_principal,
    "gcp_secret_store": gcp_store,
    "gcp_service_account_identity": gcp_service_account,
    "gcp_sops_key": gcp_sops_key,
    "gcp_tenant_keys": gcp_tenants,
    "generated_deploy_key": generated_deploy_key,
    "gke_encryption_config": gke_encryption,
    "namespace_secret_store": namespace_store,
    "node_files": vault_node_encryption,
    "sealed_bootstrap": sealed_bootstrap,
    "sealed_secrets": sealed_secrets,
    "secret_provider_class": secret_provider_class,
    "refresh_limit": refresh_limit,
    "restarted_deployment": restarted,
    "vault_team_identity": vault_team,
    "team_stores": team_stores,
    "gcp_team_identity": gcp_team,
    "azure_team_identity": azure_team,
    "aws_team_identity": aws_team,
    "secrets_bootstrap": whole_environment,
    "vault_audit": vault_audit,
    "vault_database": vault_database,
    "vault_deploy_key": vault_deploy_key,
    "vault_dynamic_credentials": vault_credentials,
    "vault_environment_keys": vault_keys,
    "vault_foundation": vault_foundation,
    "vault_jwt_identity": vault_jwt,
    "vault_kubernetes_identity": vault_kubernetes,
    "vault_node_encryption": vault_node_encryption,
    "vault_secret_store": vault_store,
    "vault_tenant_keys": vault_tenants,
}


def test_examples_need_only_what_the_library_exports() -> None:
    for example in EXAMPLES.glob("*.py"):
        assert not re.search(r"^\s*(?:from|import) components\.", example.read_text(), re.MULTILINE), example.name


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_example(example: Path) -> None:
    """An example without an expectation fails: it would prove nothing."""
    EXPECTED[example.stem](play(example))
