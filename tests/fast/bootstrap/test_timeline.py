"""The timeline is the engine's record, by environment and step."""

from datetime import UTC, datetime

from bootstrap.verification.timeline import timeline

START = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


def resource(urn: str, kind: str, parent: str = "", created: str = "") -> dict[str, str]:
    fields = {"urn": f"urn:pulumi:s::p::{kind}::{urn}", "type": kind}
    if parent:
        fields["parent"] = f"urn:pulumi:s::p::{parent}"
    if created:
        fields["created"] = created
    return fields


def test_the_last_resource_of_a_step_counts() -> None:
    environment, keys = "secrets-bootstrap:index:SecretsBootstrap", "secrets-bootstrap:index:AwsEnvironmentKeys"
    state = {
        "deployment": {
            "resources": [
                resource("prod", environment),
                resource("prod-keys", keys, f"{environment}::prod"),
                resource("a", "aws:kms/key:Key", f"{keys}::prod-keys", "2026-01-01T00:00:02.5Z"),
                resource("b", "aws:kms/key:Key", f"{keys}::prod-keys", "2026-01-01T00:00:04Z"),
                resource("c", "localcloud:index:Cluster", f"{environment}::prod", "2026-01-01T00:00:09Z"),
                resource("elsewhere", "aws:kms/key:Key", "", "2026-01-01T00:00:09Z"),
            ]
        }
    }
    assert timeline(state, START) == [("prod", "keys", 4.0), ("prod", "cluster", 9.0)]
    assert timeline(state, START + 5) == [("prod", "cluster", 4.0)]
    assert timeline({"deployment": {}}, START) == []


def test_what_is_made_for_teams_is_no_step() -> None:
    environment, store = "secrets-bootstrap:index:SecretsBootstrap", "secrets-bootstrap:index:ClusterSecretStore"
    made = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
    teams = "secrets-bootstrap:index:TeamStores"
    state = {
        "deployment": {
            "resources": [
                resource("prod", environment),
                resource("own", store, f"{environment}::prod"),
                resource("a", made, f"{store}::own", "2026-01-01T00:00:02Z"),
                resource("teams", teams, f"{environment}::prod"),
                resource("shared", store, f"{teams}::teams"),
                resource("b", made, f"{store}::shared", "2026-01-01T00:00:09Z"),
            ]
        }
    }
    assert timeline(state, START) == [("prod", "store Ready", 2.0)]
