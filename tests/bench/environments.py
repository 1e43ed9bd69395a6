"""What both programs of the benchmark are given, and how they report the memory they used."""

import atexit
import os
import resource
from pathlib import Path

from components import BootstrapConfig, parse_config

ACCOUNT = "123456789012"
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:user/deployer"


def configuration() -> BootstrapConfig:
    """As many environments as `BENCH_ENVIRONMENTS` says."""
    environment = {
        "region": "eu-west-1",
        "accountId": ACCOUNT,
        "deletionProfile": "ephemeral",
        "administrators": [DEPLOYER],
        "deployers": [DEPLOYER],
        "cluster": {"kind": "selfManaged", "kmsPluginImage": "localhost/aws-encryption-provider:v0.4.0"},
        "identity": {"kind": "irsa"},
        "namespaces": ["apps"],
        "secrets": {"database": {}, "tenants/acme": {}},
        "store": {"conditions": [{"namespaces": ["apps"]}]},
        "argocd": {"repository": {"name": "platform", "url": "git@git.example.com:platform/deploy.git"}},
    }
    count = int(os.environ["BENCH_ENVIRONMENTS"])
    return parse_config({"prefix": "bench", "environments": {f"env-{index}": environment for index in range(count)}})


def report_memory() -> None:
    """Leave the process's peak memory, in KiB, in the file that `BENCH_MEMORY` names."""
    atexit.register(_write_memory)


def _write_memory() -> None:
    Path(os.environ["BENCH_MEMORY"]).write_text(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
