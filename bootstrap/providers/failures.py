"""Failures as the engine understands them: gRPC status codes, with a detail for a resource that was made by half."""

import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from pulumi.runtime.proto import status_pb2

from bootstrap.errors import BootstrapError
from bootstrap.providers.properties import UnsupportedValueError
from bootstrap.providers.resource import ProviderError

_Method = TypeVar("_Method", bound=Callable[..., Any])


class DetailedError(Exception):
    """A failure with a message that the engine reads, such as ErrorResourceInitFailed."""

    def __init__(self, reason: str, detail: Message) -> None:
        super().__init__(reason)
        self.detail = detail


class _Status(NamedTuple):
    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, bytes], ...] = ()


def reported(method: _Method) -> _Method:
    """A servicer method whose exceptions reach the engine as text without values."""

    @wraps(method)
    def call(servicer: Any, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(servicer, request, context)
        except DetailedError as error:
            status = _with_detail(str(error), error.detail)
        except (ProviderError, BootstrapError, UnsupportedValueError) as error:
            status = _Status(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        except Exception as error:
            status = _Status(grpc.StatusCode.INTERNAL, _describe(error))
        return context.abort_with_status(status)  # pyright: ignore[reportArgumentType]

    return call  # pyright: ignore[reportReturnType]


def _with_detail(reason: str, detail: Message) -> _Status:
    packed = AnyMessage()
    packed.Pack(detail)
    code = grpc.StatusCode.UNKNOWN
    status = status_pb2.Status(code=code.value[0], message=reason, details=[packed])
    return _Status(code, reason, (("grpc-status-details-bin", status.SerializeToString()),))


def _describe(error: Exception) -> str:
    """An unforeseen exception: its type and place. Its text may quote a value, so it is not shown."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"fault in the offline provider: {type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}"
