"""Field types of the configuration, and pydantic's errors in the words of the library.

Values are never repeated: they may be secret.
"""

import difflib
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from .errors import Problem
from .naming import Arn, is_dns_label, is_short_name, region_partition, secret_name_fault

_FAULT = "secrets_bootstrap"
_UNION_TAGS = {"selfManaged", "eks"}


def fault(reason: str, mend: str, field: str = "") -> PydanticCustomError:
    """A broken rule, as pydantic wants it raised. `field` is the path below the model that found it."""
    return PydanticCustomError(_FAULT, "{reason}", {"reason": reason, "mend": mend, "field": field})


def _rule(holds: Callable[[str], bool], reason: str, mend: str) -> AfterValidator:
    def check(value: str) -> str:
        if not holds(value):
            raise fault(reason, mend)
        return value

    return AfterValidator(check)


def _arn_rule(service: str, resource: str, example: str) -> AfterValidator:
    def holds(value: str) -> bool:
        arn = Arn.parse(value)
        return arn is not None and arn.service == service and arn.resource.startswith(tuple(resource.split("|")))

    return _rule(holds, f"is not the ARN of {example.split(' ', 1)[1]}", f"write it as {example.split(' ', 1)[0]}")


def _check_secret_name(value: str) -> str:
    wrong = secret_name_fault(value)
    if wrong is not None:
        raise fault(
            f"the name {wrong}", "choose a name such as database/password; the environment is put in front of it"
        )
    return value


Region = Annotated[
    str,
    _rule(
        lambda text: region_partition(text) is not None,
        "is not the name of an AWS region",
        "write one such as eu-west-1",
    ),
]
AccountId = Annotated[
    str,
    _rule(
        lambda text: len(text) == 12 and text.isdecimal(),
        "is not an AWS account id",
        'write its 12 digits in quotes: "123456789012"',
    ),
]
Prefix = Annotated[
    str,
    _rule(
        lambda text: is_short_name(text, 24),
        "is not a lower-case name of up to 24 characters",
        "use letters, digits and single hyphens inside, such as platform",
    ),
]
EnvironmentName = Annotated[
    str,
    _rule(
        lambda text: is_short_name(text, 20),
        "is not a lower-case name of up to 20 characters",
        "use letters, digits and single hyphens inside, such as prod",
    ),
]
KubernetesName = Annotated[
    str,
    _rule(
        is_dns_label,
        "is not a Kubernetes name (RFC 1123 label)",
        "use up to 63 lower-case letters, digits and hyphens inside",
    ),
]
SecretName = Annotated[str, AfterValidator(_check_secret_name)]
Duration = Annotated[str, Field(pattern=r"^[1-9][0-9]*(s|m|h)$")]
KeyArn = Annotated[str, _arn_rule("kms", "key/", "arn:aws:kms:REGION:ACCOUNT:key/ID a KMS key (an alias moves)")]
SecretArn = Annotated[
    str, _arn_rule("secretsmanager", "secret:", "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX a secret")
]
PrincipalArn = Annotated[
    str,
    _arn_rule(
        "iam", "role/|user/", "arn:aws:iam::ACCOUNT:role/NAME an IAM role or user (not of a session or a whole account)"
    ),
]
OidcProviderArn = Annotated[
    str, _arn_rule("iam", "oidc-provider/", "arn:aws:iam::ACCOUNT:oidc-provider/HOST an OIDC provider")
]


def problems_of(error: ValidationError, known: Callable[[Sequence[str]], Sequence[str]]) -> Iterator[Problem]:
    """Each of pydantic's errors as a Problem with the path as the user wrote it."""
    for details in error.errors(include_url=False, include_input=False):
        path = [str(part) for part in details["loc"] if part not in _UNION_TAGS and part != "[key]"]
        field = ".".join([*path, details.get("ctx", {}).get("field", "")]).strip(".")
        yield Problem(field or "configuration", *_explain(details, path, known))


def _explain(
    details: ErrorDetails, path: Sequence[str], known: Callable[[Sequence[str]], Sequence[str]]
) -> tuple[str, str]:
    context = details.get("ctx", {})
    plain = {
        "missing": ("is missing", "add this field"),
        "union_tag_not_found": ("has no kind", "set kind to selfManaged or eks"),
        "union_tag_invalid": ("has no known kind", "set kind to selfManaged or eks"),
        "string_type": ("must be text", "write it in quotes"),
        "string_pattern_mismatch": ("has not the right form", f"write it to match {context.get('pattern')}"),
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
