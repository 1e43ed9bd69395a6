"""A control plane from nothing: who gets in, what etcd holds, and that asking again changes nothing."""

import hashlib
import socket
import ssl
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bootstrap.errors import BootstrapError
from bootstrap.localcloud.aws.client import LocalAws
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.toolchain.folders import tools_dir
from tests.cluster.control_plane.helpers import PROVIDER_NAME, Encryption, process_of

DAEMONS = ("etcd", "kube-apiserver", "kube-controller-manager", "node", "aws-encryption-provider")


def test_it_is_healthy_and_listens_on_loopback_only(plane: ControlPlane) -> None:
    assert plane.is_healthy()
    for name in DAEMONS:
        process = process_of(plane, name)
        assert process is not None
        assert {one.laddr.ip for one in process.net_connections("inet") if one.status == "LISTEN"} == {"127.0.0.1"}


def test_no_program_holds_a_credential_in_its_arguments_or_environment(plane: ControlPlane) -> None:
    for name in DAEMONS:
        process = process_of(plane, name)
        assert process is not None
        text = " ".join([*process.cmdline(), *(f"{k}={v}" for k, v in process.environ().items())])
        assert "AWS_SECRET_ACCESS_KEY" not in text
        assert "BEGIN" not in text


def test_anonymous_requests_reach_the_issuer_and_health_only(plane: ControlPlane) -> None:
    with httpx2.Client(base_url=plane.endpoint, verify=False, trust_env=False) as http:
        issuer = http.get("/.well-known/openid-configuration").raise_for_status().json()
        assert issuer["issuer"] == plane.issuer_url == plane.endpoint
        keys = http.get(issuer["jwks_uri"]).raise_for_status().json()["keys"]
        assert [key["alg"] for key in keys] == ["RS256"]
        assert http.get("/readyz").text == "ok"
        for path in ("/version", "/api", "/api/v1/namespaces", "/apis", "/openid/v1/other"):
            assert http.get(path).status_code == 401, path


def test_the_thumbprint_is_that_of_the_last_certificate_sent(plane: ControlPlane) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    port = int(plane.endpoint.rsplit(":", 1)[1])
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port))) as connection:
        sent: Any = connection._sslobj.get_unverified_chain()  # type: ignore[attr-defined]
    last = ssl.PEM_cert_to_DER_cert(sent[-1].public_bytes())
    assert len(sent) == 2
    assert plane.issuer_thumbprint == hashlib.sha1(last).hexdigest()


def test_etcd_holds_ciphertext_of_the_key(plane: ControlPlane, api: httpx2.Client, encryption: Encryption) -> None:
    value = "what-nobody-may-read-in-etcd"
    secret = {"metadata": {"name": "sealed"}, "stringData": {"value": value, "padding": "x" * 4000}}
    api.post("/api/v1/namespaces/default/secrets", json=secret).raise_for_status()
    raw = plane.raw_etcd_value("default", "sealed")
    assert raw.startswith(f"k8s:enc:kms:v2:{PROVIDER_NAME}:".encode())
    assert encryption.key_arn.encode() in raw
    assert value.encode() not in raw
    with pytest.raises(BootstrapError, match="default/absent"):
        plane.raw_etcd_value("default", "absent")


def test_etcd_knows_nobody_but_the_api_server(plane: ControlPlane) -> None:
    pki = plane.directory / "pki"
    port = int(plane.endpoint.rsplit(":", 1)[1]) + 1
    trusting = ssl.create_default_context(cafile=str(pki / "etcd-ca.crt"))
    for certificate in (None, "admin", "node"):
        if certificate is not None:
            trusting.load_cert_chain(pki / f"{certificate}.crt", pki / f"{certificate}.key")
        with (
            httpx2.Client(verify=trusting, trust_env=False) as http,
            pytest.raises(httpx2.HTTPError),
        ):
            http.post(f"https://127.0.0.1:{port}/v3/kv/range", json={"key": "AA=="})


def test_the_node_reads_its_own_pods_only(plane: ControlPlane, api: httpx2.Client) -> None:
    pki = plane.directory / "pki"
    context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    context.load_cert_chain(pki / "node.crt", pki / "node.key")
    with httpx2.Client(base_url=plane.endpoint, verify=context, trust_env=False) as http:
        assert http.get("/api/v1/nodes/prod-node").status_code == 200
        for path in (
            "/api/v1/secrets",
            "/api/v1/namespaces/kube-system/secrets/any",
            "/api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt",
        ):
            assert http.get(path).status_code == 403, path
        token = http.post("/api/v1/namespaces/kube-system/serviceaccounts/default/token", json={"spec": {}})
        assert token.status_code == 403


def test_creating_it_again_adopts_it(
    state: Path, plane: ControlPlane, aws: LocalAws, port_base: int, encryption: Encryption
) -> None:
    before = {name: process_of(plane, name) for name in DAEMONS}
    again = encryption.create(state, "prod", aws, tools_dir(), port_base + 20)
    assert again == plane
    assert again.issuer_thumbprint == plane.issuer_thumbprint
    assert {name: process_of(plane, name) for name in DAEMONS} == before
    assert plane.ensure() == []


def test_another_cluster_of_that_name_is_refused(
    state: Path, plane: ControlPlane, aws: LocalAws, port_base: int, encryption: Encryption
) -> None:
    with pytest.raises(BootstrapError, match="port_base"):
        encryption.create(state, "prod", aws, tools_dir(), port_base + 40)


def test_a_removed_namespace_takes_its_objects_along(api: httpx2.Client) -> None:
    """The controllers work: nothing but them removes a namespace and what an owner owns."""
    from tests.local_stack import eventually

    api.post("/api/v1/namespaces", json={"metadata": {"name": "short-lived"}}).raise_for_status()
    owner = api.post("/api/v1/namespaces/default/configmaps", json={"metadata": {"name": "owner"}}).json()
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}
    owned = {"metadata": {"name": "owned", "ownerReferences": [reference]}}
    api.post("/api/v1/namespaces/default/configmaps", json=owned).raise_for_status()
    api.delete("/api/v1/namespaces/short-lived").raise_for_status()
    api.delete("/api/v1/namespaces/default/configmaps/owner").raise_for_status()

    @eventually(20)
    def all_is_gone() -> None:
        assert api.get("/api/v1/namespaces/short-lived").status_code == 404
        assert api.get("/api/v1/namespaces/default/configmaps/owned").status_code == 404

    all_is_gone()
