"""A deploy key whose private half is in the manager alone, and the repository that is read with it.

The container is one of the store's `operator_filled`, and of the grant's, so that the operator may fill it.
"""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    ArgoCdSecrets,
    ArgoCdSecretsArgs,
    ArgoRepository,
    CanaryRef,
    GeneratedDeployKey,
    GeneratedDeployKeyArgs,
)

in_cluster = pulumi.ResourceOptions(provider=kubernetes.Provider("cluster", context="prod"))

key = GeneratedDeployKey(
    "platform-key",
    GeneratedDeployKeyArgs(
        key_name="platform",
        namespace="argocd",
        store_name="prod",
        container=CanaryRef(remote_key="platform/prod/argocd/platform"),
    ),
    in_cluster,
)
ArgoCdSecrets(
    "argocd",
    ArgoCdSecretsArgs(
        namespace="argocd",
        store_name="prod",
        repositories={
            "platform": ArgoRepository(url="git@git.example.com:platform/deploy.git", credential=key.credential)
        },
        after=key.gates,
    ),
    in_cluster,
)
pulumi.export("deployPublicKey", key.public_key)
