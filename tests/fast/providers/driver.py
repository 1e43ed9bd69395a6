"""Calls a provider as the engine does, without a process or a network: the servicer's methods with a fake context."""

from collections.abc import Mapping
from typing import Any, NoReturn

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from pulumi.runtime.proto import provider_pb2 as rpc
from pulumi.runtime.proto import status_pb2

from bootstrap.providers.base import Provider
from bootstrap.providers.properties import Properties, decode, encode


class CallFailedError(Exception):
    """A call that the provider ended with an error."""

    def __init__(self, status: Any) -> None:
        super().__init__(status.details)
        self.text: str = status.details
        self.init_failed: rpc.ErrorResourceInitFailed | None = None
        for key, value in status.trailing_metadata or ():
            if key == "grpc-status-details-bin":
                detail = status_pb2.Status.FromString(value).details[0]
                self.init_failed = rpc.ErrorResourceInitFailed()
                assert isinstance(detail, AnyMessage)
                assert detail.Unpack(self.init_failed)


class Context(grpc.ServicerContext):
    def abort_with_status(self, status: Any) -> NoReturn:
        raise CallFailedError(status)


Context.__abstractmethods__ = frozenset()


class Driver:
    """One configured provider."""

    def __init__(self, provider: Provider, config: Mapping[str, Any] | None = None) -> None:
        self.provider, self.context = provider, Context()  # pyright: ignore[reportAbstractUsage]
        checked = provider.CheckConfig(rpc.CheckRequest(news=encode(config or {})), self.context)
        assert not checked.failures, checked.failures
        provider.Configure(rpc.ConfigureRequest(args=encode(config or {})), self.context)

    def check(self, token: str, inputs: Properties) -> dict[str, str]:
        """The faults by property."""
        response = self.provider.Check(rpc.CheckRequest(urn=_urn(token), news=encode(inputs)), self.context)
        return {failure.property: failure.reason for failure in response.failures}

    def create(self, token: str, inputs: Properties, *, preview: bool = False) -> tuple[str, Properties]:
        assert not self.check(token, inputs)
        request = rpc.CreateRequest(urn=_urn(token), properties=encode(inputs), preview=preview)
        response = self.provider.Create(request, self.context)
        return response.id, decode(response.properties)

    def read(
        self, token: str, id_: str, inputs: Properties | None = None, state: Properties | None = None
    ) -> tuple[str, Properties, Properties]:
        """The id (empty if it is gone), the state and the inputs."""
        request = rpc.ReadRequest(
            id=id_, urn=_urn(token), inputs=encode(inputs or {}), properties=encode(state or inputs or {})
        )
        response = self.provider.Read(request, self.context)
        return response.id, decode(response.properties), decode(response.inputs)

    def diff(self, token: str, old: Properties, new: Properties, *, ignore: tuple[str, ...] = ()) -> rpc.DiffResponse:
        request = rpc.DiffRequest(
            id="id", urn=_urn(token), old_inputs=encode(old), news=encode(new), ignoreChanges=ignore
        )
        return self.provider.Diff(request, self.context)

    def changed(self, token: str, old: Properties, new: Properties) -> dict[str, str]:
        """The detailed difference: the kind of change by path."""
        detailed = self.diff(token, old, new).detailedDiff
        return {path: rpc.PropertyDiff.Kind.Name(change.kind) for path, change in detailed.items()}

    def update(
        self,
        token: str,
        id_: str,
        old: Properties,
        new: Properties,
        state: Properties | None = None,
        *,
        preview: bool = False,
    ) -> Properties:
        request = rpc.UpdateRequest(
            id=id_,
            urn=_urn(token),
            old_inputs=encode(old),
            olds=encode(state or old),
            news=encode(new),
            preview=preview,
        )
        return decode(self.provider.Update(request, self.context).properties)

    def delete(self, token: str, id_: str, inputs: Properties, state: Properties | None = None) -> None:
        request = rpc.DeleteRequest(
            id=id_, urn=_urn(token), old_inputs=encode(inputs), properties=encode(state or inputs)
        )
        self.provider.Delete(request, self.context)


def _urn(token: str) -> str:
    return f"urn:pulumi:stack::project::component:index:Component${token}::name"
