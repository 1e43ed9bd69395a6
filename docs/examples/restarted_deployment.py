"""A Deployment whose pods are restarted when its Secret changes."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import RestartedBy, restart_annotations

LABELS = {"app": "web"}
password = kubernetes.core.v1.EnvVarSourceArgs(
    secret_key_ref=kubernetes.core.v1.SecretKeySelectorArgs(name="database", key="password")
)
web = kubernetes.apps.v1.Deployment(
    "web",
    metadata=kubernetes.meta.v1.ObjectMetaArgs(
        name="web", namespace="apps", annotations=restart_annotations(["database"], by=RestartedBy.ROTATE)
    ),
    spec=kubernetes.apps.v1.DeploymentSpecArgs(
        replicas=2,
        selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels=LABELS),
        template=kubernetes.core.v1.PodTemplateSpecArgs(
            metadata=kubernetes.meta.v1.ObjectMetaArgs(labels=LABELS),
            spec=kubernetes.core.v1.PodSpecArgs(
                containers=[
                    kubernetes.core.v1.ContainerArgs(
                        name="web",
                        image="registry.example.com/web:1.4.2",
                        env=[kubernetes.core.v1.EnvVarArgs(name="DATABASE_PASSWORD", value_from=password)],
                    )
                ]
            ),
        ),
    ),
)
pulumi.export("deployment", web.metadata.name)
