"""IAM: roles, their inline and attached policies, and OIDC providers."""

import json
from typing import Any
from urllib.parse import unquote

from typing_extensions import override

from bootstrap.providers.aws.resource import TAGS, AwsResource, tag_changes, tag_list, tag_map
from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties


class Role(AwsResource):
    """A role. Its id is its name."""

    fields = {  # noqa: RUF012
        "name": Field(kind=str, required=True, replaces=True),
        "assumeRolePolicy": Field(kind=str, required=True, json_text=True),
        "description": Field(kind=str),
        "path": Field(kind=str, replaces=True, chosen_by_cloud=True),
        "maxSessionDuration": Field(kind=int, chosen_by_cloud=True),
        "tags": TAGS,
    }
    computed = ("arn", "createDate", "uniqueId", "tagsAll")
    volatile = ("tagsAll",)

    @override
    def make(self, inputs: Properties) -> str:
        duration = inputs.get("maxSessionDuration")
        self.clients.of("iam").create_role(
            RoleName=inputs["name"],
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            Description=inputs.get("description", ""),
            Tags=tag_list(inputs.get("tags")),
            **({"MaxSessionDuration": duration} if duration else {}),
            **({"Path": inputs["path"]} if "path" in inputs else {}),
        )
        return inputs["name"]

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        role = self.clients.of("iam").get_role(RoleName=id_)["Role"]
        return {
            "arn": role["Arn"],
            "name": role["RoleName"],
            "path": role["Path"],
            "uniqueId": role["RoleId"],
            "createDate": role["CreateDate"].isoformat(),
            "description": role.get("Description", ""),
            "assumeRolePolicy": _document(role["AssumeRolePolicyDocument"]),
            "maxSessionDuration": role.get("MaxSessionDuration"),
            "tags": tag_map(role.get("Tags")),
        }

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        iam = self.clients.of("iam")
        if old.get("assumeRolePolicy") != new["assumeRolePolicy"]:
            iam.update_assume_role_policy(RoleName=id_, PolicyDocument=new["assumeRolePolicy"])
        if any(old.get(key) != new.get(key) for key in ("description", "maxSessionDuration")):
            duration = new.get("maxSessionDuration")
            optional = {"MaxSessionDuration": duration} if duration else {}
            iam.update_role(RoleName=id_, Description=new.get("description", ""), **optional)
        added, removed = tag_changes(old, new)
        if added:
            iam.tag_role(RoleName=id_, Tags=tag_list(added))
        if removed:
            iam.untag_role(RoleName=id_, TagKeys=removed)

    @override
    def remove(self, id_: str, state: Properties) -> None:
        self.clients.of("iam").delete_role(RoleName=id_)


class RolePolicy(AwsResource):
    """An inline policy of a role. Its id is `role:name`."""

    fields = {  # noqa: RUF012
        "name": Field(kind=str, required=True, replaces=True),
        "role": Field(kind=str, required=True, replaces=True),
        "policy": Field(kind=str, required=True, json_text=True),
    }

    @override
    def make(self, inputs: Properties) -> str:
        role, name = inputs["role"], inputs["name"]
        # Like the official provider: a policy of that name, such as one that a killed run left, is overwritten.
        self.clients.of("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=inputs["policy"])
        return f"{role}:{name}"

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        role, name = id_.split(":")
        found = self.clients.of("iam").get_role_policy(RoleName=role, PolicyName=name)
        return {"name": name, "role": role, "policy": _document(found["PolicyDocument"])}

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        role, name = id_.split(":")
        self.clients.of("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=new["policy"])

    @override
    def remove(self, id_: str, state: Properties) -> None:
        role, name = id_.split(":")
        self.clients.of("iam").delete_role_policy(RoleName=role, PolicyName=name)


class RolePolicyAttachment(AwsResource):
    """A managed policy attached to a role. Its id is `role/policy ARN`."""

    fields = {  # noqa: RUF012
        "role": Field(kind=str, required=True, replaces=True),
        "policyArn": Field(kind=str, required=True, replaces=True),
    }

    @override
    def make(self, inputs: Properties) -> str:
        self.clients.of("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
        return f"{inputs['role']}/{inputs['policyArn']}"

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        role, arn = id_.split("/", 1)
        pages = self.clients.of("iam").get_paginator("list_attached_role_policies").paginate(RoleName=role)
        attached = any(policy["PolicyArn"] == arn for page in pages for policy in page["AttachedPolicies"])
        return {"role": role, "policyArn": arn} if attached else None

    @override
    def remove(self, id_: str, state: Properties) -> None:
        role, arn = id_.split("/", 1)
        self.clients.of("iam").detach_role_policy(RoleName=role, PolicyArn=arn)


class OpenIdConnectProvider(AwsResource):
    """An issuer whose tokens IAM trusts. Its id is the ARN."""

    fields = {  # noqa: RUF012
        "url": Field(kind=str, required=True, replaces=True),
        "clientIdLists": Field(kind=list, required=True, unordered=True),
        "thumbprintLists": Field(kind=list, unordered=True, chosen_by_cloud=True),
        "tags": TAGS,
    }
    computed = ("arn", "tagsAll")
    volatile = ("tagsAll",)

    @override
    def make(self, inputs: Properties) -> str:
        thumbprints = inputs.get("thumbprintLists")
        created = self.clients.of("iam").create_open_id_connect_provider(
            Url=inputs["url"],
            ClientIDList=inputs["clientIdLists"],
            Tags=tag_list(inputs.get("tags")),
            **({"ThumbprintList": thumbprints} if thumbprints else {}),
        )
        return created["OpenIDConnectProviderArn"]

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        found = self.clients.of("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=id_)
        given = known.get("url", "")
        # IAM keeps the URL without its scheme.
        url = given if given.removeprefix("https://") == found["Url"].removeprefix("https://") else found["Url"]
        return {
            "arn": id_,
            "url": url,
            "clientIdLists": found["ClientIDList"],
            "thumbprintLists": found.get("ThumbprintList", []),
            "tags": tag_map(found.get("Tags")),
        }

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        iam = self.clients.of("iam")
        before, after = set(old.get("clientIdLists") or []), set(new["clientIdLists"])
        for client in sorted(after - before):
            iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=id_, ClientID=client)
        for client in sorted(before - after):
            iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=id_, ClientID=client)
        thumbprints = new.get("thumbprintLists")
        if thumbprints and thumbprints != old.get("thumbprintLists"):
            iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=id_, ThumbprintList=thumbprints)
        added, removed = tag_changes(old, new)
        if added:
            iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=id_, Tags=tag_list(added))
        if removed:
            iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=id_, TagKeys=removed)

    @override
    def remove(self, id_: str, state: Properties) -> None:
        self.clients.of("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=id_)


def _document(policy: Any) -> str:
    """The policy as text: boto3 gives a parsed document, or URL-encoded text."""
    return unquote(policy) if isinstance(policy, str) else json.dumps(policy)
