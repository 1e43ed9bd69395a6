"""One contract for all backends: what a foundation hands over, who may open what, and how it is refused."""

import itertools
import json
import re
from typing import Any, cast

import pulumi
import pytest

from components import ConfigError, Foundation, IdentityRef, Names, SecretsBootstrap, SecretsBootstrapArgs, StoreRef
from components import foundation as foundations
from components.config.environment import EnvironmentConfig
from components.config.rules import CLUSTER_KINDS
from components.contracts import IdentityKind
from components.foundation import FoundationOutputs, create_foundation, foundation_references, refer_to_foundation
from components.kubernetes.store_spec import provider_spec
from tests.fast.components import samples
from tests.fast.components.backends import SAMPLES, Sample
from tests.fast.components.mock_engine import Recording, run

CASES = [(backend, kind) for backend, sample in SAMPLES.items() for kind in sample.identities]
MANAGERS = ("aws", "gcpsm", "azurekv", "vault")
SHARED = {
    "backend",
    "canarySecret",
    "identityKind",
    "serviceAccount",
    "operatorNamespace",
    "storeName",
    "canary",
    "clusterName",
    "issuerUrl",
    "argocd",
    "deployPublicKey",
}
STYLE = re.compile(r"\A[\w.]+: .+\n  mend: .+")
each_backend = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
each_case = pytest.mark.parametrize(("backend", "kind"), CASES)


def fits(foundation: Foundation) -> bool:
    """Whether everything that the protocol names is there."""
    wanted = {*Foundation.__annotations__, "identify", "identify_team"}
    return all(hasattr(foundation, name) for name in wanted)


def bootstrap(sample: Sample, kind: IdentityKind, foundation: Any = None, *, preview: bool = False) -> Recording:
    """SecretsBootstrap on the sample. `foundation` makes the one that it is given from names and environment."""
    names, environment = sample.parse(identity=sample.identities[kind])

    def program() -> None:
        arguments = SecretsBootstrapArgs(
            names=names,
            environment=environment,
            create_cluster=samples.create_cluster(),
            foundation=foundation(names, environment) if foundation else None,
        )
        SecretsBootstrap("prod", arguments)

    return run(program, preview=preview)


def test_every_backend_has_a_sample() -> None:
    assert SAMPLES.keys() == foundations._COMPONENTS.keys() <= CLUSTER_KINDS.keys()


@each_backend
def test_a_sample_has_every_identity_of_its_manager(sample: Sample) -> None:
    assert sample.identities.keys() == {kind for kind in IdentityKind if kind.manager == sample.manager}


@each_case
def test_a_foundation_fits_the_protocol_created_and_referred_to(backend: str, kind: IdentityKind) -> None:
    names, environment = SAMPLES[backend].parse(identity=SAMPLES[backend].identities[kind])
    exported: dict[str, Any] = {}
    again: dict[str, Any] = {}

    def create() -> None:
        made = create_foundation("it", names, environment, pulumi.ResourceOptions())
        assert fits(made)
        assert made.store.backend == SAMPLES[backend].manager
        pulumi.Output.all(**foundation_references(made)).apply(exported.update)

    def refer() -> None:
        outputs = FoundationOutputs(values=pulumi.Output.from_input(exported))
        there = refer_to_foundation(names, environment, outputs)
        assert fits(there)
        assert list(there.gates) == []
        pulumi.Output.all(**foundation_references(there)).apply(again.update)

    run(create)
    assert all(isinstance(one, str | dict) for one in exported.values())
    assert "(made by the mock)" not in json.dumps(exported)
    assert run(refer).resources == {}  # a reference creates nothing
    assert again == exported


@each_case
def test_the_same_outputs(backend: str, kind: IdentityKind) -> None:
    names, environment = SAMPLES[backend].parse(identity=SAMPLES[backend].identities[kind])
    own: set[str] = set()

    def foundation(names: Names, environment: EnvironmentConfig) -> Foundation:
        made = create_foundation("it", names, environment, pulumi.ResourceOptions())
        own.update(made.references, {made.principal_output})
        return made

    outputs = bootstrap(SAMPLES[backend], kind, foundation).named("prod").outputs or {}
    assert outputs.keys() - own == SHARED
    assert outputs["identityKind"] == kind
    assert outputs["backend"] == backend == environment.backend
    assert outputs["canarySecret"] == names.secret_name("canary")


