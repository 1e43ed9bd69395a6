"""A shipped topology on the real engine and a recorded cloud, as far as it goes without a cluster that answers."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bootstrap.engine import Engine
from bootstrap.toolchain.folders import tools_dir

# Nothing answers at a recorded cluster's address: what goes through its provider is left out, and all that needs it.
_WITHOUT_CLUSTERS = ("--exclude", "**::*-kubernetes", "--exclude-dependents")


@dataclass(frozen=True)
class RecordedStack:
    """One stack with its record of the cloud."""

    engine: Engine
    record: Path

    @classmethod
    def prepare(cls, topology: str, package: str, directory: Path) -> "RecordedStack":
        engine = Engine(stack=topology, directory=directory, tools=tools_dir(), cloud_environment={})
        engine.prepare()
        return cls(engine, directory / "recorded" / f"{package}.json")

    def preview(self) -> list[dict[str, Any]]:
        """What would be created of the whole topology, with all that is in the clusters."""
        steps = json.loads(self.engine.operate("preview", "--json", capture=True))["steps"]
        assert {step["op"] for step in steps} == {"create"}
        return [step["newState"] for step in steps]

    def changes(self, operation: str, *flags: str) -> dict[str, str]:
        """Run `up`, `refresh` or `destroy`: what changed, by the resource's own name."""
        excluded = _WITHOUT_CLUSTERS if operation == "up" else ()
        text = self.engine.operate(operation, "--yes", "--skip-preview", "--json", *excluded, *flags, capture=True)
        events = (json.loads(line) for line in text.splitlines() if line.startswith("{"))
        done = (event["resOutputsEvent"]["metadata"] for event in events if "resOutputsEvent" in event)
        return {one["urn"].rsplit("::", 1)[-1]: one["op"] for one in done if one["op"] not in {"same", "read"}}

    def configure(self, environment: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the environment's configuration in this stack's own copy."""
        file = self.engine.directory / "project" / f"Pulumi.{self.engine.stack}.yaml"
        config = yaml.safe_load(file.read_text())
        change(config["config"]["secrets-bootstrap:environments"][environment])
        file.write_text(yaml.safe_dump(config))

    def objects(self) -> dict[str, dict[str, Any]]:
        """Every recorded object by its id, with its type."""
        recorded = json.loads(self.record.read_text())
        return {id_: {"type": token, **one} for token, of_type in recorded.items() for id_, one in of_type.items()}

    def edit(self, change: Callable[[dict[str, dict[str, Any]]], None]) -> None:
        """Change the cloud behind the engine's back: the objects by type and id."""
        recorded = json.loads(self.record.read_text())
        change(recorded)
        self.record.write_text(json.dumps(recorded))


def count(planned: list[dict[str, Any]]) -> Counter[str]:
    """How many resources of each type."""
    return Counter(one["type"] for one in planned)
