"""Field types of the configuration, and pydantic's errors in the words of the library.

Values are never repeated: they may be secret.
"""

import difflib
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from . import forms
from .errors import Problem

_FAULT = "secrets_bootstrap"


def fault(reason: str, mend: str, field: str = "") -> PydanticCustomError:
    """A broken rule, as pydantic wants it raised. `field` is the path below the model that found it."""
    return PydanticCustomError(_FAULT, "{reason}", {"reason": reason, "mend": mend, "field": field})


def _form(*wanted: forms.Form) -> AfterValidator:
    def check(value: str) -> str:
        for form in wanted:
            if not form.holds(value):
                raise fault(form.reason, form.mend)
        return value

    return AfterValidator(check)


def _check_distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    for index, value in enumerate(values):
        if value in values[:index]:
            raise fault("is there twice", "keep one of them", str(index))
    return values


Region = Annotated[str, _form(forms.REGION)]
AccountId = Annotated[str, _form(forms.ACCOUNT_ID)]
Prefix = Annotated[str, _form(forms.PREFIX)]
EnvironmentName = Annotated[str, _form(forms.ENVIRONMENT_NAME)]
KubernetesName = Annotated[str, _form(forms.DNS_LABEL)]
LabelKey = Annotated[str, _form(forms.LABEL_KEY)]
LabelValue = Annotated[str, _form(forms.LABEL_VALUE)]
NamespacePattern = Annotated[str, _form(forms.NAMESPACE_PATTERN, forms.WHOLE_NAMESPACE_PATTERN)]
SecretName = Annotated[str, _form(forms.SECRET_NAME, forms.SECRET_NAME_END)]
Duration = Annotated[str, _form(forms.DURATION)]
KeyArn = Annotated[str, _form(forms.KEY_ARN)]
SecretArn = Annotated[str, _form(forms.SECRET_ARN)]
PrincipalArn = Annotated[str, _form(forms.PRINCIPAL_ARN)]
RoleArn = Annotated[str, _form(forms.ROLE_ARN)]
OidcProviderArn = Annotated[str, _form(forms.OIDC_PROVIDER_ARN)]
Image = Annotated[str, _form(forms.IMAGE)]
GitSshUrl = Annotated[str, _form(forms.GIT_SSH_URL)]
HttpsUrl = Annotated[str, _form(forms.HTTPS_URL)]
Cidr = Annotated[str, _form(forms.CIDR, forms.LIMITED_CIDR)]
SubnetId = Annotated[str, _form(forms.SUBNET_ID)]
KubernetesVersion = Annotated[str, _form(forms.KUBERNETES_VERSION)]
Distinct = AfterValidator(_check_distinct)


def problems_of(error: ValidationError, known: Callable[[Sequence[str]], Sequence[str]]) -> Iterator[Problem]:
    """Each of pydantic's errors as a Problem with the path as the user wrote it."""
    for details in error.errors(include_url=False, include_input=False):
        path = _path(details["loc"])
        field = ".".join([*path, details.get("ctx", {}).get("field", "")]).strip(".")
        yield Problem(field or "configuration", *_explain(details, path, known))


def _path(location: Sequence[int | str]) -> list[str]:
    """Without what pydantic adds: the kind that a cluster was taken for, and the mark of a mapping's key."""
    parts = [str(part) for part in location if part != "[key]"]
    if parts[2:3] == ["cluster"] and parts[3:4] and parts[3] in ("selfManaged", "eks"):
        del parts[3]
    return parts


def _explain(
    details: ErrorDetails, path: Sequence[str], known: Callable[[Sequence[str]], Sequence[str]]
) -> tuple[str, str]:
    context = details.get("ctx", {})
    integer = ("must be a whole number", "write it in digits, without quotes")
    mapping = ("must be a mapping", "write fields and values below it")
    plain = {
        "missing": ("is missing", "add this field"),
        "union_tag_not_found": ("has no kind", "set kind to selfManaged or eks"),
        "union_tag_invalid": ("has no known kind", "set kind to selfManaged or eks"),
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
        _FAULT: (str(context.get("reason")), str(context.get("mend"))),
    }
    in_general = (details["msg"][0].lower() + details["msg"][1:], "give a value that fits")
    return plain.get(details["type"], in_general)


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
