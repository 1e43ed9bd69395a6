"""VaultCiRole by the real engine: method and role, made by a deployer with exactly the rights that the page lists.

The platform is a GitHub Enterprise Server: its issuer can be here, with its discovery and its published keys.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hvac.exceptions import VaultError

from tests.engine.providers.conftest import Stack
from tests.engine.vault.server import Vault
from tests.engine.vault.test_foundation import rights
from tests.fast.localcloud_aws.issuer import Issuer
from tests.own_program import own_program

MOUNT, ROLE = "platform/prod/ci-images", "platform-prod-ci-images"
ROLE_PATH = f"auth/{MOUNT}/role/{ROLE}"
PROGRAM = """
import pulumi_vault as vault, pulumi
import components

server = vault.Provider("vault", address=ADDRESS, ca_cert_file=AUTHORITY, skip_child_token=True)
ci = components.VaultCiRole(
    "ci",
    components.VaultCiRoleArgs(
        names=components.VaultNames(prefix="platform", environment="prod", address=ADDRESS),
        purpose="images",
        subject=components.github_ci("acme", "shop", SCOPE, form=components.GitHubSubForm.CLASSIC, issuer=ISSUER),
        policies=["images"],
        issuer_ca=ISSUER_CA,
    ),
    pulumi.ResourceOptions(providers=[server]),
)
pulumi.export("role", ci.role)
pulumi.export("mount", ci.mount)
"""


@dataclass(frozen=True)
class Place:
    """A Vault, an Enterprise Server, and a stack that brings them together."""

    vault: Vault
    issuer: Issuer
    stack: Stack

    def program(self, scope: str) -> None:
        given = {
            "ADDRESS": self.vault.address,
            "AUTHORITY": str(self.vault.authority),
            "ISSUER": self.issuer.url,
            "ISSUER_CA": self.issuer.ca_pem,
        }
        head = "".join(f"{name} = {value!r}\n" for name, value in given.items())
        self.stack.engine.write(head + PROGRAM.replace("SCOPE", scope))

    def log_in(self, sub: str = "repo:acme/shop:ref:refs/heads/main", **changes: Any) -> list[str]:
        """The policies that a job of this `sub` gets."""
        audience = {"kubernetes.io": None, "aud": self.vault.address}
        token = self.issuer.token(**{**audience, "sub": sub, "repository": sub.split(":")[1], **changes})
        answer: Any = self.vault.client("").write_data(f"auth/{MOUNT}/login", data={"role": ROLE, "jwt": token})
        return answer["auth"]["policies"]

    def is_refused(self, *sub: str, **changes: Any) -> bool:
        try:
            self.log_in(*sub, **changes)
        except VaultError:
            return True
        return False


@pytest.fixture(scope="module")
def place(vault: Vault, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("ci-stack")
    rules = {path: {"capabilities": capabilities} for path, capabilities in rights("vault-ci-role").items()}
    vault.root.sys.create_or_update_acl_policy("deployer", json.dumps({"path": rules}))
    deployer = vault.token_of("deployer").token
    engine = own_program(folder, "offline", environment={"VAULT_TOKEN": deployer})
    issuer = Issuer(folder / "issuer")
    made = Place(vault, issuer, Stack(engine, ""))
    made.program("branch='main'")
    assert made.stack.run("up") == {"create": 5}  # with the stack, the provider and the component
    yield made
    issuer.close()


def test_nothing_changes_when_nothing_changed(place: Place) -> None:
    assert place.stack.engine.outputs() == {"mount": MOUNT, "role": ROLE}
    assert place.stack.run("up", "--expect-no-changes").keys() == {"same"}
    assert place.stack.run("refresh", "--expect-no-changes").keys() == {"same"}


def test_the_branch_of_the_repository_gets_in(place: Place) -> None:
    assert place.log_in() == ["images"]


FOREIGN_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ATTACKS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "a fork": (("repo:mallory/shop:ref:refs/heads/main",), {}),
    "another repository": (("repo:acme/shop2:ref:refs/heads/main",), {}),
    "another branch": (("repo:acme/shop:ref:refs/heads/other",), {}),
    "a pull request": (("repo:acme/shop:pull_request",), {}),
    "another audience": ((), {"aud": "https://github.com/acme"}),
    "no audience": ((), {"aud": None}),
    "another server's issuer": ((), {"iss": "https://mallory.example/_services/token"}),
    "a forged signature": ((), {"key": FOREIGN_KEY}),
    "an old token": ((), {"exp": 1}),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_anybody_else_is_refused(place: Place, attack: str) -> None:
    sub, changes = ATTACKS[attack]
    assert place.is_refused(*sub, **changes)


# Without the role's control the same attack is let in, so it was this control that refused it.
CONTROLS: dict[str, dict[str, Any]] = {
    "a fork": {"bound_claims": {}},
    "another repository": {"bound_claims": {"sub": "repo:acme/*"}, "bound_claims_type": "glob"},
    "another branch": {"bound_claims": {"sub": "repo:acme/shop:*"}, "bound_claims_type": "glob"},
    "a pull request": {"bound_claims": {"sub": "repo:acme/shop:*"}, "bound_claims_type": "glob"},
    "another audience": {"bound_audiences": ["https://github.com/acme"]},
}


@pytest.mark.parametrize("attack", CONTROLS)
def test_without_the_control_it_is_let_in_and_the_next_run_mends_it(place: Place, attack: str) -> None:
    sub, changes = ATTACKS[attack]
    place.vault.root.write_data(ROLE_PATH, data={**_written(place), **CONTROLS[attack]})
    assert not place.is_refused(*sub, **changes)
    assert place.stack.run("refresh")["update"] == 1
    assert place.stack.run("up")["update"] == 1
    assert place.is_refused(*sub, **changes)


def _written(place: Place) -> dict[str, Any]:
    found: Any = place.vault.root.read(ROLE_PATH)
    return {key: value for key, value in found["data"].items() if value}


def test_another_scope_is_a_change_in_place(place: Place) -> None:
    place.program("environment='prod'")
    assert place.stack.run("up")["update"] == 1
    assert place.is_refused()
    assert place.log_in("repo:acme/shop:environment:prod") == ["images"]


def test_the_end(place: Place) -> None:
    assert place.stack.run("destroy").keys() == {"delete"}
    methods: Any = place.vault.root.read("sys/auth")
    assert f"{MOUNT}/" not in methods["data"]
