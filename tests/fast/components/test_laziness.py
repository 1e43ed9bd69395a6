"""Importing the library costs little: a cloud's SDK is loaded when a component of that cloud is used."""

import subprocess
import sys

SCRIPT = """
import sys, time
import pulumi
before = set(sys.modules)
start = time.perf_counter()
import components
elapsed = time.perf_counter() - start
assert elapsed < 0.1, f"import took {elapsed:.3f} s beyond pulumi"
added = set(sys.modules) - before
assert not [name for name in added if name.startswith("pulumi_")], sorted(added)
components.ConfigError, components.parse_config, components.StoreRef
assert not [name for name in sys.modules if name.startswith(("pulumi_", "boto"))]
components.FirstSync
assert "pulumi_kubernetes" in sys.modules and "pulumi_aws" not in sys.modules
for name in components.__all__:
    assert getattr(components, name).__name__ == name, name
try:
    components.Nothing
except AttributeError as error:
    assert "Nothing" in str(error)
else:
    raise AssertionError("an unknown name was found")
"""


CLIENT = """
import sys
import components.tenants as tenants
assert tenants.AwsKeyStore and tenants.TenantCipher
heavy = ("pulumi", "aws_encryption_sdk", "aws_cryptographic_material_providers", "boto", "pydantic")
assert not [name for name in sys.modules if name.startswith(heavy)]
"""


def test_the_client_of_the_tenants_keys_loads_no_pulumi() -> None:
    result = subprocess.run([sys.executable, "-c", CLIENT], capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr


def test_import_is_lazy_and_quick() -> None:
    result = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
