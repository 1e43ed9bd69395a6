"""Environments share nothing: whatever belongs to one is named by no resource of another.

What a preview does not know yet is passed over: it is looked at when the stack is brought up.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy.proxy import UnknownValueError

from .resource import Seen, Settings

# Types that belong to one environment, each with the properties by which other resources name it.
_OWNED: Mapping[str, Sequence[str]] = {
    "aws:kms/key:Key": ("arn", "keyId"),
    "aws:secretsmanager/secret:Secret": ("arn",),
    "aws:iam/role:Role": ("arn",),
    "aws:eks/cluster:Cluster": ("arn",),
    "gcp:kms/cryptoKey:CryptoKey": ("id",),
    "gcp:secretmanager/secret:Secret": ("id", "secretId"),
    "gcp:serviceaccount/account:Account": ("email", "member"),
    "azure-native:keyvault:Vault": ("id",),
    "azure-native:keyvault:Key": ("keyUri", "keyUriWithVersion"),
    "azure-native:managedidentity:UserAssignedIdentity": ("id", "clientId", "principalId"),
    "vault:index/mount:Mount": ("path",),
    "vault:index/authBackend:AuthBackend": ("path",),
}


def shared(resources: Sequence[tuple[str, Seen]]) -> Iterator[tuple[str, str]]:
    """Every resource, by its URN, that names what belongs to another environment."""
    owners: dict[str, Seen] = {}
    for _, seen in resources:
        for field in _OWNED.get(seen.token, ()):
            for identifier in _texts(seen.properties, [field] if field in list(seen.properties) else []):
                owners[identifier] = seen
    environments = {seen.environment for seen in owners.values()}
    for urn, seen in resources:
        if seen.environment not in environments:
            continue  # what belongs to no environment, such as a provider or an account-wide trail
        for text in _texts(seen.properties, seen.properties):
            owner = owners.get(text)
            if owner is not None and owner.environment != seen.environment:
                yield (
                    urn,
                    f"{seen.name} of {seen.environment} names {owner.name} of {owner.environment}: "
                    "give each environment its own",
                )


def in_one_state(resources: Sequence[Seen], settings: Settings) -> str | None:
    """What is wrong with a stack that holds a durable environment and another one: one key encrypts the state of both,
    so whoever may bring up the one reads the secrets in the state of the other. None: nothing."""
    environments = sorted({_environment(seen) for seen in resources if seen.token in _OWNED})
    durable = [one for one in environments if one in settings.durable_environments]
    if not durable or len(environments) == 1:
        return None
    return (
        f"{', '.join(environments)} lie in one state, under one key; give {durable[0]} a stack of its own, with a "
        "secrets provider of its own"
    )


def _environment(seen: Seen) -> str:
    """Without tags of its own a resource has those of its provider, which a preview does not know."""
    try:
        return seen.environment
    except UnknownValueError:
        return Seen(token=seen.token, name=seen.name, properties={}).environment


def _texts(container: Any, keys: Iterable[Any]) -> Iterator[str]:
    """Every text that is known below some keys of a mapping or list."""
    for key in keys:
        try:
            value = container[key]
        except UnknownValueError:
            continue
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _texts(value, value)
        elif isinstance(value, Sequence):
            yield from _texts(value, range(len(value)))
