"""A provider of a recorded cloud: its configuration as the SDK has it, and a table of rules by type token."""

import threading
from collections.abc import Callable, Mapping
from typing import ClassVar

import grpc
from pulumi.runtime.proto import provider_pb2 as rpc
from typing_extensions import override

from bootstrap.providers.base import Provider
from bootstrap.providers.failures import reported
from bootstrap.providers.properties import Properties, decode, encode, plain
from bootstrap.providers.recorded.records import Records
from bootstrap.providers.recorded.resource import RecordedResource
from bootstrap.providers.recorded.rules import Asked, Rules
from bootstrap.providers.resource import ProviderError, Resource
from bootstrap.providers.schema import configuration_of
from bootstrap.providers.table import unknown_type


class RecordedProvider(Provider):
    """A provider with rules for each resource type, whose schema is read when the type is first met."""

    rules: ClassVar[Mapping[str, Rules]]
    functions: ClassVar[Mapping[str, Callable[[Asked], Properties]]] = {}

    def __init__(self, name: str, version: str) -> None:
        super().__init__(name, version)
        self.config_fields = configuration_of(name)  # pyright: ignore[reportAttributeAccessIssue]
        self._records = Records(name)
        self._resources: dict[str, Resource] = {}
        self._reading = threading.Lock()

    @override
    def resource(self, token: str) -> Resource:
        if token not in self.rules:
            raise unknown_type(token, self.rules)
        with self._reading:
            if token not in self._resources:
                self._resources[token] = RecordedResource(token, self.rules[token], self._records, lambda: self.config)
            return self._resources[token]

    @override
    @reported
    def Invoke(self, request: rpc.InvokeRequest, context: grpc.ServicerContext) -> rpc.InvokeResponse:
        function = self.functions.get(request.tok)
        if function is None:
            raise ProviderError(f"{request.tok} is not a function that the offline provider {self.name} knows")
        with self._records.open() as objects:
            answer = function(Asked(plain(decode(request.args)), self.config, objects))
        response = rpc.InvokeResponse()
        getattr(response, "return").CopyFrom(encode(answer))
        return response

    @override
    def replaces_config(self, old: Properties, new: Properties, key: str) -> bool:
        return False
