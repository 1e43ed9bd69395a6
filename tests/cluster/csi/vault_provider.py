"""A stand-in for Vault's provider of the driver: it logs in at the real Vault as the pod, and reads.

It takes the parameters that hashicorp/vault-csi-provider documents in `internal/config/config.go` and has no other
rights than the token in the call, so what is refused is refused by Vault. It differs in this: it never mints a token
itself, keeps no login, and says Vault's number of a version where that one says an HMAC of the value.
"""

import json
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import httpx2

from tests.cluster.csi.protocols import protocol

TOKENS = "csi.storage.k8s.io/serviceAccount.tokens"


class VaultProvider:
    """The methods of `v1alpha1.CSIDriverProvider`."""

    def __init__(self) -> None:
        self.messages, _ = protocol("service.proto")

    def Version(self, _request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self.messages.VersionResponse(version="v1alpha1", runtime_name="stand-in", runtime_version="0.0.0")

    def Mount(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        told = json.loads(request.attributes)
        token = json.loads(told[TOKENS])[told["audience"]]["token"]
        answer = self.messages.MountResponse()
        trust = ssl.create_default_context(cafile=told["vaultCACertPath"])
        with httpx2.Client(base_url=f"{told['vaultAddress']}/v1/", verify=trust, trust_env=False) as vault:
            login = {"role": told["roleName"], "jwt": token}
            given = _answered(vault.post(f"auth/{told['vaultAuthMountPath']}/login", json=login), context)
            vault.headers["X-Vault-Token"] = given["auth"]["client_token"]
            for one in json.loads(told["objects"]):
                found = _answered(vault.get(one["secretPath"]), context)["data"]
                answer.files.add(
                    path=one["objectName"],
                    mode=json.loads(request.permission),
                    contents=found["data"][one["secretKey"]].encode(),
                )
                answer.object_version.add(id=one["objectName"], version=str(found["metadata"]["version"]))
        return answer


def _answered(answer: httpx2.Response, context: grpc.ServicerContext) -> dict[str, Any]:
    if answer.is_error:
        context.abort(grpc.StatusCode.UNKNOWN, f"Vault, {answer.status_code}: {'; '.join(answer.json()['errors'])}")
    return dict(answer.json())


@contextmanager
def serving(socket: Path) -> Iterator[None]:
    """The provider on its socket, until the block ends."""
    _, services = protocol("service.proto")
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    services.add_CSIDriverProviderServicer_to_server(VaultProvider(), server)
    server.add_insecure_port(f"unix://{socket}")
    server.start()
    try:
        yield
    finally:
        server.stop(grace=5).wait()
