"""Every question to every judge."""

from collections.abc import Sequence

from bootstrap.errors import BootstrapError
from bootstrap.proof.offline import (
    argocd_hub,
    argocd_hub_elsewhere,
    argocd_spoke,
    aws,
    azure_logins,
    beside_azure,
    beside_google,
    ci_aws,
    ci_vault,
    csi,
    database_vault,
    dns01_aws,
    google_logins,
    grants,
    kubernetes,
    rotation_aws,
    sealed,
    sops_aws,
    vault,
)
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.row import Row

_ENVIRONMENTS = (aws, vault, grants, google_logins, azure_logins, kubernetes, sealed)
_BESIDE = (
    argocd_hub,
    argocd_hub_elsewhere,
    argocd_spoke,
    ci_aws,
    ci_vault,
    csi,
    database_vault,
    dns01_aws,
    sops_aws,
    rotation_aws,
    beside_azure,
    beside_google,
)


def matrix(documents: Documents) -> Sequence[Row]:
    """What the documents of a stack allow, beside what they should.

    Raises BootstrapError for a stack without environments: nothing asked would mean nothing wrong.
    """
    if not documents.environments:
        raise BootstrapError(
            "the stack's resources",
            "no environment is among them",
            "name a stack that has SecretsBootstrap, a foundation or ClusterBootstrap",
        )
    return [row for judge in (*_ENVIRONMENTS, *_BESIDE) for row in judge.rows(documents)]
