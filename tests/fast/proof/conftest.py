"""iam-simulate for the offline matrix: one process for all tests, and each question is put to it once.

Most tests change one document of a topology and ask everything anew. What it answers depends on the question alone, in
which the policies are.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from bootstrap.localcloud.aws.engine import PolicyEngine
from bootstrap.proof.offline import aws
from bootstrap.toolchain import policy_engine


class _Remembering(PolicyEngine):
    """It knows the answers that it had."""

    def __init__(self) -> None:
        super().__init__(policy_engine.install())
        self._answers: dict[bytes, bool] = {}

    def evaluate(self, simulations: Sequence[Mapping[str, Any]]) -> list[bool]:
        questions = [hashlib.sha256(json.dumps(one).encode()).digest() for one in simulations]
        new = {key: one for key, one in zip(questions, simulations, strict=True) if key not in self._answers}
        if new:
            self._answers |= zip(new, super().evaluate([*new.values()]), strict=True)
        return [self._answers[one] for one in questions]

    def close(self) -> None:
        """The next test needs it."""


@pytest.fixture(scope="package", autouse=True)
def _one_evaluator() -> Iterator[None]:
    engine = _Remembering()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aws, "PolicyEngine", lambda _directory: engine)
        yield
    PolicyEngine.close(engine)
