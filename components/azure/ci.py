"""A managed identity for CI jobs, reached with the OIDC token that their platform gives them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import managedidentity

from ..arguments import Arguments
from ..ci import PURPOSE, CiSubject, described, require_reviewed
from .forms import REGISTRY_ID
from .names import AzureNames
from .roles import AzureRole, role_assignment

_AUDIENCE = "api://AzureADTokenExchange"
_MOST_CREDENTIALS = 20


@dataclass(frozen=True, kw_only=True)
class AzureCiIdentityArgs(Arguments):
    """Arguments of AzureCiIdentity.

    names: the environment's names.
    purpose: what the identity is for; a word of up to 12 characters, such as images.
    subject: which jobs may have it; whole `sub`s and no further claims, since Azure compares nothing else.
    pull: resource ids of the container registries that it may pull from; default none.
    push: resource ids of the container registries that it may push to and pull from; default none.
    """

    names: AzureNames
    purpose: str
    subject: CiSubject
    pull: Sequence[str] = ()
    push: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.require_form("purpose", self.purpose, PURPOSE)
        require_reviewed(self.subject, self, "push", writes=bool(self.push))
        self.require(
            bool(self.subject.subs),
            "subject",
            "has no whole `sub`, and Azure compares it exactly",
            "name one branch, tag or environment; Bitbucket's `sub` is another one in every job, so it cannot be used",
        )
        self.require(
            not self.subject.claims,
            "subject",
            "needs further claims, and Azure compares `sub` only",
            "choose a subject that its `sub` tells, such as GitHubSubForm.IMMUTABLE",
        )
        self.require(
            len(self.subject.subs) <= _MOST_CREDENTIALS,
            "subject",
            f"has more than {_MOST_CREDENTIALS} `sub`s, which one identity does not take",
            "make several identities",
        )
        for name in ("pull", "push"):
            for index, registry in enumerate(getattr(self, name)):
                self.require_form(f"{name}.{index}", registry, REGISTRY_ID)


class AzureCiIdentity(pulumi.ComponentResource):
    """An identity that the jobs of one repository's branch or environment can take, without a client secret.

    Creates:
    - the user-assigned identity `<prefix>-<environment>-ci-<purpose>`;
    - a federated credential for each `sub`, one after the other: Azure refuses two at the same time;
    - AcrPull or AcrPush on each of the named registries. Azure has no narrower place for these two: they hold for the
      whole registry.

    Outputs:
    - `client_id`: the identity's client id, for the job's configuration.
    - `principal_id`: its object id, for more grants. What they allow is not looked at.
    - `gates`: everything that was created.

    Raises ConfigError for a subject that Azure cannot tell from others, and for `push` to jobs that nobody has
    reviewed.
    Sources: Microsoft Entra Workload ID, "Configure a user-assigned managed identity to trust an external identity
    provider", "Important considerations and restrictions for federated identity credentials"; Azure Container Registry,
    "Azure Container Registry roles and permissions".
    """

    client_id: pulumi.Output[str]
    principal_id: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AzureCiIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureCiIdentity", name, None, opts)
        names, subject = args.names, args.subject
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-identity",
            resource_name_=names.name(f"ci-{args.purpose}"),
            resource_group_name=names.resource_group,
            location=names.location,
            tags=names.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.client_id, self.principal_id = identity.client_id, identity.principal_id
        made: list[pulumi.Resource] = [identity]
        for index, sub in enumerate(subject.subs):
            made.append(
                managedidentity.FederatedIdentityCredential(
                    f"{name}-credential-{index}",
                    federated_identity_credential_resource_name=f"ci-{args.purpose}-{index}",
                    resource_group_name=names.resource_group,
                    resource_name_=names.name(f"ci-{args.purpose}"),
                    issuer=subject.issuer,
                    subject=sub,
                    audiences=[subject.audience or _AUDIENCE],
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[made[-1]]),
                )
            )
        wanted = {
            **{("pull", one): AzureRole.ACR_PULL for one in args.pull if one not in args.push},
            **{("push", one): AzureRole.ACR_PUSH for one in args.push},
        }
        for (what, registry), role in wanted.items():
            made.append(
                role_assignment(
                    f"{name}-{what}-{registry.rpartition('/')[2]}",
                    role=role,
                    scope=registry,
                    principal_id=identity.principal_id,
                    principal_type="ServicePrincipal",
                    opts=pulumi.ResourceOptions(parent=self),
                )
            )
        self.gates = made
        self.register_outputs(
            {
                "clientId": self.client_id,
                "principalId": self.principal_id,
                "subject": described(subject, subject.audience or _AUDIENCE),
                "pull": list(args.pull),
                "push": list(args.push),
            }
        )
