from pathlib import Path

import pytest

from bootstrap.toolchain.folders import tools_dir


@pytest.fixture(scope="session")
def chart() -> Path:
    """The operator's chart as the toolchain packs it: its schema, its values, its templates and definitions (CRDs)."""
    return tools_dir() / "charts" / "external-secrets"
