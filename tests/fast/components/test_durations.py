"""Durations are rendered as Go writes them: external-secrets writes them back so, and nothing else is no drift."""

import pytest

from components.kubernetes.durations import canonical_duration
from tests.fast.components.test_adoption import bootstrap


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("1s", "1s"),
        ("59s", "59s"),
        ("60s", "1m0s"),
        ("90s", "1m30s"),
        ("3600s", "1h0m0s"),
        ("3661s", "1h1m1s"),
        ("1m", "1m0s"),
        ("30m", "30m0s"),
        ("90m", "1h30m0s"),
        ("1h", "1h0m0s"),
        ("24h", "24h0m0s"),
    ],
)
def test_canonical(given: str, canonical: str) -> None:
    assert canonical_duration(given) == canonical


def test_every_interval_is_canonical() -> None:
    recording = bootstrap(firstSync={"refreshInterval": "90m"})
    intervals = {
        one.name: one.inputs["spec"]["refreshInterval"]
        for one in recording.resources.values()
        if "refreshInterval" in one.inputs.get("spec", {})
    }
    assert intervals == {
        "prod-bootstrap-first-sync-push": "1h0m0s",
        "prod-bootstrap-first-sync-external-secret": "1h30m0s",
        "prod-bootstrap-argocd-repository-platform": "1h0m0s",
    }
