"""Where the documentation lies, and how its tables are read."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = DOCS / "pages"
EXAMPLES = DOCS / "examples"


def section(page: str, heading: str) -> str:
    """The text below a heading, to the next one of the same or a higher level."""
    found = re.search(rf"^(#+) {re.escape(heading)}$", page, re.MULTILINE)
    assert found, f"no section {heading!r}"
    rest = page[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def table(text: str) -> dict[str, list[str]]:
    """The first table of a text: the cells of each row by the name in its first cell."""
    rows = re.search(r"(?:^\|.*\|$\n?)+", text, re.MULTILINE)
    assert rows, "no table"
    _, _, *body = rows[0].splitlines()
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip("|"))] for row in body]
    named = {first.strip("`"): rest for first, *rest in cells}
    assert len(named) == len(cells), "a name occurs twice"
    return named
