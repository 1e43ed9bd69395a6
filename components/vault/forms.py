"""Forms of Vault: paths of mounts, keys, and certificates."""

import re

from ..forms import Form, matches

_SEGMENT = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_MOUNT = rf"{_SEGMENT}(?:/{_SEGMENT})*"
_PEM = re.compile(
    r"\s*(?:-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+",
)

# Policies give `*` and `+` a meaning of their own (Vault, "Policies"), so neither may be in a path.
MOUNT = Form(
    matches(_MOUNT),
    "is not the path of a mount",
    "write it without a slash at either end, such as platform/prod/secrets",
)
KEY_ID = Form(
    matches(rf"{_MOUNT}/keys/{_SEGMENT}"),
    "is not a key of a transit mount",
    "write it as MOUNT/keys/NAME",
)
AUDIENCE = Form(
    matches(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,252}"),
    "is not an audience",
    "choose a word that only this Vault answers to, such as vault",
)
# Vault keeps policies' names in lower case, however they are written.
OWN_POLICY = Form(
    matches(r"(?!(?:default|root)\Z)[a-z0-9][a-z0-9._/@-]{0,254}"),
    "is not the name, in lower case, of a policy of your own: default and root allow more than is needed",
    "write it as Vault lists it, such as platform-prod-images",
)
DATABASE_USER = Form(
    matches(r"[A-Za-z_][A-Za-z0-9_.-]{0,62}"),
    "is not the name of a database user",
    "use letters, digits, and `_`, `.` or `-` inside, up to 63 characters",
)
CERTIFICATES = Form(
    lambda text: _PEM.fullmatch(text) is not None,
    "is not a certificate in PEM, or something stands beside it",
    "write the authority's certificate alone, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----",
)
