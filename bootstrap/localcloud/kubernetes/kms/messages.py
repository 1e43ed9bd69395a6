"""The messages of the Kubernetes KMS v2 API (k8s.io/kms, `apis/v2/api.proto`), built from their field numbers.

`EncryptedObject` is what stands in etcd behind a provider's prefix (k8s.io/apiserver, `envelope/kmsv2/v2/api.proto`).
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

SERVICE = "v2.KeyManagementService"

_STRING, _BYTES = FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.TYPE_BYTES
_ANNOTATIONS = "annotations"
_FIELDS: dict[str, dict[str, tuple[int, int | None]]] = {
    "StatusRequest": {},
    "StatusResponse": {"version": (1, _STRING), "healthz": (2, _STRING), "key_id": (3, _STRING)},
    "DecryptRequest": {
        "ciphertext": (1, _BYTES),
        "uid": (2, _STRING),
        "key_id": (3, _STRING),
        _ANNOTATIONS: (4, None),
    },
    "DecryptResponse": {"plaintext": (1, _BYTES)},
    "EncryptRequest": {"plaintext": (1, _BYTES), "uid": (2, _STRING)},
    "EncryptResponse": {"ciphertext": (1, _BYTES), "key_id": (2, _STRING), _ANNOTATIONS: (3, None)},
    "EncryptedObject": {"encrypted_data": (1, _BYTES), "key_id": (2, _STRING), "encrypted_dek_source": (3, _BYTES)},
}


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="kms/v2/api.proto", package="v2", syntax="proto3")
    for message_name, fields in _FIELDS.items():
        message = file.message_type.add(name=message_name)
        for name, (number, kind) in fields.items():
            if kind is None:
                _add_annotations(message, number)
            else:
                message.field.add(name=name, number=number, type=kind, label=FieldDescriptorProto.LABEL_OPTIONAL)
    return file


def _add_annotations(message: DescriptorProto, number: int) -> None:
    """`map<string, bytes>`: on the wire, a list of entries with a key and a value."""
    entry = message.nested_type.add(name="AnnotationsEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=_STRING, label=FieldDescriptorProto.LABEL_OPTIONAL)
    entry.field.add(name="value", number=2, type=_BYTES, label=FieldDescriptorProto.LABEL_OPTIONAL)
    message.field.add(
        name=_ANNOTATIONS,
        number=number,
        type=FieldDescriptorProto.TYPE_MESSAGE,
        type_name=f".v2.{message.name}.AnnotationsEntry",
        label=FieldDescriptorProto.LABEL_REPEATED,
    )


_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_file())


def _message(name: str) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"v2.{name}"))


StatusRequest = _message("StatusRequest")
StatusResponse = _message("StatusResponse")
DecryptRequest = _message("DecryptRequest")
DecryptResponse = _message("DecryptResponse")
EncryptRequest = _message("EncryptRequest")
EncryptResponse = _message("EncryptResponse")
EncryptedObject = _message("EncryptedObject")
