"""An EncryptionConfiguration in the course of a rotation."""

import pytest
import yaml

from bootstrap.errors import BootstrapError
from bootstrap.rotation.etcd.configuration import promoted, providers, sockets, with_reader, without
from components.kubernetes.encryption.configuration import KmsProvider, encryption_configuration

SECOND_SOCKET = "/var/run/kmsplugin/2.sock"
ONE = encryption_configuration(KmsProvider(name="kms-1"))
BOTH = with_reader(ONE, "kms-2", f"unix://{SECOND_SOCKET}")


def test_the_first_provider_of_secrets_writes() -> None:
    assert providers(None) == ["identity"]
    assert providers(ONE) == ["kms-1", "identity"]
    other = {"resources": [{"resources": ["configmaps"], "providers": [{"identity": {}}]}]}
    assert providers(yaml.safe_dump(other)) == ["identity"]


def test_the_order_in_each_step() -> None:
    assert providers(BOTH) == ["kms-1", "kms-2", "identity"]
    assert providers(promoted(BOTH, "kms-2")) == ["kms-2", "kms-1", "identity"]
    assert providers(without(promoted(BOTH, "kms-2"), "kms-1")) == ["kms-2", "identity"]
    assert sockets(BOTH) == ["/var/run/kmsplugin/socket.sock", SECOND_SOCKET]


def test_what_is_added_is_what_the_library_would_write() -> None:
    second = KmsProvider(name="kms-2", socket=SECOND_SOCKET)
    assert yaml.safe_load(BOTH) == yaml.safe_load(encryption_configuration(KmsProvider(name="kms-1"), second))


def test_a_step_that_was_killed_can_be_taken_again() -> None:
    assert with_reader(BOTH, "kms-2", f"unix://{SECOND_SOCKET}") == BOTH
    once = promoted(BOTH, "kms-2")
    assert promoted(once, "kms-2") == once


def test_impossible_steps_are_refused_by_name() -> None:
    with pytest.raises(BootstrapError, match="kms-1: it is in the configuration already"):
        with_reader(ONE, "kms-1", "unix:///x")
    with pytest.raises(BootstrapError, match="choose one of: kms-1, identity"):
        promoted(ONE, "kms-2")
    with pytest.raises(BootstrapError, match="it writes every Secret"):
        without(BOTH, "kms-1")
