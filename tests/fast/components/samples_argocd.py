"""Inputs for the identities of an Argo CD hub that work, for tests to use and to spoil."""

from collections.abc import Callable, Mapping
from typing import Any

from components import (
    AwsArgoCdHubRoleArgs,
    AwsArgoCdSpokeRoleArgs,
    AzureArgoCdHubIdentityArgs,
    GcpArgoCdHubAccountArgs,
    IdentityKind,
)
from tests.fast.components import samples, samples_azure, samples_gcp

AWS_SPOKE = samples.NAMES.role_arn("argocd-spoke")
AWS_HUB = samples.NAMES.role_arn("argocd-hub")


def aws_hub(**changes: Any) -> AwsArgoCdHubRoleArgs:
    values = {"names": samples.NAMES, "cluster": samples.cluster(), "spokes": [AWS_SPOKE]}
    return AwsArgoCdHubRoleArgs(**{**values, **changes})


def aws_spoke(**changes: Any) -> AwsArgoCdSpokeRoleArgs:
    values = {"names": samples.NAMES, "cluster": samples.cluster(), "hub_role_arn": AWS_HUB}
    return AwsArgoCdSpokeRoleArgs(**{**values, **changes})


def azure_hub(**changes: Any) -> AzureArgoCdHubIdentityArgs:
    return AzureArgoCdHubIdentityArgs(**{"names": samples_azure.NAMES, "cluster": samples.cluster(), **changes})


def gcp_hub(**changes: Any) -> GcpArgoCdHubAccountArgs:
    values = {"names": samples_gcp.NAMES, "cluster": samples_gcp.cluster(), "spoke_projects": ["example-staging"]}
    return GcpArgoCdHubAccountArgs(**{**values, **changes})


ARGUMENTS: Mapping[str, Callable[..., Any]] = {
    "AwsArgoCdHubRole": aws_hub,
    "AwsArgoCdSpokeRole": aws_spoke,
    "AzureArgoCdHubIdentity": azure_hub,
    "GcpArgoCdHubAccount": gcp_hub,
}
"""Arguments of each component by its name, made inside a program."""
POD_IDENTITY: Mapping[str, Mapping[str, Any]] = {
    "AwsArgoCdHubRole": {"kind": IdentityKind.POD_IDENTITY},
    "AwsArgoCdSpokeRole": {"hub_kind": IdentityKind.POD_IDENTITY},
}
