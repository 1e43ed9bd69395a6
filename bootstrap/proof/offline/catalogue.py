"""What the predefined roles that are granted hold, of Secret Manager, Cloud KMS, Key Vault and container registries.

A copy: no program is asked. Sources: Google Cloud, "IAM basic and predefined roles reference"; Azure, "Azure built-in
roles for Security"; taken from the data set iann0036/iam-dataset (commit 2073fa52, August 2026), which collects both.
A role that is not here stops the matrix: it is never taken for one without permissions.
"""

from collections.abc import Mapping

GOOGLE: Mapping[str, frozenset[str]] = {
    "roles/cloudkms.cryptoKeyEncrypterDecrypter": frozenset(
        {"cloudkms.cryptoKeyVersions.useToDecrypt", "cloudkms.cryptoKeyVersions.useToEncrypt"}
    ),
    "roles/cloudkms.cryptoKeyDecrypter": frozenset({"cloudkms.cryptoKeyVersions.useToDecrypt"}),
    "roles/cloudkms.admin": frozenset(
        {
            "cloudkms.cryptoKeys.setIamPolicy",
            "cloudkms.cryptoKeys.update",
            "cloudkms.cryptoKeyVersions.create",
            "cloudkms.cryptoKeyVersions.destroy",
        }
    ),
    "roles/secretmanager.secretAccessor": frozenset({"secretmanager.versions.access"}),
    "roles/secretmanager.viewer": frozenset(
        {
            "secretmanager.secrets.get",
            "secretmanager.secrets.getIamPolicy",
            "secretmanager.secrets.list",
            "secretmanager.versions.get",
            "secretmanager.versions.list",
        }
    ),
    "roles/secretmanager.secretVersionAdder": frozenset({"secretmanager.versions.add"}),
    "roles/secretmanager.secretVersionManager": frozenset(
        {
            "secretmanager.versions.add",
            "secretmanager.versions.destroy",
            "secretmanager.versions.disable",
            "secretmanager.versions.enable",
            "secretmanager.versions.get",
            "secretmanager.versions.list",
        }
    ),
    "roles/artifactregistry.reader": frozenset({"artifactregistry.repositories.downloadArtifacts"}),
    "roles/artifactregistry.writer": frozenset(
        {"artifactregistry.repositories.downloadArtifacts", "artifactregistry.repositories.uploadArtifacts"}
    ),
    "roles/iam.workloadIdentityUser": frozenset({"iam.serviceAccounts.getAccessToken"}),
    "roles/container.clusterViewer": frozenset({"container.clusters.get", "container.clusters.list"}),
    "roles/container.defaultNodeServiceAccount": frozenset(),
}

_REGISTRIES = "Microsoft.ContainerRegistry/registries"
_KEYS, _SECRETS = "Microsoft.KeyVault/vaults/keys", "Microsoft.KeyVault/vaults/secrets"
AZURE: Mapping[str, tuple[str, ...]] = {
    # Data actions of each role by its id; `*` at the end as Azure writes it.
    "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b": (),
    "14b46e9e-c2b7-41b4-b07b-48a6ebf60603": (f"{_KEYS}/*", "Microsoft.KeyVault/vaults/keyrotationpolicies/*"),
    "12338af0-0e69-4776-bea7-57ae8d297424": tuple(
        f"{_KEYS}/{verb}"
        for verb in (
            "read",
            "update/action",
            "backup/action",
            "encrypt/action",
            "decrypt/action",
            "wrap/action",
            "unwrap/action",
            "sign/action",
            "verify/action",
        )
    ),
    "e147488a-f6f5-4113-8e2d-b22465e65bf6": tuple(
        f"{_KEYS}/{verb}" for verb in ("read", "wrap/action", "unwrap/action")
    ),
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": (f"{_SECRETS}/*",),
    "4633458b-17de-408a-b874-0445c86b69e6": (f"{_SECRETS}/getSecret/action", f"{_SECRETS}/readMetadata/action"),
    "4d97b98b-1d4f-4787-a291-c67834d212e7": (),
    # Actions of registries: AcrPull and AcrPush.
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": (f"{_REGISTRIES}/pull/read",),
    "8311e382-0749-4cb8-b61a-304f252e45ec": (f"{_REGISTRIES}/pull/read", f"{_REGISTRIES}/push/write"),
}
