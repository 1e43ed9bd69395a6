"""The provider protocol of the Pulumi engine, served for any set of resource types. It knows no cloud.

Secrets: the engine sends them marked; they are unwrapped for the resource type and marked again in everything that goes
back, also on Read (a refresh would else write them to the state in plain text).
"""

import threading
from collections.abc import Mapping
from typing import Any, ClassVar

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as rpc
from pulumi.runtime.proto.plugin_pb2 import PluginInfo
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer
from typing_extensions import override

from bootstrap.providers.changes import changes
from bootstrap.providers.failures import DetailedError, reported
from bootstrap.providers.fields import Fault, Field, faults
from bootstrap.providers.properties import Properties, Secret, decode, encode, plain, seal_like
from bootstrap.providers.resource import Call, PartlyDoneError, ProviderError, Resource

_ENGINE_KEYS = ("version", "__internal")
_KINDS = {
    ("add", False): rpc.PropertyDiff.ADD,
    ("add", True): rpc.PropertyDiff.ADD_REPLACE,
    ("delete", False): rpc.PropertyDiff.DELETE,
    ("delete", True): rpc.PropertyDiff.DELETE_REPLACE,
    ("update", False): rpc.PropertyDiff.UPDATE,
    ("update", True): rpc.PropertyDiff.UPDATE_REPLACE,
}


class Provider(ResourceProviderServicer):
    """One plugin process: its configuration and its resource types by type token."""

    config_fields: ClassVar[Mapping[str, Field]] = {}

    def __init__(self, name: str, version: str) -> None:
        self.name, self.version = name, version
        self.config: Properties = {}
        self.cancelled = threading.Event()

    def resource(self, token: str) -> Resource:
        """The resource type of this token. Raises ProviderError if there is none."""
        raise NotImplementedError

    def replaces_config(self, old: Properties, new: Properties, key: str) -> bool:
        """Whether a changed configuration key means other resources, so that all must be made anew."""
        raise NotImplementedError

    # The plugin and its configuration

    @override
    def Handshake(self, request: rpc.ProviderHandshakeRequest, context: grpc.ServicerContext) -> Any:
        return rpc.ProviderHandshakeResponse(accept_secrets=True)

    @override
    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> PluginInfo:
        return PluginInfo(version=self.version)

    @override
    @reported
    def CheckConfig(self, request: rpc.CheckRequest, context: grpc.ServicerContext) -> rpc.CheckResponse:
        config = _given(decode(request.news))
        wrong = faults(self.config_fields, {key: config[key] for key in config if key not in _ENGINE_KEYS})
        return rpc.CheckResponse(inputs=request.news, failures=[_failure(fault) for fault in wrong])

    @override
    @reported
    def DiffConfig(self, request: rpc.DiffRequest, context: grpc.ServicerContext) -> rpc.DiffResponse:
        old, new = (_without_engine_keys(plain(decode(sent))) for sent in (request.old_inputs, request.news))
        found = {change: self.replaces_config(old, new, str(change.keys[0])) for change in changes(old, new)}
        return _diff_response(found, delete_first=False)

    @override
    @reported
    def Configure(self, request: rpc.ConfigureRequest, context: grpc.ServicerContext) -> Any:
        self.config = _without_engine_keys(plain(decode(request.args)))
        return rpc.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @override
    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        self.cancelled.set()
        return Empty()

    @override
    @reported
    def Invoke(self, request: rpc.InvokeRequest, context: grpc.ServicerContext) -> rpc.InvokeResponse:
        raise ProviderError(f"{request.tok}: the offline provider {self.name} has no functions")

    # Resources

    @override
    @reported
    def Check(self, request: rpc.CheckRequest, context: grpc.ServicerContext) -> rpc.CheckResponse:
        resource = self.resource(_token(request.urn))
        inputs = _given(decode(request.news))
        wrong = [_failure(fault) for fault in resource.check(inputs)]
        return rpc.CheckResponse(inputs=encode(inputs), failures=wrong)

    @override
    @reported
    def Diff(self, request: rpc.DiffRequest, context: grpc.ServicerContext) -> rpc.DiffResponse:
        resource = self.resource(_token(request.urn))
        old, new = plain(decode(request.old_inputs)), plain(decode(request.news))
        ignored = {path.split(".")[0].split("[")[0] for path in request.ignoreChanges}
        found = {
            change: resource.replaces(change.keys)
            for change in changes(_given(old), _given(new))
            if str(change.keys[0]) not in ignored
        }
        return _diff_response(found, delete_first=resource.delete_before_replace(old, new))

    @override
    @reported
    def Create(self, request: rpc.CreateRequest, context: grpc.ServicerContext) -> rpc.CreateResponse:
        resource = self.resource(_token(request.urn))
        inputs = decode(request.properties)
        if request.preview:
            return rpc.CreateResponse(properties=encode(_sealed(resource, resource.planned(inputs), inputs)))
        try:
            created = resource.create(plain(inputs), self._call(request.timeout))
        except PartlyDoneError as error:
            raise _init_failed(resource, error, inputs) from None
        return rpc.CreateResponse(id=created.id, properties=_state(resource, created.state, inputs))

    @override
    @reported
    def Read(self, request: rpc.ReadRequest, context: grpc.ServicerContext) -> rpc.ReadResponse:
        resource = self.resource(_token(request.urn))
        inputs, state = decode(request.inputs), decode(request.properties)
        refreshed = resource.refresh(request.id, plain(inputs), plain(state), self._call(request.timeout))
        if refreshed is None:
            return rpc.ReadResponse()
        marked = {**state, **inputs}
        return rpc.ReadResponse(
            id=request.id,
            properties=encode(_sealed(resource, refreshed.state, marked)),
            inputs=encode(_sealed(resource, refreshed.inputs, marked)),
        )

    @override
    @reported
    def Update(self, request: rpc.UpdateRequest, context: grpc.ServicerContext) -> rpc.UpdateResponse:
        resource = self.resource(_token(request.urn))
        old, new, state = decode(request.old_inputs), decode(request.news), decode(request.olds)
        if request.preview:
            return rpc.UpdateResponse(properties=encode(_sealed(resource, resource.replanned(old, new, state), new)))
        try:
            live = resource.update(request.id, plain(old), plain(new), self._call(request.timeout))
        except PartlyDoneError as error:
            raise _init_failed(resource, error, new) from None
        return rpc.UpdateResponse(properties=_state(resource, live, new))

    @override
    @reported
    def Delete(self, request: rpc.DeleteRequest, context: grpc.ServicerContext) -> Empty:
        resource = self.resource(_token(request.urn))
        state = {**plain(decode(request.old_inputs)), **plain(decode(request.properties))}
        resource.delete(request.id, state, self._call(request.timeout))
        return Empty()

    def _call(self, timeout: float) -> Call:
        return Call(timeout=timeout, cancelled=self.cancelled)


