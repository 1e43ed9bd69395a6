"""Configurations that are spoiled in one place, and the field that the error has to name."""

from tests.fast.components import samples

ADMINISTRATOR = f"arn:aws:iam::{samples.ACCOUNT}:role/administrator"
DEPLOYER = f"arn:aws:iam::{samples.ACCOUNT}:role/deployer"
FOREIGNER = "arn:aws:iam::999999999999:role/x-leak"
SECRET_ARN = f"arn:aws:secretsmanager:eu-west-1:{samples.ACCOUNT}:secret:platform/prod/x-AbCdEf"
EKS = {"kind": "eks", "subnetIds": ["subnet-01234567", "subnet-01234568"]}
OTHER = f"arn:aws:kms:eu-west-1:{samples.ACCOUNT}:key/1e1e1e1e-1111-2222-3333-444444444444"
ABSENT = object()

# Path in the configuration, the value put there (ABSENT: taken away), the field that the error has to name.
SPOILED: list[tuple[str, object, str]] = [
    ("environments.prod.region", ABSENT, "environments.prod.region"),
    ("environments.prod.store", ABSENT, "environments.prod.store"),
    ("environments.prod.regionn", "x-leak", "environments.prod.regionn"),
    ("environments.prod.identity.kinds", "x-leak", "environments.prod.identity.kinds"),
    ("environments.prod.cluster.nodes", 2, "environments.prod.cluster.nodes"),
    ("environments.prod.region", "x-leak", "environments.prod.region"),
    ("environments.prod.region", "eu-west-x-leak", "environments.prod.region"),
    ("environments.prod.accountId", 123456789012, "environments.prod.accountId"),
    ("environments.prod.accountId", "x-leak", "environments.prod.accountId"),
    ("prefix", "X-leak", "prefix"),
    ("prefix", ABSENT, "prefix"),
    ("environments", {}, "environments"),
    ("environments.Prod_leak", samples.environment(), "environments.Prod_leak"),
    ("environments.prod.secrets", {"x leak": {}}, "environments.prod.secrets.x leak"),
    ("environments.prod.secrets", {"x-leaked": {"value": "x-leak"}}, "environments.prod.secrets.x-leaked"),
    ("environments.prod.secrets", {"ok": {"value": "x-leak"}}, "environments.prod.secrets.ok.value"),
    ("environments.prod.secrets", {"canary": {}}, "environments.prod.secrets.canary"),
    ("environments.prod.secrets", {"argocd/platform": {}}, "environments.prod.secrets.argocd/platform"),
    ("environments.prod.administrators", [], "environments.prod.administrators"),
    ("environments.prod.administrators", ["x-leak"], "environments.prod.administrators.0"),
    (
        "environments.prod.administrators",
        [f"arn:aws:iam::{samples.ACCOUNT}:root"],
        "environments.prod.administrators.0",
    ),
    ("environments.prod.deployers", ["arn:aws:sts::1:x-leak"], "environments.prod.deployers.0"),
    ("environments.prod.deployers", [f"arn:aws:iam::{samples.ACCOUNT}:role/x-leak"], "environments.prod.deployers.0"),
    ("environments.prod.keys", {"existing": {"etcd": "alias/x-leak"}}, "environments.prod.keys.existing.etcd"),
    (
        "environments.prod.keys",
        {"existing": {"etcd": OTHER.replace("eu-", "us-")}},
        "environments.prod.keys.existing.etcd",
    ),
    ("environments.prod.keys", {"rotationDays": 89}, "environments.prod.keys.rotationDays"),
    ("environments.prod.keys", {"rotationDays": 2561}, "environments.prod.keys.rotationDays"),
    ("environments.prod.keys", {"deletionWindowDays": 6}, "environments.prod.keys.deletionWindowDays"),
    ("environments.prod.keys", {"deletionWindowDays": 31}, "environments.prod.keys.deletionWindowDays"),
    ("environments.prod.secretRecoveryDays", 6, "environments.prod.secretRecoveryDays"),
    ("environments.prod.secretRecoveryDays", 31, "environments.prod.secretRecoveryDays"),
    ("environments.prod.deletionProfile", "x-leak", "environments.prod.deletionProfile"),
    ("environments.prod.identity", {"kind": "x-leak"}, "environments.prod.identity.kind"),
    (
        "environments.prod.identity",
        {"kind": "podIdentity", "serviceAccountRef": {"namespace": "external-secrets", "name": "x-leak"}},
        "environments.prod.identity.serviceAccountRef",
    ),
    (
        "environments.prod.identity",
        {"kind": "irsa", "serviceAccountRef": {"namespace": "elsewhere", "name": "x"}},
        "environments.prod.identity.serviceAccountRef.namespace",
    ),
    (
        "environments.prod.identity",
        {"kind": "podIdentity", "oidcProviderArn": f"arn:aws:iam::{samples.ACCOUNT}:oidc-provider/x-leak"},
        "environments.prod.identity.oidcProviderArn",
    ),
    (
        "environments.prod.identity",
        {"kind": "irsa", "oidcProviderArn": f"arn:aws:iam::{samples.ACCOUNT}:role/x-leak"},
        "environments.prod.identity.oidcProviderArn",
    ),
    (
        "environments.prod.identity",
        {"kind": "irsa", "oidcProviderArn": "arn:aws:iam::999999999999:oidc-provider/x-leak"},
        "environments.prod.identity.oidcProviderArn",
    ),
    ("environments.prod.store.conditions", [], "environments.prod.store.conditions"),
    ("environments.prod.store.conditions", [{}], "environments.prod.store.conditions.0"),
    ("environments.prod.store.conditions", [{"namespaces": []}], "environments.prod.store.conditions.0.namespaces"),
    (
        "environments.prod.store.conditions",
        [{"namespaces": ["apps"]}, {"namespaces": ["apps", "x-leak"]}],
        "environments.prod.store.conditions.1.namespaces.1",
    ),
    ("environments.prod.store", {}, "environments.prod.store.conditions"),
    ("environments.prod.operator", {"namespace": "apps"}, "environments.prod.operator.namespace"),
    ("environments.prod.operator", {"timeoutSeconds": 5}, "environments.prod.operator.timeoutSeconds"),
    ("environments.prod.firstSync", {"refreshInterval": "x-leak"}, "environments.prod.firstSync.refreshInterval"),
    ("environments.prod.sealedSecrets", {}, "environments.prod.sealedSecrets.namespaces"),
    ("environments.prod.sealedSecrets", {"namespaces": []}, "environments.prod.sealedSecrets.namespaces"),
    (
        "environments.prod.sealedSecrets",
        {"namespaces": ["apps", "x-leak"]},
        "environments.prod.sealedSecrets.namespaces.1",
    ),
    *(
        (
            "environments.prod.sealedSecrets",
            {"namespaces": ["apps"], "namespace": namespace},
            "environments.prod.sealedSecrets.namespace",
        )
        for namespace in ("apps", "external-secrets", "argocd", "secrets-bootstrap", "kube-system")
    ),
    (
        "environments.prod.sealedSecrets",
        {"namespaces": ["apps"], "firstKey": "x-leak"},
        "environments.prod.sealedSecrets.firstKey",
    ),
    (
        "environments.prod.sealedSecrets",
        {"namespaces": ["apps"], "version": None},
        "environments.prod.sealedSecrets.version",
    ),
    (
        "environments.prod.sealedSecrets",
        {"namespaces": ["apps"], "timeoutSeconds": 29},
        "environments.prod.sealedSecrets.timeoutSeconds",
    ),
    ("environments.prod.cluster", {}, "environments.prod.cluster"),
    ("environments.prod.cluster", {"kind": "x-leak"}, "environments.prod.cluster"),
    (
        "environments.prod.cluster",
        {"kind": "eks", "subnetIds": ["subnet-01234567"]},
        "environments.prod.cluster.subnetIds",
    ),
    (
        "environments.prod.argocd",
        {"repository": {"name": "a", "url": "https://user:x-leak@git.example.com/a.git"}},
        "environments.prod.argocd.repository.url",
    ),
    # Who: one IAM role or user of the environment's own account, named once.
    (
        "environments.prod.administrators",
        [f"arn:aws:iam::{samples.ACCOUNT}:role/*"],
        "environments.prod.administrators.0",
    ),
    ("environments.prod.writers", [f"arn:aws:iam::{samples.ACCOUNT}:role/x-leak?"], "environments.prod.writers.0"),
    ("environments.prod.writers", [f"arn:aws:iam::{samples.ACCOUNT}:root"], "environments.prod.writers.0"),
    ("environments.prod.writers", [FOREIGNER], "environments.prod.writers.0"),
    ("environments.prod.administrators", [ADMINISTRATOR, DEPLOYER, FOREIGNER], "environments.prod.administrators.2"),
    ("environments.prod.secrets.database", {"readers": [FOREIGNER]}, "environments.prod.secrets.database.readers.0"),
    (
        "environments.prod.secrets.database",
        {"readers": [DEPLOYER, DEPLOYER]},
        "environments.prod.secrets.database.readers.1",
    ),
    (
        "environments.prod.secrets.database",
        {
            "readers": [DEPLOYER],
            "existingArn": f"arn:aws:secretsmanager:eu-west-1:{samples.ACCOUNT}:secret:platform/prod/database-AbCdEf",
        },
        "environments.prod.secrets.database.readers",
    ),
    (
        "environments.prod.administrators",
        [DEPLOYER, f"arn:aws-cn:iam::{samples.ACCOUNT}:role/x-leak"],
        "environments.prod.administrators.1",
    ),
    ("environments.prod.administrators", [DEPLOYER, DEPLOYER], "environments.prod.administrators.1"),
    ("environments.prod.deployers", [DEPLOYER, DEPLOYER], "environments.prod.deployers.1"),
    (
        "environments.prod.deployerRoleArn",
        f"arn:aws:iam::{samples.ACCOUNT}:role/x-leak",
        "environments.prod.deployerRoleArn",
    ),
    ("environments.prod.deployerRoleArn", FOREIGNER, "environments.prod.deployerRoleArn"),
    (
        "environments.prod.deployerRoleArn",
        f"arn:aws:iam::{samples.ACCOUNT}:user/x-leak",
        "environments.prod.deployerRoleArn",
    ),
    ("environments.prod.namespaces", ["apps", "apps"], "environments.prod.namespaces.1"),
    # What is adopted.
    (
        "environments.prod.secrets",
        {"a": {"existingArn": SECRET_ARN.replace("platform/prod", "x-leak")}},
        "environments.prod.secrets.a.existingArn",
    ),
    (
        "environments.prod.secrets",
        {"a": {"existingArn": SECRET_ARN.replace("-AbCdEf", "")}},
        "environments.prod.secrets.a.existingArn",
    ),
    (
        "environments.prod.secrets",
        {"a": {"existingArn": SECRET_ARN.replace("eu-west-1", "eu-west-2")}},
        "environments.prod.secrets.a.existingArn",
    ),
    # Containers whose names only fail in the manager.
    ("environments.prod.firstSync", {"secret": "tenants/x-leak"}, "environments.prod.firstSync.secret"),
    (
        "environments.prod.argocd",
        {"repository": {"name": "deploy-xxleak", "url": "git@git.example.com:a/b.git"}},
        "environments.prod.argocd.repository.name",
    ),
    (
        "environments.prod.argocd",
        {"repository": {"name": "a--b", "url": "git@git.example.com:a/b.git"}},
        "environments.prod.argocd.repository.name",
    ),
    # Namespaces, labels and patterns.
    ("environments.prod.namespaces", ["apps", "kube-system"], "environments.prod.namespaces.1"),
    ("environments.prod.operator", {"namespace": "kube-system"}, "environments.prod.operator.namespace"),
    ("environments.prod.firstSync", {"namespace": "default"}, "environments.prod.firstSync.namespace"),
    (
        "environments.prod.store.conditions",
        [{"namespaceRegexes": ["^ok$", "^(x-leak$"]}],
        "environments.prod.store.conditions.0.namespaceRegexes.1",
    ),
    (
        "environments.prod.store.conditions",
        [{"namespaceRegexes": ["x-leak"]}],
        "environments.prod.store.conditions.0.namespaceRegexes.0",
    ),
    (
        "environments.prod.store.conditions",
        [{"namespaceSelector": {"team": "x leak!"}}],
        "environments.prod.store.conditions.0.namespaceSelector.team",
    ),
    # The operator's chart.
    ("environments.prod.operator", {"repository": "http://x-leak"}, "environments.prod.operator.repository"),
    ("environments.prod.operator", {"version": None}, "environments.prod.operator.version"),
    # Clusters.
    (
        "environments.prod.cluster",
        {"kind": "selfManaged", "kmsPluginImage": "x-leak:latest"},
        "environments.prod.cluster.kmsPluginImage",
    ),
    (
        "environments.prod.cluster",
        {**EKS, "publicAccessCidrs": ["203.0.113.0/24", "0.0.0.0/0"]},
        "environments.prod.cluster.publicAccessCidrs.1",
    ),
    (
        "environments.prod.cluster",
        {**EKS, "publicAccessCidrs": ["x-leak"]},
        "environments.prod.cluster.publicAccessCidrs.0",
    ),
    (
        "environments.prod.cluster",
        {**EKS, "subnetIds": ["subnet-01234567", "subnet-01234567"]},
        "environments.prod.cluster.subnetIds.1",
    ),
    ("environments.prod.cluster", {**EKS, "version": "v1.34"}, "environments.prod.cluster.version"),
    ("environments.prod.cluster", {**EKS, "nodes": "x-leak"}, "environments.prod.cluster.nodes"),
    ("environments.prod.cluster", {"kind": "eks"}, "environments.prod.cluster.subnetIds"),
    ("environments.prod.cluster", {**EKS, "existing": True}, "environments.prod.cluster.subnetIds"),
    ("environments.prod.cluster", {"kind": "eks", "existing": True, "nodes": 3}, "environments.prod.cluster.nodes"),
    ("environments.prod.cluster", {**EKS, "encryption": "any"}, "environments.prod.cluster.encryption"),
    (
        "environments.prod.cluster",
        {"kind": "eks", "existing": True, "encryption": "x-leak"},
        "environments.prod.cluster.encryption",
    ),
    # The account's access log.
    ("environments.prod.audit", {"existingTrailArn": "x-leak"}, "environments.prod.audit.existingTrailArn"),
    ("environments.prod.audit", {"retentionDays": 89}, "environments.prod.audit.retentionDays"),
    ("environments.prod.audit", {"retentionDays": 3651}, "environments.prod.audit.retentionDays"),
    # An operator that is there already.
    ("environments.prod.operator", {"grantPermissions": True}, "environments.prod.operator.grantPermissions"),
    ("environments.prod.operator", {"existing": True, "webhook": False}, "environments.prod.operator.webhook"),
    (
        "environments.prod.operator",
        {"existing": True, "timeoutSeconds": 60},
        "environments.prod.operator.timeoutSeconds",
    ),
    ("environments.prod.operator", {"existing": True}, "environments.prod.identity.serviceAccountRef"),
]
