"""Who can open each environment's files: `sops-recipients.yaml`, checked. It names keys and holds none."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bootstrap.errors import BootstrapError

FILE = "sops-recipients.yaml"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
# Full names only: an alias, or a key without its version, can be pointed at another environment's key later.
# Sources: getsops/sops v3.13.3, `age`, `kms`, `gcpkms`, `azkv` and `hcvault`.
_FORMS = {
    "age": re.compile(r"age1[02-9ac-hj-np-z]{58}"),
    "kms": re.compile(r"arn:aws[\w-]*:kms:[\w-]+:\d{12}:key/[\w-]+"),
    "gcp_kms": re.compile(r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+"),
    "azure_keyvault": re.compile(r"(?P<vaultUrl>https://[^/]+)/keys/(?P<key>[^/]+)/(?P<version>[0-9a-f]{32})"),
    "hc_vault": re.compile(r"https?://[^/]+/v1/.+/keys/[^/]+"),
}


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """The keys of one environment.

    keys: for each kind, as SOPS calls it, the full names. both: whether a file takes an age key *and* one of the
    managed keys to open, by Shamir's scheme; otherwise any one key opens it.
    """

    environment: str
    keys: Mapping[str, Sequence[str]]
    both: bool = False

    @property
    def names(self) -> set[str]:
        return {name for names in self.keys.values() for name in names}

    @property
    def groups(self) -> list[Mapping[str, Sequence[str]]]:
        """The key groups: the keys of each by kind. With `both`, a file takes a key of each group to open."""
        if not self.both:
            return [self.keys]
        managed = {kind: names for kind, names in self.keys.items() if kind != "age"}
        return [{"age": self.keys["age"]}, managed]

    @property
    def entries(self) -> list[dict[str, list[Any]]]:
        """The key groups, as `.sops.yaml` has them."""
        return [
            {kind: [_entry(kind, name, self.context) for name in names] for kind, names in one.items()}
            for one in self.groups
        ]

    @property
    def context(self) -> dict[str, str]:
        """The encryption context of AWS KMS. A key's policy can ask for it, and CloudTrail shows it at each use."""
        return {"environment": self.environment}


def read_recipients(root: Path) -> list[Recipients]:
    """Every environment of the file in `root`. Raises BootstrapError for whatever would let the wrong one in."""
    try:
        document = yaml.safe_load((root / FILE).read_text())
    except FileNotFoundError:
        raise BootstrapError(str(root / FILE), "there is no such file", "write it: see the runbook on SOPS") from None
    except yaml.YAMLError:
        raise BootstrapError(str(root / FILE), "it is not YAML", "mend it") from None
    if not isinstance(document, dict) or not document:
        raise _refused("", "it names no environment", "give each environment its keys")
    found = [_parse(str(name), fields) for name, fields in document.items()]
    _refuse_sharing(found)
    return found


def _parse(environment: str, fields: Any) -> Recipients:
    if not _NAME.fullmatch(environment):
        raise _refused(environment, "an environment is a folder's name", "use lower-case letters, digits and hyphens")
    if not isinstance(fields, dict):
        raise _refused(environment, "it has no keys", f"give at least one of: {', '.join(_FORMS)}")
    both = fields.get("both", False)
    keys: dict[str, list[str]] = {}
    for kind, names in fields.items():
        if kind == "both":
            continue
        if kind not in _FORMS:
            raise _refused(f"{environment}.{kind}", "SOPS has no such kind of key", f"use: {', '.join(_FORMS)}, both")
        if not isinstance(names, list) or not names:
            raise _refused(f"{environment}.{kind}", "it is not a list of keys", "give a list, or remove it")
        for name in names:
            # Not the name itself: somebody may have put a private key here.
            if not isinstance(name, str) or not _FORMS[kind].fullmatch(name):
                raise _refused(f"{environment}.{kind}", "an entry is not a key's full public name", _MEND[kind])
        keys[kind] = names
    if not keys:
        raise _refused(environment, "it has no keys", f"give at least one of: {', '.join(_FORMS)}")
    if not isinstance(both, bool):
        raise _refused(f"{environment}.both", "it is neither true nor false", "say true or false")
    if both and (len(keys) < 2 or "age" not in keys):
        raise _refused(f"{environment}.both", "it takes an age key and a managed one", "give both kinds, or remove it")
    return Recipients(environment=environment, keys=keys, both=both)


def _refuse_sharing(found: Sequence[Recipients]) -> None:
    owners: dict[str, str] = {}
    for one in found:
        for name in sorted(one.names):
            owner = owners.setdefault(name, one.environment)
            if owner != one.environment:
                why = f"environment {owner} has the same key {name}: whoever opens one could open the other"
                raise _refused(one.environment, why, "give each environment keys of its own")


def _entry(kind: str, name: str, context: dict[str, str]) -> Any:
    if kind == "kms":
        return {"arn": name, "context": context}
    if kind == "gcp_kms":
        return {"resource_id": name}
    if kind == "azure_keyvault":
        match = _FORMS[kind].fullmatch(name)
        assert match
        return match.groupdict()
    return name


_MEND = {
    "age": "give the public half, age1…",
    "kms": "give the key's ARN, arn:aws:kms:<region>:<account>:key/<id>, not an alias",
    "gcp_kms": "give projects/<p>/locations/<l>/keyRings/<r>/cryptoKeys/<k>",
    "azure_keyvault": "give the key's identifier with its version, https://<vault>.vault.azure.net/keys/<key>/<version>",
    "hc_vault": "give the transit key's address, https://<vault>/v1/<mount>/keys/<key>",
}


def _refused(field: str, why: str, mend: str) -> BootstrapError:
    return BootstrapError(f"{FILE}: {field}".rstrip(": "), why, mend)
