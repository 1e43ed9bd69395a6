"""The self-managed topology: a machine that has the key wired in before it starts, and no stored credential."""

import base64
import importlib
import json
from typing import Any

import pytest
import yaml

from components import ConfigError
from tests.fast.components import samples
from tests.fast.components.mock_engine import Recording, run
from tests.fast.components.test_golden import stack_configuration

SHIPPED = samples.stack_config("self-managed")


def run_stack(*, preview: bool = False, environment: dict[str, Any] | None = None, **machine: Any) -> Recording:
    environments = {"prod": {**SHIPPED["secrets-bootstrap:environments"]["prod"], **(environment or {})}}
    machines = {"prod": {**SHIPPED["secrets-bootstrap:machines"]["prod"], **machine}}
    config = stack_configuration("self-managed", "platform", environments)
    config["secrets-bootstrap:machines"] = json.dumps(machines)
    return run(importlib.import_module("stacks.self_managed").run, config, preview=preview)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return run_stack()


def cloud_config(recording: Recording) -> dict[str, Any]:
    (template,) = recording.of("aws:ec2/launchTemplate:LaunchTemplate")
    text = base64.b64decode(template.inputs["userData"]).decode()
    assert text.startswith("#cloud-config\n")
    assert len(text) < 16 * 1024, "EC2 takes no more"
    return yaml.safe_load(text)


def test_the_machine_has_its_files_before_anything_starts(recording: Recording) -> None:
    document = cloud_config(recording)
    assert document["runcmd"] == [["/usr/local/bin/start-control-plane"]]
    files = {one["path"]: one for one in document["write_files"]}
    assert set(files) == {
        "/etc/kubernetes/encryption/configuration.yaml",
        "/etc/kubernetes/encryption/kubeadm.yaml",
        "/etc/kubernetes/manifests/aws-encryption-provider.yaml",
    }
    assert {one["permissions"] for one in files.values()} == {"0600"}
    manifest = files["/etc/kubernetes/manifests/aws-encryption-provider.yaml"]["content"]
    assert "--key=arn:aws:kms:" in manifest
    assert "PRIVATE KEY" not in json.dumps(document)


def test_the_machine_is_the_nodes_role_and_pods_are_not(recording: Recording) -> None:
    (profile,) = recording.of("aws:iam/instanceProfile:InstanceProfile")
    assert profile.inputs["role"] == "platform-prod-node"
    (template,) = recording.of("aws:ec2/launchTemplate:LaunchTemplate")
    assert template.inputs["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    (role,) = [one for one in recording.of("aws:iam/role:Role") if one.inputs["name"] == "platform-prod-node"]
    assert recording.needs(profile, role)


def test_the_cluster_waits_for_an_api_that_is_ready(recording: Recording) -> None:
    (machine,) = recording.of("aws:autoscaling/group:Group")
    assert machine.inputs["waitForElbCapacity"] == 1
    assert "ReplaceUnhealthy" in machine.inputs["suspendedProcesses"], "etcd is on its disk"
    assert machine.protect
    (target,) = recording.of("aws:lb/targetGroup:TargetGroup")
    assert target.inputs["healthCheck"] == {"protocol": "HTTPS", "path": "/readyz"}
    (provider,) = recording.of("pulumi:providers:kubernetes")
    assert recording.needs(provider, machine)


def test_the_kubeconfig_holds_no_credential(recording: Recording) -> None:
    (provider,) = recording.of("pulumi:providers:kubernetes")
    (user,) = yaml.safe_load(provider.inputs["kubeconfig"])["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["command"] == "aws"


def test_a_preview_knows_every_resource(recording: Recording) -> None:
    assert run_stack(preview=True).resources.keys() == recording.resources.keys()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"distribution": "talos"}, "MachineSettings.distribution"),
        ({"subnetIds": []}, "MachineSettings.subnet_ids"),
        ({"startCommand": "/bin/start"}, "MachineSettings.start_command"),
        ({"issuerUrl": "http://issuer"}, "MachineSettings.issuer_url"),
        ({"colour": "red"}, "MachineSettings.colour"),
        ({"environment": {"identity": {"kind": "podIdentity"}}}, "environments.prod.identity.kind"),
    ],
)
def test_what_cannot_work_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        run_stack(**changes)
    assert caught.value.field == field
