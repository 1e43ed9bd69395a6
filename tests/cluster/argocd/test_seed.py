"""Seed, then adopt: the Secret of the program becomes the operator's under the same name, and is never gone between."""

from tests.cluster.argocd.conftest import SECRETS, Program, argocd_sees, watched

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


def test_the_operator_takes_a_seed_over_without_a_gap(beside: Program) -> None:
    view, seed = beside.view, beside.engine.directory / "seed"
    seed.write_bytes(view.secret_data("argocd", "repository-platform")["sshPrivateKey"])
    value = f"Path({str(seed)!r}).read_text()"
    with watched(view, "repository-seeded") as events:
        beside.up(SEEDED.format(store="prod", seed=value))
        adopted = view.get(f"{SECRETS}/repository-seeded")
        assert adopted["metadata"]["labels"]["reconcile.external-secrets.io/managed"] == "true"
        seeded_lines = seed.read_text().splitlines()[2:-1]  # the first is the same in all keys
        assert all(line in beside.engine.run("stack", "export", "--show-secrets") for line in seeded_lines)

        beside.up(SEEDED.format(store="prod", seed=None))
        state = beside.engine.run("stack", "export", "--show-secrets")
        assert not any(line in state for line in seeded_lines), "the value leaves the state with the seed"
        owned = view.get(f"{SECRETS}/repository-seeded")
        assert owned["metadata"]["uid"] == adopted["metadata"]["uid"], "it is the same Secret all along"
        assert owned["metadata"]["ownerReferences"][0]["kind"] == "ExternalSecret"
    assert events[0][0] == "ADDED"
    assert {kind for kind, _ in events} <= {"ADDED", "MODIFIED"}
    assert all(usable for _, usable in events), events
    found = {one["URL"]: one for one in argocd_sees(view)["Repositories"]}
    assert found["git@git.test:team/seeded.git"]["Fingerprint"].startswith("SHA256:")
