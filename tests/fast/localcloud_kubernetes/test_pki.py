"""Certificates: who is who, who trusts whom, and that a second start changes nothing."""

import hashlib
import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from bootstrap.localcloud.certificates import Pair
from bootstrap.localcloud.kubernetes.layout import ADMIN, CONTROLLER_MANAGER, NODE, SCHEDULER, Layout
from bootstrap.localcloud.kubernetes.pki import Pki


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return Layout("prod", tmp_path_factory.mktemp("cluster"), 15200)


@pytest.fixture(scope="module")
def pki(layout: Layout) -> Pki:
    return Pki.ensure(layout.pki, layout.clients)


@pytest.mark.parametrize(
    ("client", "user", "groups"),
    [
        (ADMIN, "kubernetes-admin", ["system:masters"]),
        (CONTROLLER_MANAGER, "system:kube-controller-manager", []),
        (NODE, "system:node:prod-node", ["system:nodes"]),
        (SCHEDULER, "system:kube-scheduler", []),
    ],
)
def test_clients_have_the_names_that_kubernetes_knows(pki: Pki, client: str, user: str, groups: list[str]) -> None:
    subject = x509.load_pem_x509_certificate(pki.pair(client).certificate.read_bytes()).subject
    assert [one.value for one in subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == [user]
    assert [one.value for one in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)] == groups


def test_everything_is_private_and_no_authority_can_sign_again(pki: Pki) -> None:
    files = list(pki.directory.iterdir())
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert not [file for file in files if file.name in ("ca.key", "etcd-ca.key")]


def test_a_second_start_keeps_every_file(layout: Layout, pki: Pki) -> None:
    before = {file: file.read_bytes() for file in pki.directory.iterdir()}
    Pki.ensure(layout.pki, layout.clients)
    assert {file: file.read_bytes() for file in pki.directory.iterdir()} == before


def test_a_killed_first_start_leaves_nothing_half_made(tmp_path: Path) -> None:
    half = tmp_path / ".pki.draft"
    half.mkdir()
    (half / "ca.crt").write_text("half")
    pki = Pki.ensure(tmp_path / "pki", {})
    assert b"BEGIN CERTIFICATE" in pki.authority.read_bytes()
    assert not half.exists()


def test_the_thumbprint_is_that_of_the_last_certificate_sent(pki: Pki) -> None:
    served = x509.load_pem_x509_certificates(pki.pair("apiserver").certificate.read_bytes())
    assert len(served) == 2
    last = ssl.PEM_cert_to_DER_cert(pki.authority.read_text())
    assert pki.thumbprint() == hashlib.sha1(last).hexdigest()
    assert served[1] == x509.load_pem_x509_certificate(pki.authority.read_bytes())


def test_tls_works_and_only_with_a_client_of_the_same_authority(pki: Pki) -> None:
    assert _handshake(pki.pair("apiserver"), pki.authority, pki.pair(ADMIN))
    assert _handshake(pki.pair("etcd"), pki.etcd_authority, pki.pair("etcd-client"))
    # The cluster's administrator is nobody to etcd.
    with pytest.raises(ssl.SSLError):
        _handshake(pki.pair("etcd"), pki.etcd_authority, pki.pair(ADMIN))


def _handshake(server: Pair, authority: Path, client: Pair) -> bool:
    accepting = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority))
    accepting.verify_mode = ssl.CERT_REQUIRED
    accepting.load_cert_chain(server.certificate, server.key)
    calling = ssl.create_default_context(cafile=str(authority))
    calling.load_cert_chain(client.certificate, client.key)
    left, right = socket.socketpair()
    failures: list[ssl.SSLError] = []

    def accept() -> None:
        try:
            with accepting.wrap_socket(left, server_side=True) as connection:
                connection.sendall(b"x")
        except ssl.SSLError as error:
            failures.append(error)

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        with calling.wrap_socket(right, server_hostname="127.0.0.1") as connection:
            return connection.recv(1) == b"x"
    finally:
        thread.join()
        if failures:
            raise failures[0]
