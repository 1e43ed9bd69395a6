"""The provider `localcloud`: it has no configuration; which stack it works for is in its environment."""

from bootstrap.providers.localcloud.cluster import Cluster
from bootstrap.providers.table import TableProvider


class LocalCloudProvider(TableProvider):
    resources = {"localcloud:index:Cluster": Cluster()}  # noqa: RUF012
