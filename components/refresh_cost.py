"""What refreshing costs a month, in calls and money, before anything is created. It asks nobody.

Prices are list prices in US dollars of one region, without free tiers. Give your own where they differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .arguments import Arguments
from .errors import ConfigError
from .forms import DURATION

_HOURS_A_MONTH = 730
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, kw_only=True)
class ManagerPrices(Arguments):
    """Prices of a manager, in US dollars. Raises ConfigError for one below 0.

    secret_month: for each container (Google Cloud: each active version in each location) and month.
    calls_10000: for 10,000 reads.
    key_calls_10000: for the 10,000 uses of the customer's key that come with them; default 0.
    source: where the prices stand, and when they were read.
    """

    secret_month: float
    calls_10000: float
    key_calls_10000: float = 0
    source: str

    def __post_init__(self) -> None:
        for name in ("secret_month", "calls_10000", "key_calls_10000"):
            self.require(getattr(self, name) >= 0, name, "is below 0", "copy it from the manager's price list")


_PRICES: Mapping[str, ManagerPrices] = {
    "aws": ManagerPrices(
        secret_month=0.40,
        calls_10000=0.05,
        key_calls_10000=0.03,
        source="aws.amazon.com/secrets-manager/pricing and /kms/pricing, November 2026, by others' copies",
    ),
    "gcpsm": ManagerPrices(
        secret_month=0.06, calls_10000=0.03, source="cloud.google.com/secret-manager/pricing, a copy of 2025"
    ),
    "azurekv": ManagerPrices(secret_month=0, calls_10000=0.03, source="Key Vault price list, from memory"),
    "vault": ManagerPrices(secret_month=0, calls_10000=0, source="your own server: nothing for a call"),
}


def manager_prices(backend: str) -> ManagerPrices:
    """List prices of a manager, to be checked before you rely on them. Raises ConfigError for an unknown one.

    backend: the key under `spec.provider` of a store: aws, azurekv, gcpsm or vault.
    """
    if backend not in _PRICES:
        raise ConfigError("manager_prices.backend", "is unknown", f"choose one of {', '.join(sorted(_PRICES))}")
    return _PRICES[backend]


@dataclass(frozen=True, kw_only=True)
class RefreshLoad(Arguments):
    """What one team or namespace refreshes. Raises ConfigError for numbers below 0 or an interval of the wrong form.

    external_secrets: how many ExternalSecrets it has.
    refresh_interval: how often each is read again; a number and s, m or h; default 1h.
    calls_each: calls of the manager for each refresh: on AWS one for each container that it names, elsewhere one for
        each entry of `data`; Vault adds the login; default 1.
    containers: how many containers it has in the manager; default as many as ExternalSecrets.
    """

    external_secrets: int
    refresh_interval: str = "1h"
    calls_each: int = 1
    containers: int | None = None

    def __post_init__(self) -> None:
        self.require_form("refresh_interval", self.refresh_interval, DURATION)
        for name in ("external_secrets", "calls_each", "containers"):
            number = getattr(self, name)
            self.require(number is None or number >= 0, name, "is below 0", "count them")

    @property
    def calls_a_month(self) -> int:
        """Calls of the manager in a month of 730 hours."""
        seconds = int(self.refresh_interval[:-1]) * _SECONDS[self.refresh_interval[-1]]
        return self.external_secrets * self.calls_each * _HOURS_A_MONTH * 3600 // seconds


@dataclass(frozen=True)
class RefreshEstimate:
    """Calls and US dollars a month, by team; `text()` is a table of them."""

    calls: Mapping[str, int]
    dollars: Mapping[str, float]
    source: str

    def text(self) -> str:
        rows = [("team", "calls a month", "USD a month")]
        rows += [(team, f"{self.calls[team]:,}", f"{self.dollars[team]:,.2f}") for team in self.calls]
        rows.append(("total", f"{sum(self.calls.values()):,}", f"{sum(self.dollars.values()):,.2f}"))
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = [f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows]
        return "\n".join([*lines, f"prices: {self.source}"])


def refresh_estimate(loads: Mapping[str, RefreshLoad], prices: ManagerPrices) -> RefreshEstimate:
    """What the loads of all teams cost a month.

    loads: by team or namespace.
    prices: those of `manager_prices`, or your own.
    """
    calls = {team: load.calls_a_month for team, load in loads.items()}
    dollars = {
        team: calls[team] / 10_000 * (prices.calls_10000 + prices.key_calls_10000)
        + (load.external_secrets if load.containers is None else load.containers) * prices.secret_month
        for team, load in loads.items()
    }
    return RefreshEstimate(calls, dollars, prices.source)
