"""A role of Vault's JWT auth method for CI jobs, taken with the OIDC token that their platform gives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_vault as vault

from ..arguments import Arguments
from ..ci import PURPOSE, CiSubject, described
from .forms import AUDIENCE, CERTIFICATES, MOUNT, OWN_POLICY
from .names import VaultNames


@dataclass(frozen=True, kw_only=True)
class VaultCiRoleArgs(Arguments):
    """Arguments of VaultCiRole.

    names: the environment's names.
    purpose: what the role is for; a word of up to 12 characters, such as images.
    subject: which jobs may take it.
    policies: the names of the policies that a login gives, in lower case, and nothing beside them.
    audience: what a token must be meant for, unless its issuer fixes that; default none: Vault's address.
    existing_mount: the path of an auth method of the same issuer to adopt; its settings stay as they are; default none.
    issuer_ca: the certificate of the authority of the issuer's server, PEM; default none: a public one.
    token_ttl_seconds: how long a login lasts; seconds, 60 to 3600; default 900.
    admit_unreviewed: let jobs in whose code nobody has reviewed: the policies must only read what anybody who can open
        a pull request may see. Vault's policies are not looked at; default False.
    """

    names: VaultNames
    purpose: str
    subject: CiSubject
    policies: Sequence[pulumi.Input[str]]
    audience: str | None = None
    existing_mount: str | None = None
    issuer_ca: pulumi.Input[str] | None = None
    token_ttl_seconds: int = 900
    admit_unreviewed: bool = False

    def __post_init__(self) -> None:
        self.require_form("purpose", self.purpose, PURPOSE)
        self.require(
            self.subject.reviewed or self.admit_unreviewed,
            "subject",
            "lets jobs in whose code nobody has reviewed: pull requests, or every branch",
            "name a protected branch, tag or environment, or set admit_unreviewed for policies that only read",
        )
        self.require(bool(self.policies), "policies", "is empty, so a login would be good for nothing", "name one")
        for index, policy in enumerate(self.policies):
            self.require_form(f"policies.{index}", policy, OWN_POLICY)
        if self.audience is not None:
            self.require_form("audience", self.audience, AUDIENCE)
            self.require(
                self.subject.audience is None, "audience", "stands beside the one that the issuer fixes", "leave it out"
            )
        if self.existing_mount is not None:
            self.require_form("existing_mount", self.existing_mount, MOUNT)
        if self.issuer_ca is not None:
            self.require_form("issuer_ca", self.issuer_ca, CERTIFICATES)
        self.require(
            60 <= self.token_ttl_seconds <= 3600, "token_ttl_seconds", "is not from 60 to 3600", "900 is usual"
        )


class VaultCiRole(pulumi.ComponentResource):
    """A role that the jobs of one repository, branch or environment can take, without a stored token.

    Creates:
    - unless one is adopted, the auth method `<prefix>/<environment>/ci-<purpose>`, which trusts the subject's issuer;
    - the role `<prefix>-<environment>-ci-<purpose>`, bound to the subject's `sub`, claims and `aud`.

    A login gives the policies without Vault's `default`, and cannot be renewed beyond its time.

    Outputs:
    - `role`: the role's name, for the job's configuration.
    - `mount`: the path of the auth method, for the same.
    - `gates`: everything that was created.

    Raises ConfigError for jobs that nobody has reviewed, unless that is asked for, for the policies default and root,
    and for values of another form.
    Source: Vault, "JWT/OIDC auth method (API)".
    """

    role: str
    mount: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: VaultCiRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:VaultCiRole", name, None, opts)
        names, subject = args.names, args.subject
        self.role = names.full_name(f"ci-{args.purpose}")
        self.mount = args.existing_mount or names.mount(f"ci-{args.purpose}")
        audience = subject.audience or args.audience or names.address
        method: vault.jwt.AuthBackend | None = None
        if args.existing_mount is None:
            method = vault.jwt.AuthBackend(
                f"{name}-method",
                type="jwt",
                path=self.mount,
                description=names.description,
                oidc_discovery_url=subject.issuer,
                oidc_discovery_ca_pem=args.issuer_ca,
                bound_issuer=subject.issuer,
                opts=pulumi.ResourceOptions(parent=self),
            )
        role = vault.jwt.AuthBackendRole(
            f"{name}-role",
            backend=method.path if method else self.mount,
            role_name=self.role,
            role_type="jwt",
            bound_audiences=[audience],
            bound_claims=bound_claims(subject),
            bound_claims_type="string" if subject.subs else "glob",
            # Each value of this claim becomes an entity, and a `sub` with a prefix is another one in every job.
            user_claim="sub" if subject.subs else "iss",
            token_policies=list(args.policies),
            token_no_default_policy=True,
            token_ttl=args.token_ttl_seconds,
            token_max_ttl=args.token_ttl_seconds,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.gates = [*([method] if method else ()), role]
        self.register_outputs(
            {
                "role": self.role,
                "mount": self.mount,
                "subject": described(subject, audience),
                "policies": list(args.policies),
            }
        )


def bound_claims(subject: CiSubject) -> Mapping[str, str]:
    """What Vault compares. Its provider splits a text at commas, of which CiSubject takes none: any of them will do."""
    subs = subject.subs or [f"{prefix}*" for prefix in subject.sub_prefixes]
    return {**subject.claims, "sub": ",".join(subs)}