@each_case
def test_a_preview_works_with_everything_unknown(backend: str, kind: IdentityKind) -> None:
    def unknown(names: Names, environment: EnvironmentConfig) -> Foundation:
        values = pulumi.StackReference("organization/secrets-bootstrap/not-up-yet").require_output("environments")
        return refer_to_foundation(names, environment, FoundationOutputs(values=cast(Any, values)))

    preview = bootstrap(SAMPLES[backend], kind, unknown, preview=True)
    created = bootstrap(SAMPLES[backend], kind)
    planned = {(one.token, one.name) for one in preview.resources.values()}
    assert planned < {(one.token, one.name) for one in created.resources.values()}
    assert [one for one in preview.resources.values() if one.token.endswith(":ExternalSecret")]


def identity(kind: IdentityKind, **changes: Any) -> IdentityRef:
    token = kind is not IdentityKind.POD_IDENTITY
    auth = {"auth": {"some": "reference"}} if token else {}
    values: dict[str, Any] = {
        "principal": "somebody",
        "service_account": samples.ACCOUNT_OF_OPERATOR,
        "backends": frozenset({kind.manager}),
        "store_settings": auth,
        "presents_token": token,
    }
    return IdentityRef(kind=kind, **{**values, **changes})


@pytest.mark.parametrize(("kind", "manager"), list(itertools.product(IdentityKind, MANAGERS)))
def test_every_pair_of_identity_and_store(kind: IdentityKind, manager: str) -> None:
    store = StoreRef(backend=manager, settings={})
    if kind.manager == manager:
        assert manager in provider_spec("it", store, identity(kind))
        return
    with pytest.raises(ConfigError, match=STYLE) as caught:
        provider_spec("it", store, identity(kind))
    mend = str(caught.value).partition("mend: ")[2]
    assert {one for one in IdentityKind if re.search(rf"\b{one}\b", mend)} == {
        one for one in IdentityKind if one.manager == manager
    }
    assert mend.endswith(f"a store of {kind.manager}")


@pytest.mark.parametrize("kind", IdentityKind)
@pytest.mark.parametrize("auth", [True, False], ids=["auth in the store", "no auth"])
def test_every_pair_of_identity_and_auth_mode(kind: IdentityKind, auth: bool) -> None:
    """The operator takes its pod's own identity from a store without `auth`: never of Vault, always of Pod Identity."""
    impossible = auth if kind is IdentityKind.POD_IDENTITY else not auth and kind.manager == "vault"
    settings = {"auth": {"some": "reference"}} if auth else {}
    if not impossible:
        identity(kind, store_settings=settings, presents_token=auth)
        return
    with pytest.raises(ConfigError, match=STYLE):
        identity(kind, store_settings=settings, presents_token=auth)


@each_backend
@pytest.mark.parametrize("kind", IdentityKind)
def test_the_configuration_takes_the_possible_identities_alone(sample: Sample, kind: IdentityKind) -> None:
    if kind in sample.identities:
        sample.parse(identity=sample.identities[kind])
        return
    with pytest.raises(ConfigError, match=STYLE) as caught:
        sample.parse(identity={"kind": kind})
    text = str(caught.value)
    assert text.startswith("environments.prod.identity.kind: ")
    for possible in sample.identities:
        assert possible in text.partition("mend: ")[2]


@each_backend
def test_the_configuration_says_which_clusters_there_are(sample: Sample) -> None:
    with pytest.raises(ConfigError, match=STYLE) as caught:
        sample.parse(cluster={"kind": "another"})
    (backend,) = (name for name, one in SAMPLES.items() if one is sample)
    assert all(kind in str(caught.value) for kind in CLUSTER_KINDS[backend])
