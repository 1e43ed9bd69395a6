"""Who can open each environment's files: `sops-recipients.yaml`, checked. It names keys and holds none."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from bootstrap.errors import BootstrapError
from bootstrap.sops.strict_yaml import RepeatedKeyError, load_all

FILE = "sops-recipients.yaml"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_SEGMENT = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
# Full names only: an alias, or a key without its version, can be pointed at another environment's key later. And only
# one spelling where there are several: a project's id and no number, a vault's public host and no private link.
# Sources: getsops/sops v3.13.3, `age`, `kms`, `gcpkms`, `azkv` and `hcvault`.
_FORMS = {
    "age": re.compile(r"age1[02-9ac-hj-np-z]{58}"),
    "kms": re.compile(r"arn:aws[\w-]*:kms:[\w-]+:\d{12}:key/[\w-]+"),
    "gcp_kms": re.compile(r"projects/(?![0-9]+/)[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+"),
    "azure_keyvault": re.compile(
        r"(?P<vaultUrl>https://[A-Za-z0-9-]+\.(?:vault|managedhsm)\.(?:azure\.net|azure\.cn|usgovcloudapi\.net))"
        r"/keys/(?P<key>[A-Za-z0-9-]+)/(?P<version>[0-9a-f]{32})"
    ),
    "hc_vault": re.compile(
        rf"https://[A-Za-z0-9.-]*[A-Za-z0-9](?::[1-9][0-9]{{0,4}})?/v1/(?:{_SEGMENT}/)+keys/{_SEGMENT}"
    ),
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
        documents = load_all((root / FILE).read_text())
    except FileNotFoundError:
        raise BootstrapError(str(root / FILE), "there is no such file", "write it: see the runbook on SOPS") from None
    except RepeatedKeyError as error:
        raise _refused("", str(error), "write each environment and each kind of key once") from None
    except yaml.YAMLError:
        raise BootstrapError(str(root / FILE), "it is not YAML", "mend it") from None
    if len(documents) > 1:
        raise _refused("", "it has several documents", "write all environments into one")
    document = documents[0] if documents else None
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
        for name, identity in sorted((name, _identity(kind, name)) for kind in one.keys for name in one.keys[kind]):
            owner = owners.setdefault(identity, one.environment)
            if owner != one.environment:
                why = f"environment {owner} has the same key {name}: whoever opens one could open the other"
                raise _refused(one.environment, why, "give each environment keys of its own")


def _identity(kind: str, name: str) -> str:
    """What a name stands for: replicas of a multi-Region key of AWS hold one key, and each version of an Azure key is
    made by whoever may make the others. Hosts have no capitals, and 443 is https's own port."""
    if kind == "kms":
        account, key = name.split(":")[-2:]
        return f"{account}:{key}" if key.startswith("key/mrk-") else name
    if kind == "azure_keyvault":
        return name.rpartition("/")[0].lower()
    if kind == "hc_vault":
        address = urlsplit(name)
        return f"{address.netloc.lower().removesuffix(':443')}{address.path}"
    return name


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
    "gcp_kms": "give, with the project's id and not its number, projects/<p>/locations/<l>/keyRings/<r>/cryptoKeys/<k>",
    "azure_keyvault": "give the key's identifier with its version, https://<vault>.vault.azure.net/keys/<key>/<version>",
    "hc_vault": "give the transit key's address by https, https://<vault>/v1/<mount>/keys/<key>",
}


def _refused(field: str, why: str, mend: str) -> BootstrapError:
    return BootstrapError(f"{FILE}: {field}".rstrip(": "), why, mend)
