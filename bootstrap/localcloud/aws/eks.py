"""EKS: the Pod Identity API, which moto lacks. Clusters are registered by the harness, not created here."""

from collections.abc import Sequence
from typing import Any

from bootstrap.localcloud.aws.answers import Answer, AwsError, Fault
from bootstrap.localcloud.aws.associations import Association, Associations
from bootstrap.localcloud.aws.authorization import Need
from bootstrap.localcloud.aws.clusters import Cluster, Clusters
from bootstrap.localcloud.aws.rules import Context, Judged, Rule, Rules, tag_context
from bootstrap.localcloud.aws.wire import ACCOUNT, Call

_SERVED = frozenset(
    {"namespace", "serviceAccount", "roleArn", "tags", "disableSessionTags", "clientRequestToken", "name"}
)


class Eks:
    """The rules of EKS calls, over the registered clusters and their associations."""

    def __init__(self, clusters: Clusters, associations: Associations) -> None:
        self._clusters = clusters
        self._associations = associations

    @property
    def rules(self) -> Rules:
        return {
            "CreatePodIdentityAssociation": Rule(needs=self._create_needs, check=_check_create, respond=self._create),
            "ListPodIdentityAssociations": Rule(needs=_on_cluster, respond=self._list),
            "DescribePodIdentityAssociation": Rule(needs=self._on_association, respond=self._describe),
            "UpdatePodIdentityAssociation": Rule(needs=self._update_needs, check=_check_update, respond=self._update),
            "DeletePodIdentityAssociation": Rule(needs=self._on_association, respond=self._delete),
            "ListTagsForResource": Rule(needs=self._on_tagged, respond=self._list_tags),
            "TagResource": Rule(needs=self._on_tagged, respond=self._tag),
            "UntagResource": Rule(needs=self._on_tagged, respond=self._untag),
        }

    def _cluster(self, judged: Judged) -> Cluster:
        return self._clusters.in_region(judged.call.required("name"), judged.region)

    def _association(self, judged: Judged) -> Association:
        return self._associations.get(self._cluster(judged).name, judged.call.required("associationId"))

    def _tagged(self, judged: Judged) -> Association:
        return self._associations.by_arn(judged.call.required("resourceArn"))

    def _on_association(self, judged: Judged) -> Sequence[Need]:
        return [_association_need(judged, f"{judged.call.required('name')}/{judged.call.required('associationId')}")]

    def _on_tagged(self, judged: Judged) -> Sequence[Need]:
        context: Context = tag_context(_tags(judged.call))
        if "tagKeys" in judged.call.parameters:
            context["aws:TagKeys"] = judged.call.parameters["tagKeys"]
        return [Need(action=judged.call.event, resource=judged.call.required("resourceArn"), context=context)]

    def _create_needs(self, judged: Judged) -> Sequence[Need]:
        context = tag_context(_tags(judged.call))
        needs = [
            Need(action=judged.call.event, resource=_cluster_arn(judged), context=context),
            _pass_role(judged.call.required("roleArn")),
        ]
        if context:
            new = f"arn:aws:eks:{judged.region}:{ACCOUNT}:podidentityassociation/{judged.call.required('name')}/new"
            needs.append(Need(action="eks:TagResource", resource=new, context=context))
        return needs

    def _update_needs(self, judged: Judged) -> Sequence[Need]:
        role = judged.call.text("roleArn")
        return [*self._on_association(judged), *([_pass_role(role)] if role else [])]

    def _create(self, judged: Judged) -> Answer:
        call = judged.call
        made = self._associations.create(
            self._cluster(judged),
            call.required("namespace"),
            call.required("serviceAccount"),
            call.required("roleArn"),
            tags=_tags(call),
            disable_session_tags=bool(call.parameters.get("disableSessionTags")),
        )
        return Answer.json({"association": made.full()})

    def _list(self, judged: Judged) -> Answer:
        wanted = {name: judged.call.text(name) for name in ("namespace", "serviceAccount") if judged.call.text(name)}
        summaries = [one.summary() for one in self._associations.of_cluster(self._cluster(judged).name)]
        return Answer.json({"associations": [one for one in summaries if wanted.items() <= one.items()]})

    def _describe(self, judged: Judged) -> Answer:
        return Answer.json({"association": self._association(judged).full()})

    def _update(self, judged: Judged) -> Answer:
        changes: dict[str, Any] = {}
        if "roleArn" in judged.call.parameters:
            changes["role_arn"] = judged.call.required("roleArn")
        if "disableSessionTags" in judged.call.parameters:
            changes["disable_session_tags"] = bool(judged.call.parameters["disableSessionTags"])
        return Answer.json({"association": self._associations.change(self._association(judged), **changes).full()})

    def _delete(self, judged: Judged) -> Answer:
        association = self._association(judged)
        self._associations.delete(association)
        return Answer.json({"association": association.full()})

    def _list_tags(self, judged: Judged) -> Answer:
        return Answer.json({"tags": self._tagged(judged).tags})

    def _tag(self, judged: Judged) -> Answer:
        association, tags = self._tagged(judged), _tags(judged.call)
        self._associations.change(association, tags={**association.tags, **tags})
        return Answer.json({})

    def _untag(self, judged: Judged) -> Answer:
        association, names = self._tagged(judged), judged.call.parameters.get("tagKeys", [])
        self._associations.change(
            association, tags={name: value for name, value in association.tags.items() if name not in names}
        )
        return Answer.json({})


def _tags(call: Call) -> dict[str, str]:
    tags = call.parameters.get("tags") or {}
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise AwsError(Fault.VALIDATION, "tags must map strings to strings.")
    return tags


def _cluster_arn(judged: Judged) -> str:
    return f"arn:aws:eks:{judged.region}:{ACCOUNT}:cluster/{judged.call.required('name')}"


def _on_cluster(judged: Judged) -> Sequence[Need]:
    return [Need(action=judged.call.event, resource=_cluster_arn(judged))]


def _association_need(judged: Judged, path: str) -> Need:
    arn = f"arn:aws:eks:{judged.region}:{ACCOUNT}:podidentityassociation/{path}"
    return Need(action=judged.call.event, resource=arn)


def _pass_role(role_arn: str) -> Need:
    return Need(action="iam:PassRole", resource=role_arn, context={"iam:PassedToService": "pods.eks.amazonaws.com"})


def _check_create(judged: Judged) -> None:
    _refuse_unserved(judged.call)
    _require_role(judged, judged.call.required("roleArn"))


def _check_update(judged: Judged) -> None:
    _refuse_unserved(judged.call)
    if judged.call.text("roleArn"):
        _require_role(judged, judged.call.text("roleArn"))


def _require_role(judged: Judged, arn: str) -> None:
    if judged.cloud.role_by_arn(arn) is None:
        raise AwsError("InvalidParameterException", "Role provided in the request does not exist.")


def _refuse_unserved(call: Call) -> None:
    for name in sorted(call.parameters.keys() - _SERVED - {"associationId"}):
        raise AwsError("UnsupportedOperation", f"The local AWS has no {name} on Pod Identity associations.")
