"""Forms of Google Cloud: what each takes and what it refuses."""

import pytest

from components import ConfigError
from components.forms import Form
from components.gcp import forms
from tests.fast.components import samples_ci, samples_gcp

KEY = samples_gcp.key_name("etcd")
GOOD = {
    "TOPIC": ["projects/example-prod/topics/rotation"],
    "TIMESTAMP": ["2030-01-31T03:00:00Z"],
    "PROJECT_ID": ["example-prod", "a12345"],
    "PROJECT_NUMBER": ["123456789012"],
    "REGION": ["europe-west1", "us-central1", "northamerica-northeast2", "europe-west10"],
    "ZONE": ["europe-west1-b"],
    "LOCATION": ["europe-west1", "global"],
    "KEY_NAME": [KEY, samples_gcp.key_name("secrets", "global")],
    "SECRET_ID": ["database-password", "A_b", "a" * 255],
    "MEMBER": [
        "user:a.b@example.com",
        "group:writers@example.com",
        "serviceAccount:deployer@example-prod.iam.gserviceaccount.com",
        "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/subject/repo/main",
    ],
    "SERVICE_ACCOUNT_EMAIL": ["deployer@example-prod.iam.gserviceaccount.com"],
    "ARTIFACT_REPOSITORY": [samples_ci.ARTIFACTS, "projects/example-prod/locations/europe/repositories/a"],
    "SUFFIX": ["2", "b2026"],
    "MANAGED_ZONE": ["example-com", "a", "a" * 63],
    "CLUSTER_NAME": ["prod", "a" * 40],
    "NETWORK": ["platform", "projects/example-host/global/networks/platform"],
    "SUBNETWORK": ["platform", "projects/example-host/regions/europe-west1/subnetworks/platform"],
    "SECRET_NAME_SHAPE": ["database/password", "a" * 200, "a/" * 66 + "a"],
}
BAD = {
    "TOPIC": ["", "rotation", "projects/example-prod/topics/x leak", "projects/example-prod/topics/goo/leak"],
    "TIMESTAMP": ["", "2030-01-31", "2030-01-31T03:00:00+01:00", "1999-01-31T03:00:00Z"],
    "PROJECT_ID": ["", "x_leak", "Example", "abc", "-example-prod", "example-prod-", "a" * 31],
    "PROJECT_NUMBER": ["", "0123456789", "x-leak", "12345"],
    "REGION": ["", "global", "europe-west1-b", "eu-west-1", "x-leak"],
    "ZONE": ["", "europe-west1", "x-leak"],
    "LOCATION": ["", "eu", "europe", "x-leak"],
    "KEY_NAME": [
        "",
        "x-leak",
        f"{KEY}/cryptoKeyVersions/1",
        KEY.replace("europe-west1", "eu"),
        KEY.removeprefix("projects/"),
    ],
    "SECRET_ID": ["", "x/leak", "x.leak", "a" * 256, "projects/p/secrets/x-leak"],
    "MEMBER": [
        "",
        "x-leak@example.com",
        "allUsers",
        "allAuthenticatedUsers",
        "domain:example.com",
        "user:*@example.com",
        "user:x-leak",
        "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/*",
        "serviceAccount:example-prod.svc.id.goog[ns/sa]",
    ],
    "SERVICE_ACCOUNT_EMAIL": ["", "x-leak@example.com", "serviceAccount:a@example-prod.iam.gserviceaccount.com"],
    "ARTIFACT_REPOSITORY": ["", "x-leak", "projects/example-prod/locations/europe/repositories/*"],
    "MANAGED_ZONE": ["", "example.com", "Example", "1a", "a-", "a" * 64, "*"],
    "SUFFIX": ["", "A", "x-leak", "a" * 9],
    "CLUSTER_NAME": ["", "1a", "a" * 41, "x-leak-"],
    "NETWORK": ["", "X_leak", "projects/example-host/regions/europe-west1/subnetworks/x-leak"],
    "SUBNETWORK": ["", "X_leak", "projects/example-host/global/networks/x-leak"],
    "SECRET_NAME_SHAPE": ["x.leak", "a" * 201, "a/" * 67],
}
FORMS = {name: value for name, value in vars(forms).items() if isinstance(value, Form)}


def cases(texts: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(form, text) for form, several in texts.items() for text in several]


@pytest.mark.parametrize(("form", "text"), cases(GOOD))
def test_good(form: str, text: str) -> None:
    FORMS[form].require("Any.field", text)


@pytest.mark.parametrize(("form", "text"), cases(BAD))
def test_bad(form: str, text: str) -> None:
    with pytest.raises(ConfigError, match=r"^Any\.field: .+\n  mend: .+") as caught:
        FORMS[form].require("Any.field", text)
    assert "leak" not in str(caught.value)


def test_every_form_is_tested() -> None:
    assert set(FORMS) == set(GOOD) == set(BAD)


def test_where_a_key_lies() -> None:
    assert forms.key_location(samples_gcp.key_name("a", "global")) == "global"
    assert forms.key_location("x") is None


def test_a_service_account_is_found_by_its_address() -> None:
    email = "reader@example-prod.iam.gserviceaccount.com"
    assert forms.service_account_name(email) == f"projects/example-prod/serviceAccounts/{email}"
