"""What the operator may do in Secret Manager, the same for both identities: only the member differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ..arguments import Arguments
from .roles import SECRET_ACCESSOR, SECRET_VERSION_ADDER, SECRET_VIEWER


@dataclass(frozen=True, kw_only=True)
class GcpOperatorGrant(Arguments):
    """What the operator may do.

    secret_ids: the containers that it may read, by name: `projects/PROJECT/secrets/ID`. The canary is one of them.
    canary: the name of the container that it may fill; default canary.
    operator_filled: names of other containers that it may fill; default none.
    """

    secret_ids: Mapping[str, pulumi.Input[str]]
    canary: str = "canary"
    operator_filled: Sequence[str] = ()


def grant_operator(
    name: str, member: pulumi.Input[str], grant: GcpOperatorGrant, opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """One grant for each container and, on the canary and the other filled ones alone, two more.

    A read calls AccessSecretVersion and nothing else. A PushSecret on an existing container calls GetSecret, reads the
    newest version, and adds one. It would also call UpdateSecret if labels or annotations differed: `push_metadata` of
    the canary keeps them, so no role here may change a container.
    Source: external-secrets v0.20.4, `pkg/provider/gcp/secretmanager/client.go`, `GetSecret` and `PushSecret`.
    """

    def allow(key: str, what: str, role: str) -> pulumi.Resource:
        return gcp.secretmanager.SecretIamMember(
            f"{name}-{what}-{key}", secret_id=grant.secret_ids[key], role=role, member=member, opts=opts
        )

    return [
        *(allow(key, "reads", SECRET_ACCESSOR) for key in grant.secret_ids),
        *(
            allow(key, what, role)
            for key in (grant.canary, *grant.operator_filled)
            for what, role in (("sees", SECRET_VIEWER), ("fills", SECRET_VERSION_ADDER))
        ),
    ]
