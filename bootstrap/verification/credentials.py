"""Finds credentials in a text: known values in the forms they are written in, and the shapes of well-known keys."""

from collections.abc import Iterable

from bootstrap.canaries.forms import forms


def find_credentials(text: str, values: Iterable[str]) -> list[str]:
    """What kind of credential the text holds; never the credential itself."""
    data = text.encode(errors="surrogatepass")
    found = [
        f"a known value ({form})" for value in values for form, written in forms(value.encode()) if written in data
    ]
    found += [f"{rule} by its shape" for rule in _shapes(text)]
    return sorted(set(found))


def _shapes(text: str) -> set[str]:
    from bootstrap.leaks.shapes import find_shapes

    return {rule for rule, _, _ in find_shapes(text)}
