"""One creation that the engine began and never recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Leftover:
    """`resource`: as the pending operation holds it. `state`: the stack's exported state. `tools`: the executables.

    `cloud_environment`: endpoint and credentials of the deployer.
    """

    resource: Mapping[str, Any]
    state: Mapping[str, Any]
    tools: Path
    cloud_environment: Mapping[str, str]

    @property
    def urn(self) -> str:
        return str(self.resource["urn"])

    @property
    def type(self) -> str:
        return str(self.resource["type"])

    @property
    def inputs(self) -> Mapping[str, Any]:
        return self.resource.get("inputs") or {}

    @cached_property
    def _recorded(self) -> set[tuple[str, str]]:
        resources = self.state["deployment"].get("resources", [])
        same_provider = (item for item in resources if item.get("provider") == self.resource["provider"])
        return {(item["type"], item["id"]) for item in same_provider if item.get("id")}

    def is_recorded(self, identifier: str, kind: str = "") -> bool:
        """Whether a resource of the same provider (by default of the same type) has this id: then it is no leftover.

        Ids are unique within a provider only: two clusters hold objects of the same names.
        """
        return (kind or self.type, identifier) in self._recorded

    @property
    def provider_inputs(self) -> Mapping[str, Any]:
        """The inputs of the provider that was asked to create it."""
        urn = str(self.resource["provider"]).rpartition("::")[0]
        resources = self.state["deployment"].get("resources", [])
        return next((item.get("inputs") or {} for item in resources if item["urn"] == urn), {})

    def aws_client(self, service: str) -> Any:
        import boto3
        from botocore.config import Config

        connect: Any = boto3.Session(
            aws_access_key_id=self.cloud_environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.cloud_environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self.provider_inputs["region"],
        ).client
        return connect(service, endpoint_url=self.cloud_environment["AWS_ENDPOINT_URL"], config=Config(proxies={}))
