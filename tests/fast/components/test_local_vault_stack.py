"""The topology `local-vault`: what the machine adds to the configuration, and how the program gets into Vault."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

from components import ConfigError
from tests.fast.components import samples, samples_vault
from tests.fast.components.mock_engine import Recording
from tests.fast.components.test_golden import run_stack

ADDRESS = "https://127.0.0.1:14660"


@pytest.fixture(scope="module", autouse=True)
def on_a_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    authority = tmp_path_factory.mktemp("machine") / "ca.crt"
    authority.write_text(samples_vault.CERTIFICATE)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SECRETS_BOOTSTRAP_ESO_CHART", "charts/external-secrets")
        environment.setenv("SECRETS_BOOTSTRAP_MACHINE_CA", str(authority))
        environment.setenv("VAULT_ADDR", ADDRESS)
        environment.setenv("VAULT_CACERT", str(authority))
        environment.setenv("VAULT_CLIENT_CERT", "/pki/deployer.crt")
        environment.setenv("VAULT_CLIENT_KEY", "/pki/deployer.key")
        yield


@pytest.fixture(scope="module")
def recording(on_a_machine: None) -> Recording:
    """The stack as it is committed."""
    return made()


def made(*, preview: bool = False) -> Recording:
    shipped = samples.stack_config("local-vault")["secrets-bootstrap:environments"]
    return run_stack("local_vault", "platform", shipped, preview=preview)


def test_the_program_logs_in_by_the_machines_certificate(recording: Recording) -> None:
    for name in ("prod-vault", "nonprod-vault"):
        provider = recording.named(name)
        login = provider.inputs["authLoginCert"]
        login = json.loads(login) if isinstance(login, str) else login
        assert login == {
            "mount": "machines",
            "name": "deployer",
            "certFile": "/pki/deployer.crt",
            "keyFile": "/pki/deployer.key",
        }
        assert "token" not in provider.inputs


def test_the_machine_completes_every_environment(recording: Recording) -> None:
    stores = recording.of("kubernetes:external-secrets.io/v1:ClusterSecretStore")
    assert {one.inputs["spec"]["provider"]["vault"]["server"] for one in stores} == {ADDRESS}
    roles = recording.of("vault:index/certAuthBackendRole:CertAuthBackendRole")
    assert {tuple(one.inputs["allowedCommonNames"]) for one in roles} == {
        ("prod-node",),
        ("nonprod-node",),
        ("writer",),
    }
    assert {one.inputs["certificate"] for one in roles} == {samples_vault.CERTIFICATE}


def test_each_environment_is_reached_by_its_own_provider_only(recording: Recording) -> None:
    for one in recording.of("vault:index/policy:Policy"):
        environment = "nonprod" if "nonprod" in one.inputs["name"] else "prod"
        assert recording.provider_names(one) == [f"{environment}-vault"]


@pytest.mark.parametrize("name", ["prod", "nonprod"])
def test_ci_and_tenants_log_in_by_tokens_of_their_own_cluster(recording: Recording, name: str) -> None:
    cluster = recording.named(f"{name}-cluster", "localcloud:index:Cluster")
    method = recording.named(f"{name}-ci-method")
    assert recording.needs(method, cluster)
    assert (method.inputs["oidcDiscoveryUrl"], method.inputs["boundIssuer"]) == ("https://127.0.0.1:14581",) * 2
    mount = f"platform/{name}/ci-fill"
    ci, tenant = recording.named(f"{name}-ci-role"), recording.named(f"{name}-tenants-tenant-acme-role")
    assert (ci.inputs["backend"], tenant.inputs["backend"]) == (mount, mount)
    assert ci.inputs["boundClaims"] == {"sub": "system:serviceaccount:ci:fill"}
    assert ci.inputs["tokenPolicies"] == [f"platform-{name}-writers"]
    assert tenant.inputs["boundSubject"] == "system:serviceaccount:tenant-acme:app"
    account = recording.named(f"{name}-account-ci", "kubernetes:core/v1:ServiceAccount")
    assert recording.provider_names(account) == [f"{name}-cluster-kubernetes"]


def test_a_preview_knows_every_resource(recording: Recording) -> None:
    assert made(preview=True).resources.keys() == recording.resources.keys()


def test_references_name_what_prove_attacks(monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[str, Any] = {}
    monkeypatch.setattr(
        pulumi,
        "export",
        lambda name, value: pulumi.Output.from_input(value).apply(lambda one: said.update({name: one})),
    )
    made()
    references, mount = said["environments"]["nonprod"], "platform/nonprod/ci-fill"
    assert references["ci"] == {
        "role": f"{mount}/role/platform-nonprod-ci-fill",
        "audiences": [ADDRESS],
        "serviceAccount": {"namespace": "ci", "name": "fill"},
    }
    assert references["tenantKeys"]["tenants"]["globex"] == {
        "role": f"{mount}/role/platform-nonprod-tenant-globex",
        "audiences": ["vault"],
        "serviceAccount": {"namespace": "tenant-globex", "name": "app"},
        "keyId": "platform/nonprod/transit/keys/tenant-globex",
    }
    assert references["teams"]["search"] == {"namespaces": ["search"], "secrets": ["search/index"]}


@pytest.mark.parametrize(
    ("environment", "field"),
    [(samples.environment(), "environments.prod.backend"), ("text", "environments.prod")],
)
def test_other_environments_are_refused(environment: Any, field: str) -> None:
    with pytest.raises(ConfigError, match=field):
        run_stack("local_vault", "platform", {"prod": environment})


def test_outside_of_make_up_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAULT_ADDR")
    with pytest.raises(ConfigError, match="VAULT_ADDR"):
        run_stack("local_vault", "platform", {"prod": samples_vault.environment()})
