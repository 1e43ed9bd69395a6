"""AwsSopsKey: what it registers, to the letter, and what it refuses. That SOPS uses it so is in the cluster tier."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from components import AwsSopsKey, AwsSopsKeyArgs, ConfigError, DeletionProfile
from tests.fast.components import samples
from tests.fast.components.mock_engine import run

ADMINISTRATOR, EDITOR, PIPELINE = (samples.NAMES.role_arn(one) for one in ("keys", "team", "pipeline"))
FOREIGNER = "arn:aws:iam::999999999999:role/x-leak"


def arguments(**changes: Any) -> AwsSopsKeyArgs:
    values = {
        "names": samples.NAMES,
        "administrators": [ADMINISTRATOR],
        "editors": [EDITOR],
        "appliers": [PIPELINE],
    }
    return AwsSopsKeyArgs(**{**values, **changes})


def test_what_it_registers() -> None:
    recording = run(lambda: AwsSopsKey("it", arguments()))
    assert [(one.token, one.name) for one in recording.resources.values()] == [
        ("secrets-bootstrap:index:AwsSopsKey", "it"),
        ("aws:kms/key:Key", "it-key"),
        ("aws:kms/alias:Alias", "it-alias"),
    ]
    key = recording.named("it-key")
    policy = json.loads(key.inputs["policy"])
    assert {name: value for name, value in key.inputs.items() if name != "policy"} == {
        "description": "platform prod: SOPS files",
        "enableKeyRotation": True,
        "rotationPeriodInDays": 365,
        "deletionWindowInDays": 30,
        "tags": {
            "secrets-bootstrap/environment": "prod",
            "secrets-bootstrap/prefix": "platform",
            "secrets-bootstrap/key": "sops",
        },
    }
    assert key.protect
    assert recording.named("it-alias").inputs["name"] == "alias/platform/prod/sops"
    assert list(recording.named("it").outputs or {}) == ["keyArn"]
    condition = {"StringEquals": {"kms:CallerAccount": samples.ACCOUNT, "kms:EncryptionContext:environment": "prod"}}
    assert policy["Statement"][1:] == [
        {
            "Sid": "EditorsEncryptAndOpen",
            "Effect": "Allow",
            "Principal": {"AWS": [EDITOR]},
            "Action": ["kms:Decrypt", "kms:Encrypt"],
            "Resource": "*",
            "Condition": condition,
        },
        {
            "Sid": "AppliersOpen",
            "Effect": "Allow",
            "Principal": {"AWS": [PIPELINE]},
            "Action": ["kms:Decrypt"],
            "Resource": "*",
            "Condition": condition,
        },
    ]


def test_ephemeral_protects_nothing() -> None:
    key = run(lambda: AwsSopsKey("it", arguments(deletion_profile=DeletionProfile.EPHEMERAL))).named("it-key")
    assert not key.protect
    assert key.inputs["deletionWindowInDays"] == 7


IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("AwsSopsKeyArgs.administrators", lambda: arguments(administrators=[])),
    ("AwsSopsKeyArgs.editors", lambda: arguments(editors=[])),
    ("AwsSopsKeyArgs.editors.1", lambda: arguments(editors=[EDITOR, "arn:aws:iam::123456789012:role/*"])),
    ("AwsSopsKeyArgs.editors.0", lambda: arguments(editors=["arn:aws:iam::123456789012:root"])),
    ("AwsSopsKeyArgs.editors.0", lambda: arguments(editors=[ADMINISTRATOR])),
    ("AwsSopsKeyArgs.appliers.0", lambda: arguments(appliers=[ADMINISTRATOR])),
    ("AwsSopsKeyArgs.appliers.0", lambda: arguments(appliers=[FOREIGNER])),
    ("AwsSopsKeyArgs.administrators.0", lambda: arguments(administrators=[FOREIGNER])),
    ("AwsSopsKeyArgs.rotation_days", lambda: arguments(rotation_days=89)),
]


@pytest.mark.parametrize(("field", "make"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, make: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as caught:
        make()
    assert caught.value.field == field
    assert "x-leak" not in str(caught.value)
