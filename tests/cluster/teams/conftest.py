"""Two teams in an environment of a running stack, as the stacks `local-teams` and `local-vault` ship them."""

from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from bootstrap.verification.aws import AwsView
from bootstrap.verification.environment import EnvironmentView
from bootstrap.verification.vault import VaultView
from tests.local_stack import Running, eventually

EXTERNAL_SECRETS = "/apis/external-secrets.io/v1/namespaces/{}/externalsecrets"


@dataclass(frozen=True)
class Teams:
    """The teams `payments` and `search`, and what they share."""

    view: EnvironmentView

    @property
    def api(self) -> httpx2.Client:
        return self.view.kubernetes

    @property
    def shared(self) -> str:
        """The container that both teams read."""
        (name,) = self.view.references["sharedSecrets"]
        return name

    @property
    def values(self) -> dict[str, str]:
        """What is in the containers, by their declared names."""
        return {name: f"of {name}" for name in ("payments/api", "search/index", self.shared)}

    def post(
        self, name: str, namespace: str, container: str, store: str = "SecretStore/team", **spec: Any
    ) -> httpx2.Response:
        """Create an ExternalSecret for one container."""
        kind, _, store_name = store.partition("/")
        key = self.view.key_of(container)
        body = self.view.like_the_first_sync(name, store={"kind": kind, "name": store_name}, key=key)
        body["spec"] |= spec
        return self.api.post(EXTERNAL_SECRETS.format(namespace), json=body)

    def outcome(self, namespace: str, container: str, store: str = "SecretStore/team") -> str:
        """What comes of reading a container: its value, or what the operator said of the refusal."""
        name = container.replace("/", "-").replace(".", "-")
        created = self.post(name, namespace, container, store)
        created.raise_for_status()
        try:

            @eventually(60)
            def decided() -> str:
                found = self.api.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
                if found.status_code == 200:
                    (value,) = self.view.secret_data(namespace, name).values()
                    return value.decode()
                uid = created.json()["metadata"]["uid"]
                events = self.view.get(f"/api/v1/namespaces/{namespace}/events")["items"]
                own = (one for one in events if one["involvedObject"].get("uid") == uid)
                said = [one["message"] for one in own if one["type"] == "Warning"]
                assert said, "neither a Secret nor a warning"
                return "refused: " + " ".join(said)

            return decided()
        finally:
            self.api.delete(f"{EXTERNAL_SECRETS.format(namespace)}/{name}").raise_for_status()
            self._gone(f"/api/v1/namespaces/{namespace}/secrets/{name}")

    @eventually(30)
    def _gone(self, path: str) -> None:
        assert self.api.get(path).status_code == 404


@pytest.fixture(scope="module")
def teams(running_teams: Running) -> Teams:
    """On AWS. The writer fills the containers."""
    view = running_teams.prod
    assert isinstance(view, AwsView)
    made, manager = Teams(view), view.client(view.writer, "secretsmanager")
    for name, value in made.values.items():
        manager.put_secret_value(SecretId=view.address_of(name), SecretString=value)
    return made


@pytest.fixture(scope="module", params=["prod", "nonprod"], ids=["vaultKubernetes", "vaultJwt"])
def vault_teams(request: pytest.FixtureRequest, running_vault: Running) -> Teams:
    """On Vault, by both auth methods. The writer fills the containers."""
    view = running_vault.views[request.param]
    assert isinstance(view, VaultView)
    made = Teams(view)
    with view.vault.login_as_writer(view.references["writersPolicy"]) as writer:
        for name, value in made.values.items():
            writer.post(f"/v1/{view.address_of(name)}", json={"data": {"value": value}}).raise_for_status()
    return made
