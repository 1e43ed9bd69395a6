"""IAM: which permissions its calls need. Roles, their policies, and OIDC providers; users are not served."""

from collections.abc import Callable, Sequence
from functools import partial

from bootstrap.localcloud.aws.answers import Answer, AwsError, query_answer
from bootstrap.localcloud.aws.authorization import Need
from bootstrap.localcloud.aws.documents import Documents
from bootstrap.localcloud.aws.rules import Context, Judged, Rule, Rules, by_moto, by_moto_changing, tag_context
from bootstrap.localcloud.aws.wire import ACCOUNT, Call

_MALFORMED = "MalformedPolicyDocument"
_ROLE_READS = (
    "GetRole",
    "GetRolePolicy",
    "ListAttachedRolePolicies",
    "ListInstanceProfilesForRole",
    "ListRolePolicies",
    "ListRoleTags",
)
_ROLE_CHANGES = (
    "AttachRolePolicy",
    "DeleteRole",
    "DeleteRolePolicy",
    "DetachRolePolicy",
    "TagRole",
    "UntagRole",
    "UpdateRole",
    "UpdateRoleDescription",
)
_PROVIDER_READS = ("GetOpenIDConnectProvider", "ListOpenIDConnectProviderTags")
_PROVIDER_CHANGES = (
    "DeleteOpenIDConnectProvider",
    "TagOpenIDConnectProvider",
    "UntagOpenIDConnectProvider",
    "UpdateOpenIDConnectProviderThumbprint",
)


def iam_rules(documents: Documents) -> Rules:
    """The rule of every IAM call that the local AWS serves."""

    def with_document(needs: Callable[[Judged], Sequence[Need]], parameter: str, kind: str) -> Rule:
        return Rule(needs=needs, check=partial(_check_document, documents, parameter, kind), respond=by_moto_changing)

    return {
        "ListRoles": Rule(needs=_on_everything),
        "ListOpenIDConnectProviders": Rule(needs=_on_everything),
        **{action: Rule(needs=_on_role) for action in _ROLE_READS},
        **{action: Rule(needs=_on_role, respond=by_moto_changing) for action in _ROLE_CHANGES},
        "CreateRole": with_document(_create_role, "AssumeRolePolicyDocument", "trust"),
        "UpdateAssumeRolePolicy": with_document(_on_role, "PolicyDocument", "trust"),
        "PutRolePolicy": with_document(_on_role, "PolicyDocument", "identity"),
        **{action: Rule(needs=_on_provider, respond=by_moto) for action in _PROVIDER_READS},
        **{action: Rule(needs=_on_provider, respond=by_moto_changing) for action in _PROVIDER_CHANGES},
        "AddClientIDToOpenIDConnectProvider": Rule(needs=_on_provider, respond=_add_client),
        "RemoveClientIDFromOpenIDConnectProvider": Rule(needs=_on_provider, respond=_remove_client),
        "CreateOpenIDConnectProvider": Rule(needs=_create_provider, check=_check_provider, respond=by_moto_changing),
    }


def _on_everything(judged: Judged) -> Sequence[Need]:
    # IAM authorises these on all roles or providers of the account; no policy can name one of them.
    return [Need(action=judged.call.event, resource="*")]


def _tags(call: Call) -> Context:
    tags = {entry["Key"]: entry.get("Value", "") for entry in call.members("Tags", "Key", "Value") if "Key" in entry}
    removed = [entry[""] for entry in call.members("TagKeys")]
    return {"aws:TagKeys": sorted(removed)} if removed else tag_context(tags)


def role_arn(name: str, path: str = "/") -> str:
    """The ARN of a role of the account."""
    return f"arn:aws:iam::{ACCOUNT}:role{path or '/'}{name}"


def _on_role(judged: Judged) -> Sequence[Need]:
    call, role = judged.call, judged.cloud.role(judged.call.required("RoleName"))
    context = _tags(call)
    if "PolicyArn" in call.parameters:
        context["iam:PolicyARN"] = call.text("PolicyArn")
    if role is None:
        return [Need(action=call.event, resource=role_arn(call.required("RoleName")), context=context)]
    for tag in judged.cloud.iam.list_role_tags(role.name, None)[0]:
        context[f"aws:ResourceTag/{tag['Key']}"] = context[f"iam:ResourceTag/{tag['Key']}"] = tag["Value"]
    return [Need(action=call.event, resource=role.arn, context=context)]


def _create_role(judged: Judged) -> Sequence[Need]:
    call, context = judged.call, _tags(judged.call)
    if "PermissionsBoundary" in call.parameters:
        raise AwsError("UnsupportedOperation", "The local AWS has no permissions boundaries.")
    arn = role_arn(call.required("RoleName"), call.text("Path"))
    actions = ["iam:CreateRole", *(["iam:TagRole"] if context else [])]
    return [Need(action=action, resource=arn, context=context) for action in actions]


def _check_document(documents: Documents, parameter: str, kind: str, judged: Judged) -> None:
    documents.require(judged.call.required(parameter), kind, _MALFORMED)


def _on_provider(judged: Judged) -> Sequence[Need]:
    call, arn = judged.call, judged.call.required("OpenIDConnectProviderArn")
    context = _tags(call)
    provider = judged.cloud.iam.open_id_providers.get(arn)
    for tag in provider.tag_list_type if provider else []:
        context[f"aws:ResourceTag/{tag['Key']}"] = context[f"iam:ResourceTag/{tag['Key']}"] = tag["Value"]
    return [Need(action=call.event, resource=arn, context=context)]


def _create_provider(judged: Judged) -> Sequence[Need]:
    call, context = judged.call, _tags(judged.call)
    host = call.required("Url").removeprefix("https://")
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"
    actions = ["iam:CreateOpenIDConnectProvider", *(["iam:TagOpenIDConnectProvider"] if context else [])]
    return [Need(action=action, resource=arn, context=context) for action in actions]


def _check_provider(judged: Judged) -> None:
    call = judged.call
    if not call.required("Url").startswith("https://"):
        raise AwsError("InvalidInput", "The URL of an OIDC provider begins with https://")
    if not call.members("ThumbprintList"):
        # The real IAM would look the thumbprint up: nothing on this machine may pin an issuer by itself.
        raise AwsError("InvalidInput", "The local AWS needs the issuer's thumbprint.")


def _clients(judged: Judged) -> list[str]:
    provider = judged.cloud.iam.open_id_providers.get(judged.call.required("OpenIDConnectProviderArn"))
    if provider is None:
        raise AwsError("NoSuchEntity", "OpenIDConnect Provider not found.", 404)
    return provider.client_id_list


def _add_client(judged: Judged) -> Answer:
    """Moto has no such call."""
    clients, client = _clients(judged), judged.call.required("ClientID")
    if client not in clients:
        clients.append(client)
    return _saved(judged)


def _remove_client(judged: Judged) -> Answer:
    """Moto has no such call."""
    clients, client = _clients(judged), judged.call.required("ClientID")
    if client in clients:
        clients.remove(client)
    return _saved(judged)


def _saved(judged: Judged) -> Answer:
    judged.cloud.save("iam", judged.region)
    return query_answer(judged.call.action, None)
