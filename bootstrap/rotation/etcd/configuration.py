"""An EncryptionConfiguration in the course of a rotation: pure functions from YAML to YAML."""

from typing import Any

import yaml

from bootstrap.errors import BootstrapError

_SECRETS = {"secrets", "*.", "*.*"}
IDENTITY = "identity"


def providers(configuration: str | None) -> list[str]:
    """The names of the providers of Secrets in order: the first one writes, without a configuration `identity`."""
    if configuration is None:
        return [IDENTITY]
    rule = _rule(yaml.safe_load(configuration))
    return [IDENTITY] if rule is None else [_name(provider) for provider in rule["providers"]]


def sockets(configuration: str) -> list[str]:
    """Where the plugins of its KMS providers listen, as paths."""
    _, listed = _open(configuration)
    return [str(one["kms"]["endpoint"]).removeprefix("unix://") for one in listed if "kms" in one]


def with_reader(configuration: str, name: str, endpoint: str) -> str:
    """The same with one more KMS provider, second: it reads, and does not write yet. Twice is as good as once."""
    document, listed = _open(configuration)
    added = {"kms": {"apiVersion": "v2", "name": name, "endpoint": endpoint, "timeout": "3s"}}
    if listed[1:2] == [added]:
        return configuration
    if name in providers(configuration):
        raise BootstrapError(
            f"provider {name}", "it is in the configuration already", "give the new provider a name of its own"
        )
    listed.insert(1, added)
    return _text(document)


def promoted(configuration: str, name: str) -> str:
    """The same with a provider first: it writes from now on, and the others read."""
    document, listed = _open(configuration)
    index = _index(configuration, name)
    listed.insert(0, listed.pop(index))
    return _text(document)


def without(configuration: str, name: str) -> str:
    """The same without a provider that does not write."""
    document, listed = _open(configuration)
    index = _index(configuration, name)
    if index == 0:
        raise BootstrapError(
            f"provider {name}", "it writes every Secret, so it cannot be removed", "promote another provider first"
        )
    del listed[index]
    return _text(document)


def _index(configuration: str, name: str) -> int:
    names = providers(configuration)
    if name not in names:
        raise BootstrapError(
            f"provider {name}", "it is not in the configuration", f"choose one of: {', '.join(names)}; or add it first"
        )
    return names.index(name)


def _open(configuration: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    document: dict[str, Any] = yaml.safe_load(configuration)
    rule = _rule(document)
    if rule is None:
        raise BootstrapError("the EncryptionConfiguration", "it has no rule for Secrets", "add one with a KMS provider")
    return document, rule["providers"]


def _rule(document: dict[str, Any]) -> dict[str, Any] | None:
    return next((rule for rule in document["resources"] if _SECRETS & set(rule["resources"])), None)


def _name(provider: dict[str, Any]) -> str:
    return str(provider["kms"]["name"]) if "kms" in provider else next(iter(provider))


def _text(document: dict[str, Any]) -> str:
    return yaml.safe_dump(document, sort_keys=False)
