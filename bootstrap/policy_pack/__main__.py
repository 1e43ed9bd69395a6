"""The policy pack: `pulumi preview --policy-pack bootstrap/policy_pack`, in these or in your own stacks."""

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from rules import RULES, Seen, Settings
from rules.isolation import in_one_state, shared
from rules.kubernetes_secrets import sealed

# What may be lost only on purpose. A stack whose prod is ephemeral, such as a demonstration, names none.
_SETTINGS = PolicyConfigSchema(
    properties={
        "durableEnvironments": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["prod"],
            "description": "Environments whose keys and stores must be protected from deletion",
        }
    }
)


def _settings(args: ResourceValidationArgs | StackValidationArgs) -> Settings:
    return Settings(durable_environments=tuple(args.get_config()["durableEnvironments"]))


def _resource_policy(name: str) -> Policy:
    rule = RULES[name]

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for problem in rule.problems(Seen.of(args), _settings(args)):
            report(problem, None)

    return ResourceValidationPolicy(
        name=name,
        description=rule.description,
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
        config_schema=_SETTINGS,
    )


def _nothing_shared(args: StackValidationArgs, report: ReportViolation) -> None:
    for urn, problem in shared([(one.urn, Seen.of(one)) for one in args.resources]):
        report(problem, urn)


def _own_states(args: StackValidationArgs, report: ReportViolation) -> None:
    problem = in_one_state([Seen.of(one) for one in args.resources], _settings(args))
    if problem is not None:
        report(problem, None)


def _seal(args: ResourceValidationArgs) -> dict[str, object] | None:
    return sealed(args.resource_type, args.props)


_POLICIES: list[Policy] = [
    *(_resource_policy(name) for name in RULES),
    StackValidationPolicy(
        name="environments-share-nothing",
        description="No key, container, role or mount of one environment is used by another one.",
        validate=_nothing_shared,
    ),
    StackValidationPolicy(
        name="environments-share-no-state",
        description="A durable environment is alone in its stack: one key encrypts the whole state.",
        validate=_own_states,
        enforcement_level=EnforcementLevel.MANDATORY,
        config_schema=_SETTINGS,
    ),
    ResourceValidationPolicy(
        name="kubernetes-secret-data-is-secret",
        description="The data of a Kubernetes Secret is a Pulumi secret: what is not is marked as one.",
        remediate=_seal,  # pyright: ignore[reportArgumentType] - a plain mapping is taken as well
        enforcement_level=EnforcementLevel.REMEDIATE,
    ),
]

PolicyPack(name="secrets-bootstrap", enforcement_level=EnforcementLevel.MANDATORY, policies=_POLICIES)
