"""Seed, then adopt: the Secret of the program becomes the operator's under the same name, and is never gone between."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bootstrap.verification.environment import EnvironmentView
from tests.cluster.argocd.conftest import Program, argocd_sees

SECRET = "/api/v1/namespaces/argocd/secrets"
SEEDED = """
ArgoCdSecrets(
    "argocd",
    ArgoCdSecretsArgs(
        namespace="argocd",
        store_name={store!r},
        timeout_seconds=60,
        repositories={{
            "seeded": ArgoRepository(
                url="git@git.test:team/seeded.git",
                credential=SshKey(remote_key="platform/prod/argocd/platform"),
                seed={seed},
            )
        }},
    ),
    hub,
)
"""


@contextmanager
def watched(view: EnvironmentView) -> Iterator[list[tuple[str, bool]]]:
    """Every event of the Secret, and whether Argo CD would find a key in it."""
    events: list[tuple[str, bool]] = []
    stop = threading.Event()

    def follow() -> None:
        query = "?watch=1&fieldSelector=metadata.name=repository-seeded&timeoutSeconds=120"
        with view.kubernetes.stream("GET", SECRET + query, timeout=130) as answer:
            for line in answer.iter_lines():
                event: dict[str, Any] = json.loads(line)
                found = event["object"]
                labelled = (found["metadata"].get("labels") or {}).get("argocd.argoproj.io/secret-type")
                usable = labelled == "repository" and bool((found.get("data") or {}).get("sshPrivateKey"))
                events.append((event["type"], usable))
                if stop.is_set():
                    return

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    yield events
    stop.set()


def test_the_operator_takes_a_seed_over_without_a_gap(beside: Program) -> None:
    view, seed = beside.view, beside.engine.directory / "seed"
    seed.write_bytes(view.secret_data("argocd", "repository-platform")["sshPrivateKey"])
    value = f"Path({str(seed)!r}).read_text()"
    with watched(view) as events:
        beside.up(SEEDED.format(store="prod", seed=value))
        adopted = view.get(f"{SECRET}/repository-seeded")
        assert adopted["metadata"]["labels"]["reconcile.external-secrets.io/managed"] == "true"
        seeded_lines = seed.read_text().splitlines()[2:-1]  # the first is the same in all keys
        assert all(line in beside.engine.run("stack", "export", "--show-secrets") for line in seeded_lines)

        beside.up(SEEDED.format(store="prod", seed=None))
        state = beside.engine.run("stack", "export", "--show-secrets")
        assert not any(line in state for line in seeded_lines), "the value leaves the state with the seed"
        owned = view.get(f"{SECRET}/repository-seeded")
        assert owned["metadata"]["uid"] == adopted["metadata"]["uid"], "it is the same Secret all along"
        assert owned["metadata"]["ownerReferences"][0]["kind"] == "ExternalSecret"
    assert events[0][0] == "ADDED"
    assert {kind for kind, _ in events} <= {"ADDED", "MODIFIED"}
    assert all(usable for _, usable in events), events
    found = {one["URL"]: one for one in argocd_sees(view)["Repositories"]}
    assert found["git@git.test:team/seeded.git"]["Fingerprint"].startswith("SHA256:")
