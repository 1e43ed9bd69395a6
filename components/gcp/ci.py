"""A service account for CI jobs, reached with the OIDC token that their platform gives them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ..arguments import Arguments
from ..ci import PURPOSE, CiSubject, described, require_reviewed
from .forms import ARTIFACT_REPOSITORY, artifact_repository
from .names import GcpNames
from .roles import ARTIFACT_READER, ARTIFACT_WRITER, WORKLOAD_IDENTITY_USER

_PROVIDER = "jobs"
_LONGEST_SUBJECT = 127
_LONGEST_ACCOUNT_ID = 30


@dataclass(frozen=True, kw_only=True)
class GcpCiIdentityArgs(Arguments):
    """Arguments of GcpCiIdentity.

    names: the environment's names; with the purpose the service account's id must not be longer than 30 characters.
    purpose: what the identity is for; a word of up to 12 characters, such as images.
    subject: which jobs may have it.
    pull: Artifact Registry repositories that it may read, as `projects/PROJECT/locations/LOCATION/repositories/NAME`;
        default none.
    push: Artifact Registry repositories that it may write to and read; default none.
    """

    names: GcpNames
    purpose: str
    subject: CiSubject
    pull: Sequence[str] = ()
    push: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.require_form("purpose", self.purpose, PURPOSE)
        self.require(
            max(len(self.account_id), len(self.pool_id)) <= _LONGEST_ACCOUNT_ID,
            "purpose",
            f"makes, with the environment's names, an id of more than {_LONGEST_ACCOUNT_ID} characters",
            "shorten it, or the prefix",
        )
        require_reviewed(self.subject, self, "push", writes=bool(self.push))
        for sub in self.subject.subs:
            self.require(
                len(sub) <= _LONGEST_SUBJECT,
                "subject",
                f"has a `sub` of more than {_LONGEST_SUBJECT} characters, which Google Cloud does not take",
                "shorten the name of the branch or environment",
            )
        for name in ("pull", "push"):
            for index, repository in enumerate(getattr(self, name)):
                self.require_form(f"{name}.{index}", repository, ARTIFACT_REPOSITORY)

    @property
    def account_id(self) -> str:
        return self.names.account_id(f"ci-{self.purpose}")

    @property
    def pool_id(self) -> str:
        return self.names.pool_id(f"ci-{self.purpose}")


class GcpCiIdentity(pulumi.ComponentResource):
    """A service account that the jobs of one repository, branch or environment can act as, without a key.

    Creates:
    - a workload identity pool `<prefix>-<environment>-ci-<purpose>` of its own, and in it the provider `jobs`, whose
      attribute condition lets in exactly the subject's tokens;
    - the service account of the same name, which never has a key;
    - `roles/iam.workloadIdentityUser` on it, for tokens that have the attribute which the same condition sets;
    - a role on each of the named repositories.

    A deleted pool keeps its id for 30 days: an environment that is made again needs another `suffix`.

    Outputs:
    - `email`: the service account's address, for the job's configuration.
    - `provider`: the provider's resource name, for the same; the token's default audience is made of it.
    - `gates`: everything that was created.

    Raises ConfigError for `push` to jobs that nobody has reviewed, and for names and `sub`s that are too long.
    Sources: IAM, "Configure Workload Identity Federation with deployment pipelines", "Workload Identity Federation"
    (attribute conditions, `google.subject` up to 127 bytes); Artifact Registry, "Configure roles and permissions".
    """

    email: pulumi.Output[str]
    provider: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: GcpCiIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GcpCiIdentity", name, None, opts)
        names, subject, children = args.names, args.subject, pulumi.ResourceOptions(parent=self)
        what = f"CI of {names.prefix} {names.environment}: {args.purpose}"
        pool = gcp.iam.WorkloadIdentityPool(
            f"{name}-pool",
            workload_identity_pool_id=args.pool_id,
            project=names.project_id,
            description=what,
            opts=children,
        )
        condition = attribute_condition(subject)
        provider = gcp.iam.WorkloadIdentityPoolProvider(
            f"{name}-provider",
            workload_identity_pool_id=pool.workload_identity_pool_id,
            workload_identity_pool_provider_id=_PROVIDER,
            project=names.project_id,
            description=what,
            attribute_condition=condition,
            attribute_mapping=attribute_mapping(condition),
            oidc=gcp.iam.WorkloadIdentityPoolProviderOidcArgs(
                issuer_uri=subject.issuer,
                # Without one, the audience is the provider's own resource name.
                allowed_audiences=[subject.audience] if subject.audience else None,
            ),
            opts=children,
        )
        account = gcp.serviceaccount.Account(
            f"{name}-account",
            account_id=args.account_id,
            project=names.project_id,
            display_name=what,
            opts=children,
        )
        user = gcp.serviceaccount.IAMMember(
            f"{name}-workload-identity-user",
            service_account_id=account.name,
            role=WORKLOAD_IDENTITY_USER,
            member=names.pool_member(args.pool_id, "attribute.ci/admitted"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[provider]),
        )
        member = pulumi.Output.concat("serviceAccount:", account.email)
        self.gates = [pool, provider, account, user, *self._grants(name, args, member)]
        self.email, self.provider = account.email, provider.name
        pool_name = f"projects/{names.project_number}/locations/global/workloadIdentityPools/{args.pool_id}"
        audience = f"https://iam.googleapis.com/{pool_name}/providers/{_PROVIDER}"
        self.register_outputs(
            {
                "email": self.email,
                "pool": pool_name,
                "provider": self.provider,
                "subject": described(subject, subject.audience or audience),
                "pull": list(args.pull),
                "push": list(args.push),
            }
        )

    def _grants(self, name: str, args: GcpCiIdentityArgs, member: pulumi.Input[str]) -> list[pulumi.Resource]:
        wanted = {
            **{(one, "pulls"): ARTIFACT_READER for one in args.pull if one not in args.push},
            **{(one, "pushes"): ARTIFACT_WRITER for one in args.push},
        }
        grants: list[pulumi.Resource] = []
        for (repository, what), role in wanted.items():
            project, location, repository_id = artifact_repository(repository)
            grants.append(
                gcp.artifactregistry.RepositoryIamMember(
                    f"{name}-{what}-{project}-{location}-{repository_id}",
                    project=project,
                    location=location,
                    repository=repository_id,
                    role=role,
                    member=member,
                    opts=pulumi.ResourceOptions(parent=self),
                )
            )
        return grants


def attribute_condition(subject: CiSubject) -> str:
    """The expression (CEL) that is true for the subject's tokens alone. A claim that is missing is an error: refused.

    No quote or backslash is in any of the texts: CiSubject takes none.
    """
    if subject.subs:
        named = f"assertion.sub in [{', '.join(_text(sub) for sub in subject.subs)}]"
    else:
        named = " || ".join(f"assertion.sub.startsWith({_text(prefix)})" for prefix in subject.sub_prefixes)
    claims = [f"assertion.{claim} == {_text(value)}" for claim, value in sorted(subject.claims.items())]
    return " && ".join([f"({named})", *claims])


def attribute_mapping(condition: str) -> dict[str, str]:
    """The attributes of who comes in. `ci` is what the grant asks for, so that the grant does not hang on the condition
    of the provider alone, nor on who else may get into the pool.
    """
    return {"google.subject": "assertion.sub", "attribute.ci": f'{condition} ? "admitted" : "refused"'}


def _text(value: str) -> str:
    return f"'{value}'"
