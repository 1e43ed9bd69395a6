"""CI jobs: those that a component is meant for, as it registers them, and strangers who are all but one of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bootstrap.proof.offline.documents import Component

_OTHER_AUDIENCE, _OTHER_ISSUER = "another", "https://ci.example.net"
# A repository in a `sub` of GitHub's and GitLab's.
_REPOSITORY = re.compile(r"(?P<start>repo:|project_path:)[^/:]+(?P<name>/[^:]+)(?P<end>:.*)")


@dataclass(frozen=True, kw_only=True)
class Job:
    """What the token of a job says. who: what the job is, beside the one that is meant."""

    who: str
    issuer: str
    audience: str
    sub: str
    claims: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The jobs that are meant, by the design: the outputs of the component."""

    issuer: str
    audience: str
    subs: Sequence[str]
    prefixes: Sequence[str]
    claims: Mapping[str, str]

    @classmethod
    def of(cls, component: Component) -> "Subject":
        """From the component's own outputs."""
        said: Mapping[str, Any] = component.at("subject")
        return cls(
            issuer=said["issuer"],
            audience=said["audience"],
            subs=said["subs"],
            prefixes=said["subPrefixes"],
            claims=said["claims"],
        )

    def means(self, job: Job) -> bool:
        """Whether the job is one of those that are let in."""
        named = job.sub in self.subs or any(job.sub.startswith(one) for one in self.prefixes)
        claimed = all(job.claims.get(claim) == value for claim, value in self.claims.items())
        return named and claimed and (job.issuer, job.audience) == (self.issuer, self.audience)

    def jobs(self) -> Iterator[Job]:
        """One that is meant for each `sub`, and strangers. Each stranger differs in one thing."""
        for sub in (*self.subs, *(f"{one}job" for one in self.prefixes)):
            yield self._job("a job that is meant", sub)
            for who, other in _other_subs(sub):
                yield self._job(who, other)
            yield self._job("a job with a token for somebody else", sub, audience=_OTHER_AUDIENCE)
            yield self._job("a job of another platform", sub, issuer=_OTHER_ISSUER)
            for claim in self.claims:
                yield self._job(f"a job with another {claim}", sub, claims={**self.claims, claim: "another"})

    def _job(self, who: str, sub: str, **changes: Any) -> Job:
        said = {"issuer": self.issuer, "audience": self.audience, "claims": self.claims, **changes}
        return Job(who=f"{who} ({sub})", sub=sub, **said)


def _other_subs(sub: str) -> Iterator[tuple[str, str]]:
    """The `sub`s of other jobs, as near as they get."""
    yield "a job whose sub begins alike", f"{sub}x"
    parts = sub.split(":")
    for index in range(len(parts)):
        yield "a job of something else", ":".join([*parts[:index], "other", *parts[index + 1 :]])
    found = _REPOSITORY.fullmatch(sub)
    if found is not None:
        yield "a job of a fork", f"{found['start']}mallory{found['name']}{found['end']}"
        yield "a job of another repository", f"{sub.removesuffix(found['end'])}x{found['end']}"
        yield "a job of another branch", f"{sub.removesuffix(found['end'])}:ref:refs/heads/other"
        yield "a pull request", f"{sub.removesuffix(found['end'])}:pull_request"
