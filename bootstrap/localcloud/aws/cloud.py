"""moto inside this process: the objects of the local AWS. It asks nobody for permission: the guard has done that."""

import io
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from werkzeug.test import run_wsgi_app

from bootstrap.localcloud.aws import rest_xml
from bootstrap.localcloud.aws.answers import Answer, AwsError, Fault
from bootstrap.localcloud.aws.snapshots import Snapshots
from bootstrap.localcloud.aws.wire import ACCOUNT, PROTOCOLS, TARGETS, Call

if TYPE_CHECKING:
    from flask import Flask
    from moto.dynamodb.models.table import Table
    from moto.iam.models import IAMBackend, Role, User
    from moto.kms.models import Key, KmsBackend
    from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend

_PARTITION = "aws"
_GLOBAL = frozenset({"iam", "route53"})
_MOTO = ("dynamodb", "iam", "kms", "route53", "secretsmanager")


class Cloud:
    """The one moto of this process, loaded from `directory`. `lock` is held while a call is judged and carried out."""

    def __init__(self, directory: Path) -> None:
        # Settings of moto are read when it is imported, and a moto that checks access itself would do it wrongly.
        from moto.backends import get_backend
        from moto.moto_server.werkzeug_app import create_backend_app

        self.lock = threading.RLock()
        self._backends: dict[str, Any] = {service: get_backend(service) for service in _MOTO}
        for backend in self._backends.values():
            backend.reset()
        self._apps: dict[str, Flask] = {service: create_backend_app(service) for service in _MOTO}
        self._snapshots = Snapshots(directory)
        self._snapshots.load()

    @property
    def iam(self) -> "IAMBackend":
        return self._backends["iam"][ACCOUNT][_PARTITION]

    def kms(self, region: str) -> "KmsBackend":
        return self._backend("kms", region)

    def secrets(self, region: str) -> "SecretsManagerBackend":
        return self._backend("secretsmanager", region)

    def tables(self, region: str) -> "dict[str, Table]":
        """DynamoDB's tables by name."""
        return self._backend("dynamodb", region).tables

    def _backend(self, service: str, region: str) -> Any:
        try:
            backend = self._backends[service][ACCOUNT][region]
        except KeyError:
            backend = None
        if backend is None or backend.partition != _PARTITION:
            raise AwsError(Fault.VALIDATION, f"{region} is not a region of {service} in the partition {_PARTITION}.")
        return backend

    def save(self, service: str, region: str) -> None:
        """Make the service's state durable."""
        place = _PARTITION if service in _GLOBAL else region
        self._snapshots.save(service, place, self._backends[service][ACCOUNT][place])

    def carry_out(self, call: Call, *, changes: bool) -> Answer:
        """Have moto do an authorised call; what it changes is on disk before the answer is."""
        try:
            body, status, sent = run_wsgi_app(self._apps[call.service], _environ(call), buffered=True)
        finally:
            if changes:
                self.save(call.service, call.region)
        content_type = "application/x-amz-json-1.1" if PROTOCOLS[call.service] == "json" else "text/xml"
        headers = [("Content-Type", content_type)]
        if "x-amzn-ErrorType" in sent:
            headers.append(("x-amzn-ErrorType", sent["x-amzn-ErrorType"]))
        return Answer(int(status.split(maxsplit=1)[0]), headers, b"".join(body))

    def role(self, name: str) -> "Role | None":
        return next((role for role in self.iam.roles.values() if role.name == name), None)

    def role_by_arn(self, arn: str) -> "Role | None":
        return next((role for role in self.iam.roles.values() if role.arn == arn), None)

    def user(self, name: str) -> "User | None":
        return self.iam.users.get(name)

    def policies_of(self, holder: "Role | User") -> list[dict[str, Any]]:
        """The identity policies of a role or a user: inline ones, as the local AWS has no managed policies."""
        return [{"name": name, "policy": json.loads(text)} for name, text in holder.policies.items()]

    def key(self, region: str, identifier: str) -> "Key":
        """A KMS key by its id, its ARN, or an alias."""
        kms = self.kms(region)
        own = f"arn:aws:kms:{region}:{ACCOUNT}:"
        name = identifier.removeprefix(own)
        if name.startswith("alias/"):
            name = next((key.id for key in kms.keys.values() if name in key.aliases), "")
        key = kms.keys.get(name.removeprefix("key/"))
        if key is None:
            raise AwsError("NotFoundException", f"Key {identifier!r} does not exist")
        return key

    def secret(self, region: str, identifier: str) -> "FakeSecret | None":
        """A secret by its name, its ARN, or its ARN without the random end."""
        for secret in self.secrets(region).secrets.values():
            if identifier in (secret.name, secret.arn, secret.arn[:-7]):
                return secret  # pyright: ignore[reportReturnType]  # there are no replicas: their calls are not served
        return None


def _environ(call: Call) -> dict[str, Any]:
    """A request for moto's WSGI application, written anew from the judged call.

    Nothing of the caller's request goes through: moto would read some parameters from other places than the guard did.
    """
    method, path = "POST", "/"
    if PROTOCOLS[call.service] == "json":
        content_type, body = "application/x-amz-json-1.1", json.dumps(call.parameters)
    elif PROTOCOLS[call.service] == "rest-xml":
        content_type = "text/xml"
        method, path, body = rest_xml.write(call.action, call.parameters)
    else:
        content_type, body = "application/x-www-form-urlencoded", urlencode({"Action": call.action, **call.parameters})
    host = f"{call.service}.{call.region}.amazonaws.com"
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": host,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "https",
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.errors": io.StringIO(),
        "wsgi.input": io.BytesIO(body.encode()),
        "CONTENT_LENGTH": str(len(body.encode())),
        "CONTENT_TYPE": content_type,
        "HTTP_HOST": host,
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential=guard/20000101/{call.region}/{call.service}/aws4_request",
    }
    if call.service in TARGETS:
        environ["HTTP_X_AMZ_TARGET"] = f"{TARGETS[call.service]}.{call.action}"
    return environ
