"""Field types of the configuration, and pydantic's errors in the words of the library.

Values are never repeated: they may be secret.
"""

import difflib
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .. import forms
from ..errors import Problem
from ..faults import FAULT, fault
from ..teams import CREATABLE

CLUSTER_KINDS = {
    "aws": ("selfManaged", "eks"),
    "gcp": ("gke",),
    "azure": ("aks",),
    "vault": ("selfManaged",),
}
"""The kinds of cluster that each backend can be wired into."""


def formed(*wanted: forms.Form) -> AfterValidator:
    """A validator: the text has every one of these forms."""

    def check(value: str) -> str:
        for form in wanted:
            if not form.holds(value):
                raise fault(form.reason, form.mend)
        return value

    return AfterValidator(check)


Prefix = Annotated[str, formed(forms.PREFIX)]
EnvironmentName = Annotated[str, formed(forms.ENVIRONMENT_NAME)]
SecretName = Annotated[str, formed(forms.SECRET_NAME)]
KubernetesName = Annotated[str, formed(forms.DNS_LABEL)]
LabelKey = Annotated[str, formed(forms.LABEL_KEY)]
LabelValue = Annotated[str, formed(forms.LABEL_VALUE)]
NamespacePattern = Annotated[str, formed(forms.NAMESPACE_PATTERN, forms.WHOLE_NAMESPACE_PATTERN)]
Duration = Annotated[str, formed(forms.DURATION)]
Image = Annotated[str, formed(forms.IMAGE)]
GitSshUrl = Annotated[str, formed(forms.GIT_SSH_URL)]
HttpsUrl = Annotated[str, formed(forms.HTTPS_URL)]
Cidr = Annotated[str, formed(forms.CIDR, forms.LIMITED_CIDR)]
KubernetesVersion = Annotated[str, formed(forms.KUBERNETES_VERSION)]


def require_pinned(chart: str, repository: str | None, version: str | None) -> None:
    """Refuse a chart of which whatever is the newest would be installed."""
    if repository is not None and forms.is_oci(chart):
        raise fault("has no meaning beside an oci:// address", "set it to null", "repository")
    if (repository is not None or forms.is_oci(chart)) and not version:
        raise fault("is not set, so the newest chart would be installed", "write the chart's version", "version")


def require_creatable(namespace: str, field: str) -> None:
    """Refuse a namespace that is to be created and is in every cluster."""
    if not CREATABLE.holds(namespace):
        raise fault(CREATABLE.reason, CREATABLE.mend, field)


def problems_of(error: ValidationError, known: Callable[[Sequence[str]], Sequence[str]]) -> Iterator[Problem]:
    """Each of pydantic's errors as a Problem with the path as the user wrote it."""
    for details in error.errors(include_url=False, include_input=False):
        path = _path(details["loc"])
        field = ".".join([*path, details.get("ctx", {}).get("field", "")]).strip(".")
        yield Problem(field or "configuration", *_explain(details, path, known))


_ALL_KINDS = frozenset(kind for kinds in CLUSTER_KINDS.values() for kind in kinds)


def _path(location: Sequence[int | str]) -> list[str]:
    """Without what pydantic adds: the backend, the kind of a cluster, and the mark of a mapping's key."""
    parts = [str(part) for part in location if part != "[key]"]
    if parts[2:3] and parts[2] in CLUSTER_KINDS:
        del parts[2]
        if parts[2:3] == ["cluster"] and parts[3:4] and parts[3] in _ALL_KINDS:
            del parts[3]
    return parts


def _explain(
    details: ErrorDetails, path: Sequence[str], known: Callable[[Sequence[str]], Sequence[str]]
) -> tuple[str, str]:
    context = details.get("ctx", {})
    integer = ("must be a whole number", "write it in digits, without quotes")
    mapping = ("must be a mapping", "write fields and values below it")
    tag, words = _discriminator(details["loc"])
    tags = f"set {tag} to {' or '.join(words)}"
    plain = {
        "missing": ("is missing", "add this field"),
        "union_tag_not_found": (f"has no {tag}", tags),
        "union_tag_invalid": (f"has no known {tag}", tags),
        "literal_error": ("is not one of the known words", f"use {context.get('expected')}"),
        "string_type": ("must be text", "write it in quotes"),
        "string_too_long": ("is too long", f"use up to {context.get('max_length')} characters"),
        "int_type": integer,
        "int_parsing": integer,
        "int_from_float": integer,
        "bool_type": ("must be true or false", "write true or false, without quotes"),
        "bool_parsing": ("must be true or false", "write true or false, without quotes"),
        "tuple_type": ("must be a list", "write one value a line, each after a hyphen"),
        "dict_type": mapping,
        "model_type": mapping,
        "model_attributes_type": mapping,
        "greater_than_equal": ("is too small", f"write {context.get('ge')} or more"),
        "less_than_equal": ("is too large", f"write {context.get('le')} or less"),
        "too_short": ("is empty or too short", f"name at least {context.get('min_length')}"),
        "enum": ("is not one of the known words", f"use {context.get('expected')}"),
        "extra_forbidden": ("is not a known field", _nearest(path, known)),
        FAULT: (str(context.get("reason")), str(context.get("mend"))),
    }
    in_general = (details["msg"][0].lower() + details["msg"][1:], "give a value that fits")
    return plain.get(details["type"], in_general)


def _discriminator(location: Sequence[int | str]) -> tuple[str, Sequence[str]]:
    """The field that tells the models of a union apart, and its words."""
    if location[-1:] == ("cluster",):
        return "kind", CLUSTER_KINDS[str(location[2])]
    return "backend", tuple(CLUSTER_KINDS)


def _nearest(path: Sequence[str], known: Callable[[Sequence[str]], Sequence[str]]) -> str:
    names = known(path[:-1])
    near = difflib.get_close_matches(path[-1], names, 1) if path else []
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(names)}"


def known_fields(root: type[BaseModel], path: Sequence[str]) -> list[str]:
    """The fields that are allowed at a path of the configuration, as the user writes them."""
    models: list[type[BaseModel]] = [root]
    for part in path:
        fields = [
            field for model in models for name, field in model.model_fields.items() if part in (name, field.alias)
        ]
        # A part that is no field is the key of a mapping or an index: its values are the models found already.
        models = [found for field in fields for found in _models_in(field.annotation)] or models
    return sorted({field.alias or name for model in models for name, field in model.model_fields.items()})


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in _models_in(argument)]
