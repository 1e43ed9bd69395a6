"""boto3 clients of one provider, made when first used: a preview needs none and works without a cloud."""

import os
import threading
from typing import Any

from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import ProviderError


class Clients:
    """Clients by service for the provider's region, from an account it is allowed to work in."""

    def __init__(self) -> None:
        self.config: Properties = {}
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._account: str | None = None

    @property
    def region(self) -> str:
        region = self.config.get("region") or os.environ.get("AWS_REGION")
        if not region:
            raise ProviderError("the aws provider has no region: give `region` to it")
        return region

    def of(self, service: str) -> Any:
        """The client of a service. The first one also checks the account."""
        with self._lock:
            if self._account is None:
                self._account = self._checked_account()
            return self._client(service)

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            from boto3.session import Session
            from botocore.config import Config

            endpoint = os.environ.get("AWS_ENDPOINT_URL")
            if not endpoint:
                raise ProviderError(
                    "AWS_ENDPOINT_URL is not set, and the offline provider does not work on the real AWS: install the "
                    "official plugin for that (pulumi plugin install resource aws)"
                )
            if self.config.get("assumeRoles"):
                raise ProviderError("assumeRoles: the offline provider takes no other role than the credentials it has")
            config = Config(
                retries={"mode": "standard", "max_attempts": 4}, connect_timeout=5, max_pool_connections=32, proxies={}
            )
            session = Session(region_name=self.region)
            self._clients[service] = session.client(service, endpoint_url=endpoint, config=config)  # pyright: ignore[reportCallIssue, reportArgumentType]
        return self._clients[service]

    def _checked_account(self) -> str:
        account = self._client("sts").get_caller_identity()["Account"]
        allowed = self.config.get("allowedAccountIds") or []
        if allowed and account not in allowed:
            raise ProviderError(f"the credentials are of account {account}; allowed are {', '.join(allowed)}")
        return account
