"""AWS: in which environment's name each key of SOPS files is used. Who uses it in its own is asked in `aws.py`."""

from collections.abc import Iterator

from bootstrap.proof.offline.aws import judged, need
from bootstrap.proof.offline.aws_documents import identities, keys_of
from bootstrap.proof.offline.aws_logins import Asked
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.row import Question, Row

_WORD = "environment"


def rows(documents: Documents) -> list[Row]:
    """Files of other environments, and files that say no environment, against each key."""
    return judged(list(_rows(documents)))


def _rows(documents: Documents) -> Iterator[Asked]:
    everybody = identities(documents)
    for key in (one for one in keys_of(documents) if one.purpose == "sops"):
        for identity in everybody:
            for named in (*(one for one in documents.environments if one != key.owner), None):
                context = {f"kms:EncryptionContext:{_WORD}": named, "kms:EncryptionContextKeys": [_WORD]}
                for verb, action in (("make", "kms:Encrypt"), ("open", "kms:Decrypt")):
                    question = Question(
                        identity=str(identity),
                        action=f"{verb} a SOPS file of {named or 'no environment'} with this key",
                        owner=key.owner,
                        expected=False,
                    )
                    yield question, [need(identity, action, key, context if named else {})]
