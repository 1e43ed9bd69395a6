"""An Argo CD that installs the operator itself: its first credential is a seed, which the operator then takes over.

Before the first `up`: put the token into the manager, and `pulumi config set --secret gitToken` with the same value.
Once the operator is there: `pulumi config rm gitToken`, and `up` again. The Secret stays; the value leaves the state.
"""

import pulumi
import pulumi_kubernetes as kubernetes

from components import ArgoCdSecrets, ArgoCdSecretsArgs, ArgoRepository, HttpsToken

argocd = ArgoCdSecrets(
    "argocd",
    ArgoCdSecretsArgs(
        namespace="argocd",
        store_name="prod",
        repositories={
            "bootstrap": ArgoRepository(
                url="https://git.example.com/platform/bootstrap.git",
                credential=HttpsToken(username="oauth2", remote_key="platform/prod/argocd/bootstrap"),
                project="platform",
                seed=pulumi.Config().get_secret("gitToken"),
            )
        },
    ),
    pulumi.ResourceOptions(provider=kubernetes.Provider("cluster", context="prod")),
)
pulumi.export("repositorySecrets", argocd.repository_secrets)
