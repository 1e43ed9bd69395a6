"""What a preview of a shipped stack would create on AWS, with nothing there: no account, no cluster, no definitions."""

import json
from pathlib import Path
from typing import Any

from bootstrap.engine import Engine
from bootstrap.toolchain.folders import tools_dir


def planned(stack: str, directory: Path) -> list[dict[str, Any]]:
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    engine = Engine(stack=stack, directory=directory, tools=tools_dir(), cloud_environment=nowhere)
    engine.prepare()
    steps = json.loads(engine.operate("preview", "--json", capture=True))["steps"]
    assert {step["op"] for step in steps} == {"create"}
    return [step["newState"] for step in steps]


def of(resources: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    """Their inputs by name."""
    return {one["urn"].rsplit("::", 1)[-1]: one["inputs"] for one in resources if one["type"] == kind}
