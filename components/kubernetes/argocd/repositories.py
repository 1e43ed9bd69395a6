"""Git repositories, and credentials for many of them, as Argo CD reads them."""

from dataclasses import InitVar, dataclass

import pulumi

from ...arguments import Arguments
from ...forms import DNS_LABEL, Form
from .credentials import GIT_URL, Credential, SshKey, StoredCredential

# Argo CD compares beginnings of addresses: without the slash `https://git.example.com/team` also gives the credential
# of `team` to `https://git.example.com/team-of-others/…`, and a bare host to `https://git.example.com.evil.net/…`.
_WHOLE_SEGMENT = Form(
    lambda text: text.endswith("/"),
    "does not end at the end of a path's segment, so it also matches what only begins alike",
    "end it with /, such as https://HOST/ORGANISATION/",
)


@dataclass(frozen=True, kw_only=True)
class ArgoRepository(Arguments):
    """A Git repository. Raises ConfigError for an address that does not go with its credential.

    url: its address; git@HOST:PATH or ssh://git@HOST/PATH for an SSH key, https://HOST/PATH for the others; without a
        credential any of them.
    credential: how Argo CD gets in; default that of the longest matching template, or none.
    project: the one AppProject that may use it; default any.
    seed: the secret part itself, for an Argo CD that has to start before the operator does. The Secret is created with
        it at once; the operator takes it over as soon as it can. Take it out again after the first run: the Secret
        stays, and the value leaves the state. Default none: the operator makes the Secret.

    remote_key, property: deprecated, the same as `credential=SshKey(remote_key=…, property=…)`; a warning says so.
    """

    url: str
    credential: Credential | None = None
    project: str | None = None
    seed: pulumi.Input[str] | None = None
    remote_key: InitVar[pulumi.Input[str] | None] = None
    property: InitVar[str | None] = None

    def __post_init__(self, remote_key: pulumi.Input[str] | None, property: str | None) -> None:  # noqa: A002
        if remote_key is not None or property is not None:
            self._take_old_form(remote_key, property)
        _require_fit(self, self.url, self.credential)
        if self.project is not None:
            self.require_form("project", self.project, DNS_LABEL)
        self.require(
            self.seed is None or isinstance(self.credential, StoredCredential),
            "seed",
            "has no credential in the manager by which the operator could take it over",
            "give an SshKey, HttpsToken or GitHubApp as the credential, or take the seed out",
        )

    def _take_old_form(self, remote_key: pulumi.Input[str] | None, key: str | None) -> None:
        """Until there were other credentials, a repository had its SSH key's name itself."""
        new_form = "credential=SshKey(remote_key=…, property=…)"
        self.require(remote_key is not None, "property", "stands without remote_key", f"write {new_form}")
        self.require(self.credential is None, "remote_key", "stands beside a credential", "leave remote_key out")
        pulumi.log.warn(f"ArgoRepository.remote_key is deprecated: write {new_form}; nothing is replaced by that")
        assert remote_key is not None
        object.__setattr__(self, "credential", SshKey(remote_key=remote_key, property=key))

    def data(self) -> dict[str, pulumi.Input[str]]:
        """What Argo CD reads, without the secret part."""
        scoped = {"project": self.project} if self.project is not None else {}
        return {"type": "git", "url": self.url, **scoped, **(self.credential.fields() if self.credential else {})}


@dataclass(frozen=True, kw_only=True)
class ArgoCredentialTemplate(Arguments):
    """A credential for every repository below an address. Raises ConfigError for an address that is cut in a name.

    url: the beginning of the addresses, to the end of a path's segment: git@HOST:ORGANISATION/ for an SSH key,
        https://HOST/ORGANISATION/ for the others.
    credential: how Argo CD gets in.

    Argo CD gives it to the repositories of every project: `repo-creds` have none.
    """

    url: str
    credential: Credential

    def __post_init__(self) -> None:
        _require_fit(self, self.url, self.credential)
        self.require_form("url", self.url, _WHOLE_SEGMENT)

    def data(self) -> dict[str, pulumi.Input[str]]:
        """What Argo CD reads, without the secret part."""
        return {"type": "git", "url": self.url, **self.credential.fields()}


def _require_fit(args: Arguments, url: str, credential: Credential | None) -> None:
    args.require_form("url", url, GIT_URL if credential is None else credential.url_form)


def same_address(url: str) -> str:
    """Addresses that are one to Argo CD (v3.2.6, `git.NormalizeGitURL`)."""
    text = url.strip().lower().removesuffix(".git")
    if text.startswith("git@"):
        return text.replace(":", "/", 1)
    return text.removeprefix("ssh://")
