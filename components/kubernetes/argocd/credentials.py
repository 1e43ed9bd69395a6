"""How Argo CD gets into a Git repository: one class for each way, and none of them holds a value.

Source of all keys: Argo CD v3.2.6, `util/db/repository_secrets.go` (`secretToRepository`, `secretToRepoCred`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from ...arguments import Arguments
from ...forms import GIT_SSH_URL, HTTPS_URL, SECRET_IN_MANAGER, Form, matches

_SECRET_ARN = Form(
    matches(r"arn:aws(?:-[a-z]+)*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+"),
    "is not the ARN of a secret in AWS Secrets Manager",
    "write it as arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME",
)
GIT_URL = Form(
    lambda text: GIT_SSH_URL.holds(text) or HTTPS_URL.holds(text),
    "is neither the address of a Git repository by SSH nor by HTTPS without a user's name in it",
    "write it as git@HOST:PATH or https://HOST/PATH",
)
# What stands in an ExternalSecret's template is run through Go's templates.
_USERNAME = Form(
    matches(r"[A-Za-z0-9._@+-]{1,255}"),
    "is not a user's name",
    "give the name that goes with the token, such as oauth2 (GitLab) or x-access-token (GitHub)",
)


@dataclass(frozen=True, kw_only=True)
class SshKey(Arguments):
    """An SSH key, such as a deploy key. The address is git@HOST:PATH or ssh://git@HOST/PATH.

    Raises ConfigError for a key in place of its name.

    remote_key: the private key's name in the manager.
    property: the key of that secret under which it stands, for managers or containers that keep mappings; default none.
    """

    remote_key: pulumi.Input[str]
    property: str | None = None

    url_form = GIT_SSH_URL
    secret_field = "sshPrivateKey"  # noqa: S105 - a key's name

    def __post_init__(self) -> None:
        self.require_form("remote_key", self.remote_key, SECRET_IN_MANAGER)

    def fields(self) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True, kw_only=True)
class HttpsToken(Arguments):
    """A token or password over HTTPS. Raises ConfigError for a name of the wrong form.

    username: the user's name that goes with it.
    remote_key: the token's name in the manager.
    property: the key of that secret under which it stands, for managers or containers that keep mappings; default none.
    """

    username: str
    remote_key: pulumi.Input[str]
    property: str | None = None

    url_form = HTTPS_URL
    secret_field = "password"  # noqa: S105 - a key's name

    def __post_init__(self) -> None:
        self.require_form("username", self.username, _USERNAME)
        self.require_form("remote_key", self.remote_key, SECRET_IN_MANAGER)

    def fields(self) -> Mapping[str, str]:
        return {"username": self.username}


@dataclass(frozen=True, kw_only=True)
class GitHubApp(Arguments):
    """A GitHub App, over HTTPS. Raises ConfigError for a number, a name or an address of the wrong form.

    app_id: the App's number.
    installation_id: the number of its installation in the organisation.
    remote_key: the name of the App's private key in the manager.
    property: the key of that secret under which it stands, for managers or containers that keep mappings; default none.
    enterprise_url: the API of a GitHub Enterprise server, such as https://ghe.example.com/api/v3; default github.com.
    """

    app_id: int
    installation_id: int
    remote_key: pulumi.Input[str]
    property: str | None = None
    enterprise_url: str | None = None

    url_form = HTTPS_URL
    secret_field = "githubAppPrivateKey"  # noqa: S105 - a key's name

    def __post_init__(self) -> None:
        for name, number in (("app_id", self.app_id), ("installation_id", self.installation_id)):
            self.require(number > 0, name, "is not a positive number", "copy it from the App's page on GitHub")
        self.require_form("remote_key", self.remote_key, SECRET_IN_MANAGER)
        if self.enterprise_url is not None:
            self.require_form("enterprise_url", self.enterprise_url, HTTPS_URL)

    def fields(self) -> Mapping[str, str]:
        return {
            "githubAppID": str(self.app_id),
            "githubAppInstallationID": str(self.installation_id),
            **({"githubAppEnterpriseBaseUrl": self.enterprise_url} if self.enterprise_url else {}),
        }


@dataclass(frozen=True, kw_only=True)
class AzureReposIdentity(Arguments):
    """Argo CD's own federated identity in Azure, over HTTPS, for Azure Repos. Nothing is stored anywhere."""

    url_form = HTTPS_URL

    def fields(self) -> Mapping[str, str]:
        return {"useAzureWorkloadIdentity": "true"}


@dataclass(frozen=True, kw_only=True)
class SecretsManagerReference(Arguments):
    """A secret that Argo CD reads itself, by SSH or HTTPS. Only the Argo CD of EKS Capabilities can: others ignore it.

    Raises ConfigError for something else than a secret's ARN.

    secret_arn: the secret's ARN. Its value is an SSH key as it is; or JSON with `username` and `token`; or JSON with
        `githubAppID`, `githubAppInstallationID` and `githubAppPrivateKeySecret` (base64).

    Source: Amazon EKS User Guide, "Configure repository access".
    """

    secret_arn: pulumi.Input[str]

    def __post_init__(self) -> None:
        self.require_form("secret_arn", self.secret_arn, _SECRET_ARN)

    url_form = GIT_URL

    def fields(self) -> Mapping[str, pulumi.Input[str]]:
        return {"secretArn": self.secret_arn}


StoredCredential = SshKey | HttpsToken | GitHubApp
"""Ways whose secret part lies in the manager; `secret_field` is Argo CD's key for it."""

Credential = StoredCredential | AzureReposIdentity | SecretsManagerReference
