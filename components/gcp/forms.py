"""Forms of Google Cloud: projects, locations, resource names and IAM members."""

import re

from ..forms import Form, matches

GLOBAL = "global"
"""The location of keys for secrets with automatic replication."""

_PROJECT = r"[a-z][a-z0-9-]{4,28}[a-z0-9]"
_REGION = r"[a-z]+-[a-z]+[0-9]{1,2}"
_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_KEY = re.compile(
    rf"projects/{_PROJECT}/locations/({_REGION}|{GLOBAL})/keyRings/[A-Za-z0-9_-]{{1,63}}/cryptoKeys/[A-Za-z0-9_-]{{1,63}}"
)
_SERVICE_ACCOUNT = re.compile(rf"[a-z][a-z0-9-]{{4,28}}[a-z0-9]@({_PROJECT})\.iam\.gserviceaccount\.com")
_ARTIFACT_REPOSITORY = re.compile(
    rf"projects/({_PROJECT})/locations/({_REGION}|asia|europe|us)/repositories/([a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?)"
)
_SECRET_NAME_LIMIT = 200


def key_location(name: str) -> str | None:
    """Where a crypto key lies, or None if it is no key's resource name."""
    match = _KEY.fullmatch(name)
    return match[1] if match else None


def service_account_name(email: str) -> str:
    """The resource name of the service account with this address."""
    match = _SERVICE_ACCOUNT.fullmatch(email)
    assert match is not None  # whoever calls has checked the form
    return f"projects/{match[1]}/serviceAccounts/{email}"


def artifact_repository(name: str) -> tuple[str, str, str]:
    """The project, location and id of an Artifact Registry repository."""
    match = _ARTIFACT_REPOSITORY.fullmatch(name)
    assert match is not None  # whoever calls has checked the form
    return match[1], match[2], match[3]


def secret_id_of(name: str) -> str:
    """A declared name as Secret Manager takes it: without `/`. SECRET_NAME forbids `--`, so no two names meet."""
    return name.replace("/", "--")


PROJECT_ID = Form(matches(_PROJECT), "is not the id of a Google Cloud project", "write one such as example-prod")
PROJECT_NUMBER = Form(
    matches(r"[1-9][0-9]{5,18}"),
    "is not the number of a Google Cloud project",
    'write its digits in quotes: "123456789012"',
)
REGION = Form(matches(_REGION), "is not the name of a Google Cloud region", "write one such as europe-west1")
ZONE = Form(matches(rf"{_REGION}-[a-z]"), "is not the name of a Google Cloud zone", "write one such as europe-west1-b")
LOCATION = Form(
    matches(rf"{_REGION}|{GLOBAL}"),
    f"is neither the name of a Google Cloud region nor {GLOBAL}",
    f"write one such as europe-west1, or {GLOBAL} for automatic replication",
)
KEY_NAME = Form(
    lambda text: key_location(text) is not None,
    "is not the resource name of a crypto key in a region or global (and not of one of its versions)",
    "write it as projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY",
)
TOPIC = Form(
    matches(rf"projects/{_PROJECT}/topics/[A-Za-z][A-Za-z0-9._~%+-]{{2,254}}"),
    "is not the resource name of a Pub/Sub topic",
    "write it as projects/PROJECT/topics/TOPIC",
)
TIMESTAMP = Form(
    matches(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z"),
    "is not a moment in UTC",
    "write it as 2030-01-31T03:00:00Z",
)
SECRET_ID = Form(
    matches(r"[A-Za-z0-9_-]{1,255}"),
    "is not the id of a secret",
    "write up to 255 letters, digits, hyphens and underscores, without the project",
)
# One principal each: no allUsers, no allAuthenticatedUsers, no whole domain and no principalSet.
MEMBER = Form(
    matches(rf"(?:user|group|serviceAccount):{_EMAIL}|principal://iam\.googleapis\.com/[A-Za-z0-9._~@%/-]+"),
    "is not an IAM member that names one user, group, service account or federated principal",
    "write it as user:EMAIL, group:EMAIL, serviceAccount:EMAIL or principal://iam.googleapis.com/...",
)
SERVICE_ACCOUNT_EMAIL = Form(
    lambda text: _SERVICE_ACCOUNT.fullmatch(text) is not None,
    "is not the address of a service account that a project owns",
    "write it as NAME@PROJECT.iam.gserviceaccount.com",
)
ARTIFACT_REPOSITORY = Form(
    lambda text: _ARTIFACT_REPOSITORY.fullmatch(text) is not None,
    "is not the resource name of an Artifact Registry repository",
    "write it as projects/PROJECT/locations/LOCATION/repositories/NAME",
)
SUFFIX = Form(matches(r"[a-z0-9]{1,8}"), "is not a suffix", "use up to 8 lower-case letters and digits, such as 2")
MANAGED_ZONE = Form(
    matches(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"),
    "is not the name of a managed zone (its DNS name is another one)",
    "write it as Cloud DNS has it, such as example-com",
)
CLUSTER_NAME = Form(
    matches(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?"),
    "is not the name of a GKE cluster",
    "use up to 40 lower-case letters, digits and hyphens inside, with a letter first",
)
NETWORK = Form(
    matches(rf"(?:projects/{_PROJECT}/global/networks/)?[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?"),
    "is not the name of a network",
    "write its name, or projects/PROJECT/global/networks/NAME for one of another project",
)
SUBNETWORK = Form(
    matches(rf"(?:projects/{_PROJECT}/regions/{_REGION}/subnetworks/)?[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?"),
    "is not the name of a subnetwork",
    "write its name, or projects/PROJECT/regions/REGION/subnetworks/NAME for one of another project",
)
# Secret Manager API Reference, `secretId`: letters, digits, `-` and `_`, up to 255; the environment stands in front.
SECRET_NAME_SHAPE = Form(
    lambda text: "." not in text and len(secret_id_of(text)) <= _SECRET_NAME_LIMIT,
    f"the name holds a `.` or is longer than {_SECRET_NAME_LIMIT} characters with each `/` counted twice, which "
    "Secret Manager does not take",
    "join the words by `/`, `-` or `_`, such as database/password",
)
