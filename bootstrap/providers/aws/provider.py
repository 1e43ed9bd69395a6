"""The provider `aws`: its configuration and the table of its resource types."""

import json
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2 as rpc
from typing_extensions import override

from bootstrap.providers.aws.clients import Clients
from bootstrap.providers.aws.dynamodb import Table
from bootstrap.providers.aws.eks import PodIdentityAssociation
from bootstrap.providers.aws.iam import OpenIdConnectProvider, Role, RolePolicy, RolePolicyAttachment
from bootstrap.providers.aws.kms import Alias, Key
from bootstrap.providers.aws.preview_only import PREVIEW_ONLY
from bootstrap.providers.aws.route53 import Zone
from bootstrap.providers.aws.secretsmanager import Secret, SecretPolicy, SecretVersion
from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties
from bootstrap.providers.table import TableProvider

_TEXT = Field(kind=str)


class AwsProvider(TableProvider):
    # Provider configuration arrives as text, JSON for what is no text.
    config_fields = dict.fromkeys(
        (
            "region",
            "allowedAccountIds",
            "assumeRoles",
            "skipCredentialsValidation",
            "skipRegionValidation",
            "skipMetadataApiCheck",
            "skipRequestingAccountId",
        ),
        _TEXT,
    )

    def __init__(self, name: str, version: str) -> None:
        super().__init__(name, version)
        self.clients = clients = Clients()
        self.resources = {
            "aws:kms/key:Key": Key(clients),
            "aws:kms/alias:Alias": Alias(clients),
            "aws:dynamodb/table:Table": Table(clients),
            "aws:route53/zone:Zone": Zone(clients),
            "aws:secretsmanager/secret:Secret": Secret(clients),
            "aws:secretsmanager/secretPolicy:SecretPolicy": SecretPolicy(clients),
            "aws:secretsmanager/secretVersion:SecretVersion": SecretVersion(clients),
            "aws:iam/role:Role": Role(clients),
            "aws:iam/rolePolicy:RolePolicy": RolePolicy(clients),
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment": RolePolicyAttachment(clients),
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider": OpenIdConnectProvider(clients),
            "aws:eks/podIdentityAssociation:PodIdentityAssociation": PodIdentityAssociation(clients),
            **PREVIEW_ONLY,
        }

    @override
    def Configure(self, request: rpc.ConfigureRequest, context: grpc.ServicerContext) -> Any:
        response = super().Configure(request, context)
        self.clients.config = {key: _parsed(key, value) for key, value in self.config.items()}
        return response

    @override
    def replaces_config(self, old: Properties, new: Properties, key: str) -> bool:
        return key == "region"


def _parsed(key: str, value: Any) -> Any:
    return json.loads(value) if key == "allowedAccountIds" and isinstance(value, str) else value
