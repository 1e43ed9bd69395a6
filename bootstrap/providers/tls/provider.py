"""The provider `tls`: it has no configuration and calls nobody."""

from bootstrap.providers.table import TableProvider
from bootstrap.providers.tls.private_key import PrivateKey


class TlsProvider(TableProvider):
    resources = {"tls:index/privateKey:PrivateKey": PrivateKey()}  # noqa: RUF012
