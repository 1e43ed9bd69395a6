"""The same resources as the other program, written out by hand: no component, no contract, no check."""

import pulumi
import pulumi_aws as aws
import pulumi_tls as tls

from components import BootstrapConfig
from components.aws.foundation import key_policies
from components.aws.policies import node_policy, secret_policy
from components.aws.statements import to_json
from components.aws.trust import service_trust
from stacks.environments import aws_provider
from tests.bench.environments import configuration, report_memory

DESCRIPTIONS = {
    "secrets": "Secrets Manager containers",
    "etcd": "Kubernetes Secrets in etcd",
    "tenants": "tenants' containers in Secrets Manager",
}


def foundation(config: BootstrapConfig, name: str) -> None:
    environment = config.environments[name]
    names = config.names(name)
    opts = pulumi.ResourceOptions(provider=aws_provider(names))
    policies = key_policies(names, environment)
    keys = {}
    for role, description in DESCRIPTIONS.items():
        keys[role] = aws.kms.Key(
            f"{name}-{role}",
            description=f"{names.prefix} {name}: {description}",
            policy=to_json(policies[role]),
            enable_key_rotation=True,
            rotation_period_in_days=365,
            deletion_window_in_days=7,
            tags=names.tags(**{"secrets-bootstrap/key": role}),
            opts=opts,
        )
        aws.kms.Alias(f"{name}-{role}-alias", name=names.alias(role), target_key_id=keys[role].key_id, opts=opts)

    def container(key: str, description: str | None, **tags: str) -> aws.secretsmanager.Secret:
        return aws.secretsmanager.Secret(
            f"{name}-{key}",
            name=names.secret_name(key),
            description=description,
            kms_key_id=keys["tenants" if key.startswith("tenants/") else "secrets"].arn,
            recovery_window_in_days=0,
            tags=names.tags(**tags),
            opts=opts,
        )

    container("canary", "First sync", **{"managed-by": "external-secrets"})
    containers = {
        "database": container("database", None),
        "tenants/acme": container("tenants/acme", None),
        "argocd/platform": container("argocd/platform", "Argo CD deploy key"),
    }
    for key, secret in containers.items():
        readers = environment.deployers if key == "argocd/platform" else ()
        aws.secretsmanager.SecretPolicy(
            f"{name}-{key}-policy",
            secret_arn=secret.arn,
            policy=to_json(secret_policy(names, readers=readers)),
            block_public_policy=True,
            opts=opts,
        )
    deploy_key = tls.PrivateKey(f"{name}-deploy-key", algorithm="ED25519")
    aws.secretsmanager.SecretVersion(
        f"{name}-deploy-key-value",
        secret_id=containers["argocd/platform"].arn,
        secret_string=deploy_key.private_key_openssh,
        opts=opts,
    )
    node = aws.iam.Role(
        f"{name}-node",
        name=names.role_name("node"),
        description=f"Control-plane nodes of {names.prefix} {name}: encrypt etcd",
        assume_role_policy=to_json(service_trust("ec2.amazonaws.com")),
        tags=names.tags(),
        opts=opts,
    )
    aws.iam.RolePolicy(
        f"{name}-node-policy",
        name="encrypt-etcd",
        role=node.name,
        policy=keys["etcd"].arn.apply(lambda arn: to_json(node_policy(names, etcd_key_arn=arn))),
        opts=opts,
    )


report_memory()
settings = configuration()
for environment_name in settings.environments:
    foundation(settings, environment_name)
