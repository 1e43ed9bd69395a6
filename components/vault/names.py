"""Names and paths of one environment in Vault. Every one is known before it exists, so that policies can name it."""

from dataclasses import dataclass

from ..arguments import Arguments
from ..forms import ENVIRONMENT_NAME, HTTPS_URL, PREFIX

OPERATOR = "external-secrets"
WRITERS = "writers"
TENANTS_ADMINISTRATOR = "tenants-administrator"


@dataclass(frozen=True, kw_only=True)
class VaultNames(Arguments):
    """Every path and name of one environment in one Vault, all plain text.

    prefix: put in front of every name; lower case, up to 24 characters.
    environment: the environment's name; lower case, up to 20 characters.
    address: where Vault answers; https://.

    Raises ConfigError for names and addresses of another form.
    """

    prefix: str
    environment: str
    address: str

    def __post_init__(self) -> None:
        PREFIX.require("VaultNames.prefix", self.prefix)
        ENVIRONMENT_NAME.require("VaultNames.environment", self.environment)
        HTTPS_URL.require("VaultNames.address", self.address)

    def secret_name(self, name: str) -> str:
        """A container's name: the environment has a mount of its own, so nothing is put in front."""
        return name

    def is_misread(self, name: str, mount: str) -> bool:
        """Whether the operator would look for a container elsewhere: it takes the mount's path off the front of a name.

        Source: external-secrets v0.20.4, `pkg/provider/vault/client_get.go`, `buildPath`.
        """
        return self.secret_name(name).startswith(f"{mount}/")

    def mount(self, engine: str) -> str:
        """The path of one of the environment's mounts, such as `secrets`, `transit` or `kubernetes`."""
        return f"{self.prefix}/{self.environment}/{engine}"

    def full_name(self, role: str) -> str:
        return f"{self.prefix}-{self.environment}-{role}"

    @property
    def description(self) -> str:
        """Written on every mount: who comes again after a killed run knows it as the environment's own."""
        return f"{self.prefix} {self.environment}"

    def metadata(self) -> dict[str, str]:
        """What a container's metadata says about whom it belongs to."""
        return {"secrets-bootstrap/environment": self.environment, "secrets-bootstrap/prefix": self.prefix}
