"""What surrounds the guard: outages, the audit trail, the admin interface, many callers at once, a dying evaluator."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

from tests.fast.localcloud_aws.test_pod_identity import given
from tests.fast.localcloud_aws.world import VALUE, World, refusal


def admin(world: World, command: str, **parameters: object) -> int:
    token = {"Authorization": f"Bearer {world.guard.credentials.admin_token}"}
    return world.http.post(f"/_local/{command}", json=parameters, headers=token).status_code


def test_an_outage_is_of_the_named_services_only(world: World) -> None:
    manager, sts = world.operator(world.prod), world.operator(world.prod, "sts")
    read = {"SecretId": world.prod.secret("canary")}
    assert admin(world, "outage", services=["secretsmanager"]) == 200
    assert refusal(manager.get_secret_value, **read) == "ServiceUnavailableException"
    assert sts.get_caller_identity()
    assert world.assume(world.prod)
    assert admin(world, "outage", services=["sts"]) == 200
    assert refusal(world.assume, world.prod) == "ServiceUnavailable"
    assert manager.get_secret_value(**read)
    assert admin(world, "outage", services=[]) == 200
    assert manager.get_secret_value(**read)
    assert admin(world, "outage", services=["no-such-service"]) == 400


def test_the_audit_names_who_did_what_and_no_value(world: World) -> None:
    manager = world.operator(world.prod)
    manager.put_secret_value(SecretId=world.prod.secret("canary"), SecretString=VALUE)
    written = world.guard.audit.entries()[-1]
    assert manager.get_secret_value(SecretId=world.prod.secret("canary"))["SecretString"] == VALUE
    refusal(manager.get_secret_value, SecretId=world.nonprod.secret("canary"))
    read, refused = world.guard.audit.entries()[-2:]
    arn = "arn:aws:sts::123456789012:assumed-role/platform-prod-external-secrets/test"
    assert {entry["principal"] for entry in (written, read, refused)} == {arn}
    assert (written["event"], written["decision"]) == ("secretsmanager:PutSecretValue", "allowed")
    assert (read["event"], read["resource"]) == ("secretsmanager:GetSecretValue", world.prod.secret("canary"))
    assert (refused["decision"], refused["resource"]) == ("refused", world.nonprod.secret("canary"))
    assert refused["reason"].startswith("ACCESS_DENIED: ")

    token, session = world.prod.issuer.token(), given(world, world.nonprod)
    world.assume(world.prod)
    trail = (world.directory / "aws" / "audit.jsonl").read_text()
    secrets = [VALUE, token.split(".")[2], session.token, session.secret_access_key]
    secrets += [world.guard.credentials.deployer.secret, world.guard.credentials.admin_token]
    assert not [secret for secret in secrets if secret in trail]


def test_a_value_in_the_wrong_place_is_not_written_down(world: World) -> None:
    manager = world.client("secretsmanager")
    refusal(manager.put_secret_value, SecretId=world.prod.secret("canary"), SecretString=VALUE)
    refusal(manager.create_secret, Name=world.nonprod.secret("canary"), SecretString=VALUE)
    assert VALUE not in (world.directory / "aws" / "audit.jsonl").read_text()


def test_files_with_credentials_are_their_owners(world: World) -> None:
    files = [path for path in (world.directory / "aws").rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"deployer.json", "admin-token", "session-key", "audit.jsonl"}
    assert not [path for path in files if path.stat().st_mode & 0o077]
    assert (world.directory / "aws").stat().st_mode & 0o077 == 0


def test_the_admin_interface_asks_for_its_token(world: World) -> None:
    for token in ("", "Bearer guessed", world.guard.credentials.admin_token, "Bearer \xe9"):
        for command in ("audit", "outage", "register-cluster", "no-such-command"):
            headers = {b"Authorization": token.encode("latin-1")}
            assert world.http.post(f"/_local/{command}", json={}, headers=headers).status_code == 403
    assert admin(world, "audit") == 200
    assert admin(world, "no-such-command") == 404
    assert admin(world, "register-cluster", name="half") == 400


def test_many_callers_at_once(world: World) -> None:
    """Two operators read while the deployer writes: every answer is its caller's."""
    operators = [(one, world.operator(one)) for one in (world.prod, world.nonprod)]
    deployer = world.client("secretsmanager")

    def read(number: int) -> bool:
        environment, manager = operators[number % 2]
        name = environment.secret("database")
        if number % 5 == 0:
            deployer.update_secret(SecretId=name, Description=str(number))
        if number % 3 == 0:
            stranger = operators[(number + 1) % 2][0].secret("database")
            return refusal(manager.get_secret_value, SecretId=stranger) == "AccessDeniedException"
        return manager.get_secret_value(SecretId=name)["Name"] == name

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(60)))


def test_connections_are_kept(world: World) -> None:
    answers = [world.http.get("/_local/health?nonce=x") for _ in range(2)]
    assert not [answer for answer in answers if answer.headers.get("connection") == "close"]


def test_the_evaluator_is_replaced_when_it_dies(world: World) -> None:
    child = world.guard.engine._child
    assert child is not None
    os.kill(child.pid, 9)
    assert world.operator(world.prod).get_secret_value(SecretId=world.prod.secret("canary"))
    replaced = world.guard.engine._child
    assert replaced is not None
    assert replaced.pid != child.pid


def test_a_stored_policy_that_cannot_be_read_allows_nothing(world: World) -> None:
    """Nothing is taken for no policy: it could hold the one Deny."""
    secret = world.guard.cloud.secret("eu-west-1", world.prod.secret("database"))
    assert secret is not None
    before = secret.policy
    for broken in ("not JSON", "[]", json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}]})):
        secret.policy = broken
        assert refusal(world.operator(world.prod).get_secret_value, SecretId=secret.name) == "InternalFailure"
    secret.policy = before
    assert world.operator(world.prod).get_secret_value(SecretId=secret.name)


def test_a_body_without_a_length_or_too_long_is_refused(world: World) -> None:
    assert world.http.post("/", content=iter([b"x"])).status_code == 413
    assert world.http.post("/", content=b"x" * (1 << 20) + b"x").status_code == 413
