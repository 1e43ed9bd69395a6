"""The API server refuses what would ask the manager too often, beside what it takes."""

from collections.abc import Iterator
from typing import Any

import pytest

from components import RefreshLimit, RefreshLimitArgs
from tests.fast.components.mock_engine import run
from tests.local_stack import Running, eventually

ADMISSION = "/apis/admissionregistration.k8s.io/v1"
EXTERNAL = ("external-secrets.io/v1", "ExternalSecret", "externalsecrets")
PUSH = ("external-secrets.io/v1alpha1", "PushSecret", "pushsecrets")


@pytest.fixture(scope="module")
def limited(running: Running) -> Iterator[Any]:
    """prod's API with the objects of the component, word for word."""
    args = RefreshLimitArgs(minimum_interval="15m", excepted_namespaces=["secrets-bootstrap"])
    recording, api = run(lambda: RefreshLimit("limit", args)), running.prod.kubernetes
    made = {
        "validatingadmissionpolicies": recording.named("limit-policy").inputs,
        "validatingadmissionpolicybindings": recording.named("limit-binding").inputs,
    }
    for kind, body in made.items():
        api.post(f"{ADMISSION}/{kind}", json=dict(body)).raise_for_status()
    yield api
    for kind in made:
        api.delete(f"{ADMISSION}/{kind}/external-secrets-refresh").raise_for_status()


def ask(api: Any, kind: tuple[str, str, str], namespace: str = "apps", **spec: Any) -> tuple[int, str]:
    version, name, resource = kind
    store = {"secretStoreRef": {"name": "prod"}, "dataFrom": [{"extract": {"key": "x"}}]}
    if name == "PushSecret":
        store = {"secretStoreRefs": [{"name": "prod"}], "selector": {"secret": {"name": "x"}}}
    body = {"apiVersion": version, "kind": name, "metadata": {"name": "limited"}, "spec": {**store, **spec}}
    answer = api.post(f"/apis/{version}/namespaces/{namespace}/{resource}?dryRun=All", json=body)
    return answer.status_code, answer.json().get("message", "")


def test_who_asks_too_often_is_refused(limited: Any) -> None:
    @eventually(30)  # a policy counts some seconds after it is written
    def refused() -> None:
        assert ask(limited, EXTERNAL, refreshInterval="1m")[0] == 422

    refused()
    code, message = ask(limited, EXTERNAL, refreshInterval="14m59s")
    assert (code, "shorter than 15m" in message) == (422, True)
    assert ask(limited, PUSH, refreshInterval="10s")[0] == 422
    taken = [
        ask(limited, EXTERNAL, refreshInterval="15m"),
        ask(limited, EXTERNAL, refreshInterval="1h0m0s"),
        ask(limited, EXTERNAL),
        ask(limited, EXTERNAL, refreshInterval="0"),
        ask(limited, EXTERNAL, refreshInterval="1m", refreshPolicy="OnChange"),
        ask(limited, PUSH, refreshInterval="15m"),
        ask(limited, EXTERNAL, namespace="secrets-bootstrap", refreshInterval="1m"),
    ]
    assert [code for code, _ in taken] == [201] * len(taken), taken
