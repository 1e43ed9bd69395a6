"""The real chart with our values: no permission of its own is left, and ours fit the names that it renders."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap.toolchain.folders import tools_dir
from tests.fast.components.mock_engine import Recording, Resource
from tests.fast.components.test_adoption import bootstrap

RELEASES = ("external-secrets-crds", "external-secrets")
each_setting = pytest.mark.parametrize("webhook", [True, False], ids=["webhook", "no-webhook"])


def rendered(chart: Path, release: Resource) -> list[dict[str, Any]]:
    """What a release installs, definitions apart."""
    name, namespace = release.inputs["name"], release.inputs["namespace"]
    done = subprocess.run(
        [tools_dir() / "helm", "template", name, chart, f"--namespace={namespace}", "--values=-"],
        input=json.dumps(release.inputs["values"]),
        capture_output=True,
        text=True,
        check=True,
    )
    # Thousands of lines of definitions are not worth the parsing.
    parts = [part for part in done.stdout.split("\n---\n") if "\nkind: CustomResourceDefinition\n" not in part]
    return [one for part in parts for one in yaml.load_all(part, yaml.CSafeLoader) if one]


def releases(recording: Recording) -> dict[str, Resource]:
    return {one.inputs["name"]: one for one in recording.of("kubernetes:helm.sh/v3:Release")}


def rules(recording: Recording, account: str) -> list[dict[str, Any]]:
    """Every rule that a service account is bound to, each with its role's namespace (None: everywhere)."""
    found: list[dict[str, Any]] = []
    for binding in recording.resources.values():
        if account in {one.get("name") for one in binding.inputs.get("subjects", [])}:
            reference, metadata = binding.inputs["roleRef"], binding.inputs["metadata"]
            (role,) = (
                one
                for one in recording.of(f"kubernetes:rbac.authorization.k8s.io/v1:{reference['kind']}")
                if one.inputs["metadata"] == metadata
            )
            assert reference["name"] == metadata["name"]
            found += [{"namespace": metadata.get("namespace"), **rule} for rule in role.inputs["rules"]]
    return found


@each_setting
def test_no_permission_of_the_charts_own_is_left(chart: Path, webhook: bool) -> None:
    ours = releases(bootstrap(operator={"webhook": webhook}))
    assert tuple(ours) == RELEASES
    kinds = {one["kind"] for release in ours.values() for one in rendered(chart, release)}
    assert ("ValidatingWebhookConfiguration" in kinds) == webhook
    assert {kind for kind in kinds if "Role" in kind} == set()


def test_the_certificate_controllers_permissions_fit_what_the_chart_renders(chart: Path) -> None:
    recording = bootstrap()
    objects = rendered(chart, releases(recording)["external-secrets"])
    (pod,) = (
        one["spec"]["template"]["spec"]
        for one in objects
        if one["kind"] == "Deployment" and one["metadata"]["name"].endswith("-cert-controller")
    )
    flags = dict(one.split("=", 1) for one in pod["containers"][0]["args"][1:])
    assert "--enable-leader-election" not in flags  # no lease is needed
    assert pod["serviceAccountName"] in {one["metadata"]["name"] for one in objects if one["kind"] == "ServiceAccount"}

    granted = rules(recording, pod["serviceAccountName"])
    secrets = [rule for rule in granted if "secrets" in rule["resources"]]
    assert [(rule["namespace"], rule["resourceNames"], rule["verbs"]) for rule in secrets] == [
        (flags["--secret-namespace"], [flags["--secret-name"]], ["get", "update"])
    ]
    webhooks = {one["metadata"]["name"] for one in objects if one["kind"] == "ValidatingWebhookConfiguration"}
    changed = [rule for rule in granted if {"update", "patch", "delete"} & set(rule["verbs"])]
    assert {(tuple(rule["resources"]), tuple(rule.get("resourceNames", ()))) for rule in changed} == {
        (("events",), ()),
        (("secrets",), (flags["--secret-name"],)),
        (("validatingwebhookconfigurations",), tuple(sorted(webhooks))),
    }
    assert "*" not in json.dumps(granted)


def test_without_the_webhook_the_certificate_controller_gets_nothing() -> None:
    assert rules(bootstrap(operator={"webhook": False}), "external-secrets-cert-controller") == []
