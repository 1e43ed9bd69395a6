"""The real engine on a program of the test's own, with the offline providers and a plain moto server as AWS."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.own_program import OwnProgram, own_program

REGION = "eu-west-1"


@dataclass
class Stack:
    """One stack of one program."""

    engine: OwnProgram
    endpoint: str

    def run(self, operation: str, *arguments: str) -> dict[str, Any]:
        """Preview, up, refresh or destroy; returns how many resources changed, by operation."""
        confirm = () if operation == "preview" else ("--yes", "--skip-preview")
        text = self.engine.operate(operation, "--json", *confirm, *arguments, capture=True)
        if operation == "preview":
            return json.loads(text)["changeSummary"]
        events = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return next(event["summaryEvent"]["resourceChanges"] for event in events if "summaryEvent" in event)

    def state(self) -> dict[str, Any]:
        """The recorded resources by name."""
        resources = self.engine.export()["deployment"].get("resources", [])
        return {resource["urn"].rsplit("::", 1)[-1]: resource for resource in resources}

    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # pyright: ignore[reportArgumentType, reportCallIssue]
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


@pytest.fixture
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def stack(moto: str, tmp_path: Path) -> Stack:
    cloud = {
        "AWS_ENDPOINT_URL": moto,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return Stack(own_program(tmp_path, "offline", environment=cloud), moto)
