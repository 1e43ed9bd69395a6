"""One line of the matrix: who does what to whose secret or key, what should be, and what the documents say."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Question:
    """identity: who, with his environment. action: what he does, as a verb with its object. owner: the environment of
    the object. expected: whether he may, by the design and not by any document."""

    identity: str
    action: str
    owner: str
    expected: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """`judge`: the program that computed `allowed` from the documents."""

    question: Question
    allowed: bool
    judge: str

    @property
    def right(self) -> bool:
        return self.allowed == self.question.expected
