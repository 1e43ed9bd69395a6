"""Calls and cost of refreshing, and the limit of it. That the API server keeps the limit is in tests/cluster."""

from collections.abc import Callable
from typing import Any

import pytest

from components import (
    ConfigError,
    IdentityKind,
    ManagerPrices,
    RefreshLimit,
    RefreshLimitArgs,
    RefreshLoad,
    manager_prices,
    refresh_estimate,
)
from tests.fast.components.mock_engine import run


def test_a_months_calls_and_dollars() -> None:
    loads = {
        "slow": RefreshLoad(external_secrets=100),
        "fast": RefreshLoad(external_secrets=5000, refresh_interval="1m", containers=0),
    }
    estimate = refresh_estimate(loads, manager_prices("aws"))
    assert estimate.calls == {"slow": 73_000, "fast": 219_000_000}
    assert estimate.dollars == {"slow": pytest.approx(7.3 * 0.08 + 40), "fast": pytest.approx(21_900 * 0.08)}
    text = estimate.text()
    assert text.splitlines()[3].split() == ["total", "219,073,000", "1,792.58"]
    assert manager_prices("aws").source in text


def test_every_manager_has_prices_with_a_source() -> None:
    assert all(manager_prices(kind.manager).source for kind in IdentityKind)


def test_a_limit_holds_where_its_labels_are_and_not_in_the_exceptions() -> None:
    args = RefreshLimitArgs(minimum_interval="15m", namespace_selector={"team": "a"}, excepted_namespaces=["argocd"])
    recording = run(lambda: RefreshLimit("it", args))
    assert recording.named("it-binding").inputs["spec"]["matchResources"]["namespaceSelector"] == {
        "matchLabels": {"team": "a"},
        "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["argocd"]}],
    }
    assert recording.needs(recording.named("it-binding"), recording.named("it-policy"))


def test_a_limit_holds_in_the_namespaces_that_it_names() -> None:
    recording = run(lambda: RefreshLimit("it", RefreshLimitArgs(minimum_interval="15m", namespaces=["a", "b"])))
    assert recording.named("it-binding").inputs["spec"]["matchResources"]["namespaceSelector"] == {
        "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["a", "b"]}],
    }


def limit(**changes: Any) -> RefreshLimitArgs:
    return RefreshLimitArgs(minimum_interval="1h", **changes)


IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("RefreshLimitArgs.minimum_interval", lambda: RefreshLimitArgs(minimum_interval="x-leak")),
    (
        "RefreshLimitArgs.namespace_selector.a b",
        lambda: RefreshLimitArgs(minimum_interval="1h", namespace_selector={"a b": "x"}),
    ),
    (
        "RefreshLimitArgs.excepted_namespaces.0",
        lambda: limit(excepted_namespaces=["x leak"]),
    ),
    ("RefreshLimitArgs.namespaces.0", lambda: limit(namespaces=["x leak"])),
    ("RefreshLimitArgs.limit_name", lambda: limit(limit_name="X leak")),
    ("manager_prices.backend", lambda: manager_prices("x-leak")),
    ("RefreshLoad.refresh_interval", lambda: RefreshLoad(external_secrets=1, refresh_interval="0")),
    ("RefreshLoad.external_secrets", lambda: RefreshLoad(external_secrets=-1)),
    ("ManagerPrices.calls_10000", lambda: ManagerPrices(secret_month=0, calls_10000=-1, source="x")),
]


@pytest.mark.parametrize(("field", "make"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, make: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as caught:
        make()
    assert caught.value.field == field
    assert "x-leak" not in str(caught.value)
