"""What each provider of the Secrets Store CSI driver is told: pure functions from references to `spec.parameters`.

The API takes texts only, so lists are texts too. JSON is YAML, so the lists are written as JSON.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from ...contracts import IdentityKind, IdentityRef, StoreRef
from ...errors import ConfigError

Parameters = Mapping[str, pulumi.Input[str]]
# A rough form: which regions there are is known to the room of AWS, which this one does not import.
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,2}-[1-9]")
_VAULT_URL = re.compile(r"https://([A-Za-z0-9-]+)\.vault\.azure\.net/?")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for.

    owner: the class of the arguments, for errors.
    store, identity: the manager, and who the pods are.
    files: the secrets' names in the manager, by file name.
    failover_region, ca_certificate_path: as in SecretProviderClassArgs.
    """

    owner: str
    store: StoreRef
    identity: IdentityRef
    files: Mapping[str, str]
    failover_region: str | None = None
    ca_certificate_path: str | None = None


@dataclass(frozen=True)
class Provider:
    """A provider of the driver: its name, what it is told, and what it cannot do."""

    name: str
    parameters: Callable[[Request], Parameters]
    check: Callable[[Request], None]


def check(request: Request) -> None:
    """Raise a ConfigError for what the manager's provider cannot do."""
    if request.store.backend != "aws":
        _refuse(request, "failover_region", request.failover_region is not None, "is known to AWS only", "leave it out")
    if request.store.backend != "vault":
        _refuse(
            request,
            "ca_certificate_path",
            request.ca_certificate_path is not None,
            "is known to Vault's provider only",
            "leave it out",
        )
    PROVIDERS[request.store.backend].check(request)


def _refuse(request: Request, field: str, wrong: bool, reason: str, mend: str) -> None:
    if wrong:
        raise ConfigError(f"{request.owner}.{field}", reason, mend)


def _aws(request: Request) -> Parameters:
    """Source: aws/secrets-store-csi-driver-provider-aws, `server/server.go` and `provider/secret_descriptor.go`."""
    objects = [
        {"objectName": name, "objectType": "secretsmanager", "objectAlias": file}
        for file, name in sorted(request.files.items())
    ]
    pod_identity = request.identity.kind is IdentityKind.POD_IDENTITY
    failover = {"failoverRegion": request.failover_region} if request.failover_region else {}
    return {
        "region": request.store.settings["region"],
        "usePodIdentity": str(pod_identity).lower(),
        "objects": json.dumps(objects),
        **failover,
    }


def _check_aws(request: Request) -> None:
    other = request.failover_region
    if other is not None:
        wrong = _REGION.fullmatch(other) is None
        _refuse(request, "failover_region", wrong, "is not the name of an AWS region", "write one such as eu-central-1")
    same = other == request.store.settings["region"]
    _refuse(request, "failover_region", same, "is the store's own region", "name another one, or leave it out")


def _gcp(request: Request) -> Parameters:
    """Source: GoogleCloudPlatform/secrets-store-csi-driver-provider-gcp, `config/config.go` and `auth/auth.go`."""
    project = request.store.settings["projectID"]
    secrets = [
        {"resourceName": f"projects/{project}/secrets/{name}/versions/latest", "path": file}
        for file, name in sorted(request.files.items())
    ]
    return {"auth": "pod-adc", "secrets": json.dumps(secrets)}


def _azure(request: Request) -> Parameters:
    """Source: Azure Key Vault Provider, "Workload Identity", and `pkg/provider/types/parameters.go`.

    Each entry of the list is a text of its own.
    """
    objects = [
        json.dumps({"objectName": name, "objectType": "secret", "objectAlias": file})
        for file, name in sorted(request.files.items())
    ]
    return {
        "usePodIdentity": "false",
        "clientID": request.identity.principal,
        "tenantID": request.store.settings["tenantId"],
        "keyvaultName": _key_vault(request.store),
        "objects": json.dumps({"array": objects}),
    }


def _key_vault(store: StoreRef) -> str:
    match = _VAULT_URL.fullmatch(store.settings["vaultUrl"])
    return match[1] if match else ""


def _check_azure(request: Request) -> None:
    outside = not _key_vault(request.store)
    _refuse(request, "store", outside, "is no vault of the public cloud", "use https://NAME.vault.azure.net")


def _vault(request: Request) -> Parameters:
    """Source: hashicorp/vault-csi-provider, `internal/config/config.go`; it logs in as the pod's service account."""
    settings, login = request.store.settings, request.identity.store_settings["auth"]["jwt"]
    objects = [
        {
            "objectName": file,
            "secretPath": f"{settings['path']}/data/{name}",
            "secretKey": request.store.property,
        }
        for file, name in sorted(request.files.items())
    ]
    authority = {"vaultCACertPath": request.ca_certificate_path} if request.ca_certificate_path else {}
    return {
        "vaultAddress": settings["server"],
        "vaultAuthMountPath": login["path"],
        "roleName": login["role"],
        "audience": login["kubernetesServiceAccountToken"]["audiences"][0],
        "objects": json.dumps(objects),
        **authority,
    }


def _check_vault(request: Request) -> None:
    # The provider asks for a token with one audience. This one needs two: Vault's and, to be reviewed with, the API's.
    _refuse(
        request,
        "identity",
        request.identity.reviews_token,
        "needs a token for two audiences, and the provider asks for one",
        "use VaultJwtIdentity",
    )
    inline = "caBundle" in request.store.settings and request.ca_certificate_path is None
    _refuse(
        request,
        "ca_certificate_path",
        inline,
        "is missing: the store has a certificate of its own, and the provider reads one from a file only",
        "mount it into the provider's pods and give its path there",
    )


def _nothing(_: Any) -> None:
    return None


PROVIDERS: Mapping[str, Provider] = {
    "aws": Provider("aws", _aws, _check_aws),
    "gcpsm": Provider("gcp", _gcp, _nothing),
    "azurekv": Provider("azure", _azure, _check_azure),
    "vault": Provider("vault", _vault, _check_vault),
}
