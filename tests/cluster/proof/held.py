"""What the operator, CI and two tenants hold for minutes, as the search for leaks names it."""


def held_names(giver: str) -> set[str]:
    tenants = ("tenant acme", "tenant globex")
    holders = ("the operator", "CI", *tenants)
    return {
        *(f"the token of {one}" for one in holders),
        *(f"what {giver} gave {one}" for one in holders),
        *(f"a key of {one}" for one in tenants),
    }
