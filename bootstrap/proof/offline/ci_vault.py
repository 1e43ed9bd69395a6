"""Vault: whose CI jobs get in by which role of a JWT method. What a role then reaches is asked in `vault.py`.

Source: Vault, "JWT/OIDC auth method (API)", `bound_claims_type`. `tests/engine/vault/test_ci.py` asks a real Vault the
same of the same tokens.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.ci_jobs import Job, Subject
from bootstrap.proof.offline.documents import Documents, own_part
from bootstrap.proof.offline.row import Question, Row

_COMPONENT = "VaultCiRole"
_ROLE, _METHOD = "vault:jwt/authBackendRole:AuthBackendRole", "vault:jwt/authBackend:AuthBackend"
_JUDGE = "Vault roles for CI (own evaluator)"


def rows(documents: Documents) -> list[Row]:
    """Each subject's jobs against each environment's roles of JWT methods."""
    return list(_rows(documents))


def meant_to_hold(documents: Documents, environment: str, policy: str) -> set[str]:
    """The CI roles of an environment that are to have one of its policies, as their components say."""
    return {
        own_part(one.at("role"), environment)
        for owner, one in documents.components(_COMPONENT)
        if owner == environment and policy in {own_part(name, owner) for name in one.at("policies")}
    }


def _rows(documents: Documents) -> Iterator[Row]:
    components = list(documents.components(_COMPONENT))
    subjects = {(one.at("mount"), one.at("role")): Subject.of(one) for _, one in components}
    issuers = {one.at("path"): one.at("boundIssuer") for one in documents.of(_METHOD)}
    for environment, component in components:
        purpose = own_part(component.at("role"), environment)
        for job in Subject.of(component).jobs():
            for owner, role in documents.owned(_ROLE):
                subject = subjects.get((role.at("backend"), role.at("roleName")))
                question = Question(
                    identity=f"{job.who}, {purpose} of {environment}",
                    action=f"log in as {own_part(role.at('roleName'), owner)} by a token for {job.audience}",
                    owner=owner,
                    expected=subject is not None and subject.means(job),
                )
                # Of a method that is adopted no document says whom it trusts: whoever is meant.
                issuer = issuers.get(role.at("backend"), subject and subject.issuer)
                yield Row(question=question, allowed=issuer == job.issuer and _bound(role, job), judge=_JUDGE)


def _bound(role: Seen, job: Job) -> bool:
    bound: Mapping[str, Any] = role.at("boundClaims") or {}
    said = {**job.claims, "sub": job.sub}
    return (
        role.at("boundSubject") in (None, "", job.sub)
        and job.audience in (role.at("boundAudiences") or ())
        and all(_among(texts, said.get(claim), role.at("boundClaimsType")) for claim, texts in bound.items())
    )


def _among(texts: str, said: str | None, kind: str | None) -> bool:
    """Whether a claim is one of those that the provider splits at commas."""

    def is_one(text: str) -> bool:
        pattern = re.escape(text).replace(r"\*", ".*") if kind == "glob" else re.escape(text)
        return said is not None and re.fullmatch(pattern, said, re.DOTALL) is not None

    return any(is_one(text) for text in texts.split(","))
