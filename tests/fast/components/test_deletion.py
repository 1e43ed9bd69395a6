"""Two words on every backend: `durable` refuses to destroy data, `ephemeral` lets it go as soon as the cloud does."""

import pulumi
import pytest

from components import ConfigError, DeletionProfile
from components.foundation import create_foundation
from tests.fast.components.backends import SAMPLES, Sample
from tests.fast.components.mock_engine import Recording, run

each_backend = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)


def foundation(sample: Sample, word: str) -> Recording:
    names, environment = sample.parse(deletionProfile=word)
    return run(lambda: create_foundation("it", names, environment, pulumi.ResourceOptions()))


def test_there_are_two_words() -> None:
    assert {str(word) for word in DeletionProfile} == {"durable", "ephemeral"}


@each_backend
def test_durable_is_the_default(sample: Sample) -> None:
    assert sample.parse()[1].deletion_profile is DeletionProfile.DURABLE


@each_backend
def test_there_is_no_third_word(sample: Sample) -> None:
    with pytest.raises(ConfigError, match=r"environments\.prod\.deletionProfile.*\n.*durable.*ephemeral"):
        sample.parse(deletionProfile="forever")


@each_backend
def test_durable_protects_all_data(sample: Sample) -> None:
    resources = foundation(sample, "durable").resources.values()
    data = [one for one in resources if one.token in sample.data]
    assert {one.token for one in data} == sample.data
    assert all(one.protect for one in data)


@each_backend
def test_ephemeral_protects_nothing(sample: Sample) -> None:
    resources = foundation(sample, "ephemeral").resources.values()
    assert {one.token for one in resources} >= sample.data
    assert not any(one.protect for one in resources)


@pytest.mark.parametrize(
    "window", [name for name in vars(DeletionProfile) if name.endswith(("_days", "_seconds", "_hours"))]
)
def test_every_window_is_shorter_for_what_is_ephemeral(window: str) -> None:
    assert getattr(DeletionProfile.EPHEMERAL, window) < getattr(DeletionProfile.DURABLE, window)
