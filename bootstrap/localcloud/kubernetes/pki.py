"""Keys and certificates of one control plane, made once. Owns the folder `pki/`; who may do what is RBAC's business.

Two authorities: the cluster's, which the API server and its clients share, and etcd's own, so that no client of the API
can talk to etcd. Their private keys are never written: nothing is issued after the first start.
"""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bootstrap.localcloud.certificates import Authority, Client, Pair, write_certificate, write_key
from bootstrap.paths import private_dir, write_private


@dataclass(frozen=True)
class Pki:
    """The files of a control plane's `pki/` folder."""

    directory: Path

    @classmethod
    def ensure(cls, directory: Path, clients: dict[str, Client]) -> "Pki":
        """Make everything, or find it made. The folder appears in one step: a killed run leaves no half of it."""
        if not directory.exists():
            draft = private_dir(directory.with_name(f".{directory.name}.draft"))
            shutil.rmtree(draft)
            _make(cls(private_dir(draft)), clients)
            draft.rename(directory)
        return cls(directory)

    @property
    def authority(self) -> Path:
        return self.directory / "ca.crt"

    @property
    def etcd_authority(self) -> Path:
        return self.directory / "etcd-ca.crt"

    @property
    def issuer_key(self) -> Path:
        """The private key that signs service-account tokens."""
        return self.directory / "issuer.key"

    @property
    def issuer_public_key(self) -> Path:
        return self.directory / "issuer.pub"

    def pair(self, name: str) -> Pair:
        return Pair(self.directory / f"{name}.crt", self.directory / f"{name}.key")

    def thumbprint(self) -> str:
        """SHA-1 of the last certificate that the API server sends: what AWS calls an issuer's thumbprint."""
        return thumbprint(self.authority.read_bytes())


def thumbprint(pem: bytes) -> str:
    der = x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
    return hashlib.sha1(der, usedforsecurity=False).hexdigest()


def _make(pki: Pki, clients: dict[str, Client]) -> None:
    cluster = Authority.create("kubernetes")
    etcd = Authority.create("etcd")
    write_certificate(pki.authority, cluster.certificate)
    write_certificate(pki.etcd_authority, etcd.certificate)
    for name in ("apiserver", "controller-manager-serving", "webhook"):
        cluster.issue_server(pki.pair(name), name)
    for name, client in clients.items():
        cluster.issue_client(pki.pair(name), client)
    etcd.issue_server(pki.pair("etcd"), "etcd")
    etcd.issue_client(pki.pair("etcd-client"), Client("kube-apiserver"))
    issuer = rsa.generate_private_key(public_exponent=65537, key_size=2048)  # RS256, as EKS signs
    write_key(pki.issuer_key, issuer)
    public = issuer.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    write_private(pki.issuer_public_key, public.decode())
