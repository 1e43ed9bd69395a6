"""Roles for CI on a real Vault: signed tokens in the platforms' shape, and who gets a token of Vault for them."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hvac.exceptions import VaultError

from components import VaultCiRole, VaultCiRoleArgs
from tests.engine.vault.server import Vault
from tests.fast.components import samples_ci, samples_vault
from tests.fast.components.mock_engine import run
from tests.fast.localcloud_aws.issuer import Issuer
from tests.fast.providers.driver import Driver

MOUNT, ROLE = "platform/prod/ci-images", "platform-prod-ci-images"
TOKEN = "vault:jwt/authBackendRole:AuthBackendRole"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    made = Issuer(tmp_path_factory.mktemp("ci") / "issuer")
    yield made
    made.close()


def role_inputs(subject: Any) -> dict[str, Any]:
    """What the component asks the provider for."""
    args = VaultCiRoleArgs(
        names=samples_vault.NAMES, purpose="images", subject=subject, policies=["images"], admit_unreviewed=True
    )
    recording = run(lambda: VaultCiRole("ci", args))
    (role,) = recording.of(TOKEN)
    (method,) = recording.of("vault:jwt/authBackend:AuthBackend")
    assert method.inputs["boundIssuer"] == method.inputs["oidcDiscoveryUrl"] == subject.issuer
    assert (role.inputs["backend"], role.inputs["roleName"]) == (MOUNT, ROLE)
    return dict(role.inputs)


@pytest.fixture(params=samples_ci.SUBJECTS)
def name(vault: Vault, driver: Driver, issuer: Issuer, request: pytest.FixtureRequest) -> Iterator[str]:
    """A method with one subject's role. The platform's published keys are the test issuer's: there is no way out."""
    vault.root.sys.enable_auth_method("jwt", path=MOUNT)
    subject = samples_ci.SUBJECTS[request.param]
    key = issuer.keys["first"].public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    settings = {"jwt_validation_pubkeys": [pem], "bound_issuer": subject.issuer}
    vault.root.write_data(f"auth/{MOUNT}/config", data=settings)
    driver.create(TOKEN, role_inputs(subject))
    yield request.param
    vault.root.sys.disable_auth_method(MOUNT)


def log_in(vault: Vault, issuer: Issuer, claims: Mapping[str, Any], **more: Any) -> Any:
    given = {"kubernetes.io": None, "aud": samples_vault.ADDRESS, **claims, **more}
    return vault.client("").write_data(f"auth/{MOUNT}/login", data={"role": ROLE, "jwt": issuer.token(**given)})


def test_the_subjects_jobs_and_no_others_log_in(vault: Vault, issuer: Issuer, name: str) -> None:
    for claims in samples_ci.ADMITTED[name]:
        given = log_in(vault, issuer, claims)["auth"]
        assert given["policies"] == ["images"]
        assert given["lease_duration"] == 900
        for spoiled in ({"aud": "another"}, {"iss": "https://mallory.example"}, {"exp": 1}):
            with pytest.raises(VaultError):
                log_in(vault, issuer, claims, **spoiled)
    for claims in samples_ci.REFUSED[name]:
        with pytest.raises(VaultError):
            log_in(vault, issuer, claims)
