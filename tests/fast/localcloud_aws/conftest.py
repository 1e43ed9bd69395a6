"""One guard with two environments for the whole directory: moto has one set of objects in a process."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fast.localcloud_aws.world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[World]":
    from tests.fast.localcloud_aws.world import World

    with pytest.MonkeyPatch.context() as patch:
        # moto makes an RSA key for each symmetric key too, and nothing uses it: the guard takes no asymmetric keys.
        patch.setattr("moto.kms.models.generate_private_key", lambda key_spec: None)
        made = World(tmp_path_factory.mktemp("world"))
        yield made
        made.close()
