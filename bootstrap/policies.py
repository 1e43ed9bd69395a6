"""Runs the policy pack on a stack of this machine. The pack itself is in `policy_pack`, for any stack and any Pulumi.

The language host that is built from source cannot run packs. But the engine hands a pack whose runtime has no host at
all to the plugin `policy-<runtime>`: so the pack is copied under a runtime of its own, which its rules do not notice.
"""

import json
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from bootstrap.engine import Engine
from bootstrap.paths import REPOSITORY, private_dir, write_private

PACK = REPOSITORY / "bootstrap" / "policy_pack"
_RUNTIME = "secrets-bootstrap-pack"
_PLUGIN_VERSION = "0.0.1"


_ONE_STATE = "environments-share-no-state"


def preview_under_policies(
    engine: Engine, durable_environments: Sequence[str], *flags: str, one_state: bool = False
) -> str:
    """Preview a stack under the pack and return what the engine says. Raises BootstrapError if a rule is broken.

    one_state: whether a durable environment may lie in one state with others; the engine then says so as an advice.
    """
    pack = _install(engine.directory)
    settings: dict[str, dict[str, object]] = {
        name: {"durableEnvironments": list(durable_environments)} for name in (*_configurable(), _ONE_STATE)
    }
    if one_state:
        settings[_ONE_STATE]["enforcementLevel"] = "advisory"
    config = write_private(engine.directory / "policy-config.json", json.dumps(settings))
    policies = ("--policy-pack", str(pack), "--policy-pack-config", str(config))
    return engine.operate("preview", *policies, *flags, capture=True)


def _install(directory: Path) -> Path:
    pack = directory / "policy-pack"
    shutil.copytree(PACK, pack, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    definition = yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text())
    (pack / "PulumiPolicy.yaml").write_text(yaml.safe_dump({**definition, "runtime": _RUNTIME}))
    plugins = directory / "pulumi-home" / "plugins"
    plugin = (
        private_dir(plugins / f"analyzer-policy-{_RUNTIME}-v{_PLUGIN_VERSION}") / f"pulumi-analyzer-policy-{_RUNTIME}"
    )
    plugin.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -u -m pulumi.policy "$@"\n')
    plugin.chmod(0o700)
    return pack


def _configurable() -> Sequence[str]:
    from bootstrap.policy_pack.rules import RULES

    return tuple(RULES)
