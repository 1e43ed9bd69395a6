"""What three teams' refreshes cost a month, said before anything is created, and a limit that the API server keeps."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import RefreshLimit, RefreshLimitArgs, RefreshLoad, manager_prices, refresh_estimate

loads = {
    "payments": RefreshLoad(external_secrets=40),
    "search": RefreshLoad(external_secrets=200, refresh_interval="15m"),
    "platform": RefreshLoad(external_secrets=30, refresh_interval="15m", calls_each=3, containers=90),
}
pulumi.log.info(refresh_estimate(loads, manager_prices("aws")).text())

RefreshLimit(
    "refresh",
    RefreshLimitArgs(minimum_interval="15m", excepted_namespaces=["secrets-bootstrap"]),
    pulumi.ResourceOptions(provider=kubernetes.Provider("cluster", context="prod")),
)
