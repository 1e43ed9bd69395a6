"""The provider `tls`: it has no configuration and calls nobody."""

from bootstrap.providers.table import TableProvider
from bootstrap.providers.tls.private_key import PrivateKey
from bootstrap.providers.tls.self_signed_cert import SelfSignedCert


class TlsProvider(TableProvider):
    resources = {  # noqa: RUF012
        "tls:index/privateKey:PrivateKey": PrivateKey(),
        "tls:index/selfSignedCert:SelfSignedCert": SelfSignedCert(),
    }
