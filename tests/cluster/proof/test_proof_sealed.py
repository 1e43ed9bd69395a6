"""A stack with Sealed Secrets beside its manager: `prove` has their rows, and what they unseal is nowhere else."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
import yaml
from rich.console import Console

from bootstrap import lifecycle
from bootstrap.canaries.scan import scan
from bootstrap.engine import Engine
from bootstrap.lifecycle import LocalStack, environment_views
from bootstrap.paths import REPOSITORY
from bootstrap.proof import sealed
from bootstrap.proof.attack import Outcome, judged
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from bootstrap.proof.prove import attacks
from bootstrap.toolchain.folders import tools_dir
from bootstrap.toolchain.sealed_secrets import CHART
from tests.local_stack import environment_of, free_port_base, program_with

_CHART = {"chart": str(tools_dir() / CHART), "repository": None, "version": None}


@dataclass(frozen=True)
class Sealing:
    """The stack `local` with one environment."""

    local: LocalStack
    engine: Engine


@pytest.fixture(scope="module")
def sealing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealing]:
    """Up from nothing, by the real engine."""
    config = yaml.safe_load((REPOSITORY / "stacks" / "Pulumi.local.yaml").read_text())["config"]
    prod = config["secrets-bootstrap:environments"]["prod"]
    prod["sealedSecrets"] = {"namespaces": ["apps", "web"], **_CHART}
    prod["namespaces"] = prod["store"]["conditions"][0]["namespaces"] = ["apps", "web"]
    config["secrets-bootstrap:environments"] = {"prod": prod}
    program = program_with(tmp_path_factory.mktemp("program"), {"local": config})
    with environment_of(tmp_path_factory.mktemp("sealing"), free_port_base()):
        console = Console(file=io.StringIO(), width=200)
        local = lifecycle.open_stack("local", console)
        try:
            local.start_cloud(console)
            engine = replace(local.engine, program=program, tools=tools_dir())
            engine.prepare()
            engine.up(capture=True)
            yield Sealing(local, engine)
        finally:
            lifecycle.down("local", console)


def test_prove_has_its_rows_and_each_is_refused(sealing: Sealing) -> None:
    views = environment_views(sealing.local)
    (view,) = views
    assert view.references["sealedSecrets"] == {"namespace": "sealed-secrets", "namespaces": ["apps", "web"]}
    its = sealed.attacks(view)
    assert {one.name for one in its} <= {one.name for one in attacks("aws", view, views)}
    verdicts = [judged(view, one) for one in its]
    assert {one.attack: one.evidence for one in verdicts if one.outcome is not Outcome.REFUSED} == {}
    assert len(verdicts) == 10


def test_the_matrix_of_its_state_is_right(sealing: Sealing) -> None:
    rows = matrix(Documents.of_state(sealing.engine.export()))
    assert [row for row in rows if not row.right] == []
    assert [row for row in rows if row.question.identity == "sealed-secrets/sealed-secrets of prod" and row.allowed]


def test_its_key_and_what_it_opens_are_where_they_belong(sealing: Sealing) -> None:
    views = environment_views(sealing.local)
    searched = scan(kind="aws", engine=sealing.engine, ports_base=sealing.local.ports.base, views=views)
    assert [one for one in searched.verdicts if not one.passed] == []
    # One of the values was opened for the search, and is gone with it.
    (view,) = views
    events = [one for one in view.get("/api/v1/namespaces/apps/events")["items"] if one["reason"] == "Unsealed"]
    assert [one for one in events if one["involvedObject"]["name"].startswith("leaks-")]
    assert not [one for one in view.get("/api/v1/namespaces/apps/secrets")["items"] if "leaks-" in str(one["metadata"])]
