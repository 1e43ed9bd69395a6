"""Grants: one role to one principal on one resource, under a name that is the same every time."""

import uuid
from enum import StrEnum

import pulumi
from pulumi_azure_native import authorization

from .forms import PrincipalType


class AzureRole(StrEnum):
    """Built-in roles by their ids, which are the same in every tenant.

    Source: Azure, "Azure built-in roles", sections Security, Containers and Networking.
    """

    ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
    ACR_PUSH = "8311e382-0749-4cb8-b61a-304f252e45ec"
    AKS_RBAC_CLUSTER_ADMIN = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"
    KEY_VAULT_CRYPTO_OFFICER = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603"
    KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
    KEY_VAULT_CRYPTO_USER = "12338af0-0e69-4776-bea7-57ae8d297424"
    KEY_VAULT_SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
    KEY_VAULT_SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
    NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"


def role_assignment(
    name: str,
    *,
    role: AzureRole | str,
    scope: pulumi.Input[str],
    principal_id: pulumi.Input[str],
    principal_type: PrincipalType,
    opts: pulumi.ResourceOptions,
) -> authorization.RoleAssignment:
    """A grant. Its name follows from what it says, so that a run that was killed makes no second one.

    name: the Pulumi name.
    role: what is granted; a role of our own by the GUID that it is defined with.
    scope: the resource id of the one resource that it is granted on.
    principal_id: the object id of whom it is granted to.
    principal_type: what that principal is.
    opts: the resource's options.
    """
    return authorization.RoleAssignment(
        name,
        role_assignment_name=pulumi.Output.all(scope, principal_id).apply(
            lambda known: assignment_name(role, scope=known[0], principal_id=known[1])
        ),
        scope=scope,
        role_definition_id=pulumi.Output.from_input(scope).apply(lambda known: role_definition_id(role, known)),
        principal_id=principal_id,
        principal_type=principal_type,
        opts=opts,
    )


def assignment_name(role: AzureRole | str, *, scope: str, principal_id: str) -> str:
    """A GUID for a grant: another principal, role or scope is another grant, and Azure lets none of them change."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{scope.lower()}|{role}|{principal_id}"))


def role_definition_id(role: AzureRole | str, scope: str) -> str:
    """The resource id of a role in the subscription of a scope."""
    subscription = scope.split("/")[2]
    return f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