def _token(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", maxsplit=1)[-1]


def _given(properties: Properties) -> Properties:
    return {key: value for key, value in properties.items() if value is not None}


def _without_engine_keys(config: Properties) -> Properties:
    return {key: value for key, value in config.items() if key not in _ENGINE_KEYS and value is not None}


def _failure(fault: Fault) -> rpc.CheckFailure:
    return rpc.CheckFailure(property=fault.path, reason=f"{fault.path} {fault.reason}")


def _sealed(resource: Resource, properties: Properties, marked: Mapping[str, Any]) -> Properties:
    sealed: Properties = {}
    for key, value in properties.items():
        if key in resource.secret_outputs and value is not None and not isinstance(value, Secret):
            sealed[key] = Secret(plain(value))
        else:
            sealed[key] = seal_like(value, marked.get(key))
    return sealed


def _state(resource: Resource, live: Properties, inputs: Properties) -> Any:
    return encode(_sealed(resource, {**plain(inputs), **live}, inputs))


def _init_failed(resource: Resource, error: PartlyDoneError, inputs: Properties) -> DetailedError:
    state = _state(resource, error.state, inputs)
    failure = rpc.ErrorResourceInitFailed(id=error.id, properties=state, reasons=[error.reason], inputs=encode(inputs))
    return DetailedError(error.reason, failure)


def _diff_response(found: Mapping[Any, bool], *, delete_first: bool) -> rpc.DiffResponse:
    top = list(dict.fromkeys(str(change.keys[0]) for change in found))
    detailed = {
        change.path: rpc.PropertyDiff(kind=_KINDS[change.kind, replaces], inputDiff=True)
        for change, replaces in found.items()
    }
    return rpc.DiffResponse(
        changes=rpc.DiffResponse.DIFF_SOME if found else rpc.DiffResponse.DIFF_NONE,
        diffs=top,
        replaces=[change.path for change, replaces in found.items() if replaces],
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=delete_first,
    )
