"""What holds on every backend for the containers that the operator fills, beside the canary."""

from collections.abc import Collection, Sequence

from .arguments import Arguments
from .forms import SECRET_NAME, TENANTS_FOLDER, Form


def require_operator_filled(args: Arguments, filled: Sequence[str], taken: Collection[str], *forms: Form) -> None:
    """Raise a ConfigError for a name in `operator_filled` of the wrong form, that is taken, or of a tenant.

    taken: names of other containers.
    forms: forms of the backend's own.
    """
    for index, name in enumerate(filled):
        field = f"operator_filled.{index}"
        args.require_form(field, name, SECRET_NAME, *forms)
        args.require(
            name not in taken and name not in filled[:index], field, "is another container's name", "choose another"
        )
        args.require(
            not name.startswith(TENANTS_FOLDER),
            field,
            "lies among the tenants' containers, where the operator may write nothing",
            f"choose a name that does not begin with {TENANTS_FOLDER}",
        )
