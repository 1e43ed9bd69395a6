"""A Pulumi engine in memory: it records every resource, invoke and set of component outputs, and creates nothing."""

import asyncio
import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import pulumi
from pulumi.runtime import mocks, resource, rpc, settings, stack, sync_await
from pulumi.runtime.proto import source_pb2

from tests.fast.components import mock_gcp

ACCOUNT = "123456789012"
PROJECT = "secrets-bootstrap"
SECRET = "(secret)"


@dataclass
class Resource:
    """One registered resource, as the engine was asked for it."""

    token: str
    name: str
    urn: str
    parent: str
    inputs: Mapping[str, Any]
    dependencies: frozenset[str]
    protect: bool
    retained: bool
    ignored: tuple[str, ...]
    providers: tuple[str, ...]
    outputs: Mapping[str, Any] | None = None


@dataclass
class Recording:
    """Everything that one program asked for, in order. `reads` are the tokens and ids of what it only looked at."""

    resources: dict[str, Resource] = field(default_factory=dict)
    invokes: list[str] = field(default_factory=list)
    reads: list[tuple[str, str]] = field(default_factory=list)

    def of(self, token: str) -> list[Resource]:
        return [one for one in self.resources.values() if one.token == token]

    def named(self, name: str, token: str | None = None) -> Resource:
        found = [one for one in self.resources.values() if one.name == name and token in (None, one.token)]
        assert len(found) == 1, f"{len(found)} resources are called {name}"
        return found[0]

    def provider_names(self, one: Resource) -> list[str]:
        return [provider.rpartition("::")[0].rpartition("::")[2] for provider in one.providers]

    def needs(self, later: Resource, earlier: Resource) -> bool:
        """Whether the engine makes `later` only after `earlier`."""
        seen: set[str] = set()
        waiting = [later.urn]
        while waiting:
            urn = waiting.pop()
            if urn in seen or urn not in self.resources:
                continue
            seen.add(urn)
            one = self.resources[urn]
            waiting += [*one.dependencies, *(provider.rpartition("::")[0] for provider in one.providers)]
        return earlier.urn in seen - {later.urn}


class MockCloud(mocks.Mocks):
    """What the providers would answer: identifiers in the shape of the real ones."""

    def __init__(self, recording: Recording, there: Mapping[str, Mapping[str, Any]]) -> None:
        self._recording, self._there = recording, there

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[Any]]:
        self._recording.invokes.append(args.token)
        return _answers(args.token), []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.resource_id:
            return self._read(args)
        answers = _outputs(args.typ, args.name, args.inputs)
        return answers.pop("id", f"{args.name}-id"), {**args.inputs, **answers}

    def _read(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        assert args.resource_id
        if args.resource_id == rpc.UNKNOWN:  # the engine looks for nothing whose name it does not know
            return "", dict(args.inputs)
        self._recording.reads.append((args.typ, args.resource_id))
        return args.resource_id, {**args.inputs, **self._there.get(args.resource_id, _found(args.resource_id))}


class _Monitor(mocks.MockMonitor):
    def __init__(self, cloud: MockCloud, recording: Recording) -> None:
        super().__init__(cloud)
        self._recording = recording

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        response = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            self._recording.resources[response.urn] = Resource(
                token=request.type,
                name=request.name,
                urn=response.urn,
                parent=request.parent,
                inputs=_with_secrets_named(rpc.deserialize_properties(request.object, keep_unknowns=True)),
                dependencies=frozenset(request.dependencies),
                protect=request.protect,
                retained=request.retainOnDelete,
                ignored=tuple(request.ignoreChanges),
                providers=tuple(sorted(filter(None, {request.provider, *request.providers.values()}))),
            )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        if request.urn in self._recording.resources:
            self._recording.resources[request.urn].outputs = rpc.deserialize_properties(
                request.outputs, keep_unknowns=True
            )
        return super().RegisterResourceOutputs(request)


def run(
    program: Callable[[], object],
    config: Mapping[str, str] | None = None,
    *,
    preview: bool = False,
    there: Mapping[str, Mapping[str, Any]] | None = None,
) -> Recording:
    """Run a program to its end on a fresh engine. In a preview, outputs of resources are unknown, as in a real one.

    `there` is what the program can read, by id: a preview knows of it as much.
    """
    asyncio.set_event_loop(asyncio.new_event_loop())
    recording = Recording()
    cloud = (_Preview if preview else MockCloud)(recording, there or {})
    monitor = _Monitor(cloud, recording)
    mocks.set_mocks(cloud, project=PROJECT, stack="test", preview=preview, monitor=monitor)
    pulumi.runtime.set_all_config(dict(config or {}))
    # What a program that failed left waits for a loop that is gone.
    settings._get_rpc_manager().clear()
    settings.SETTINGS.outputs.clear()

    async def body() -> None:
        program()
        await _settled()

    # Where in the code a resource is made is for the engine's messages: a walk over the stack for each of them.
    with mock.patch.object(resource, "_get_stack_trace", source_pb2.StackTrace):
        sync_await._sync_await(stack.run_pulumi_func(body))
    return recording


async def _settled() -> None:
    """Wait until nothing is under way any more, or something failed, which Pulumi's own wait after this one reports.

    That one starts anew with each output that is there: alone, its time grows with the square of their number.
    """
    while pending := [*settings.SETTINGS.outputs, *settings._get_rpc_manager().rpcs]:
        done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
        if not settings.SETTINGS.outputs or any(one.cancelled() or one.exception() for one in done):
            return


def _with_secrets_named(value: Any) -> Any:
    """The value with each of the engine's secret markers as `{SECRET: value}`."""
    if isinstance(value, list):
        return [_with_secrets_named(one) for one in value]
    if not isinstance(value, dict):
        return value
    if rpc._special_sig_key in value and "value" in value:
        return {SECRET: value["value"]}
    return {key: _with_secrets_named(one) for key, one in value.items()}


class _Preview(MockCloud):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.resource_id:
            return self._read(args)
        # Azure takes a list of identities and answers with a mapping, which no preview knows.
        return "", {key: value for key, value in args.inputs.items() if key != "identity"}


AKS_KUBECONFIG = """
clusters:
- name: prod
  cluster: {server: "https://cluster.example.com", certificate-authority-data: Q0E=}
users:
- name: clusterUser
  user: {exec: {command: kubelogin}}
"""


def _found(resource_id: str) -> dict[str, Any]:
    """What the operator has made in the cluster: the public half of a deploy key."""
    public = base64.b64encode(b"ssh-ed25519 AAAA mock\n").decode()
    return {"data": {"publicKey": public}} if resource_id.endswith("-public") else {}


def _answers(token: str) -> dict[str, Any]:
    match token:
        case "azure-native:containerservice:listManagedClusterUserCredentials":
            encoded = base64.b64encode(AKS_KUBECONFIG.encode()).decode()
            return {"kubeconfigs": [{"name": "clusterUser", "value": encoded}]}
        case _:
            return {}


def _outputs(token: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    region = "eu-west-1"
    match token:
        case "aws:kms/key:Key":
            identifier = f"key-of-{name}"
            return {"arn": f"arn:aws:kms:{region}:{ACCOUNT}:key/{identifier}", "keyId": identifier}
        case "aws:secretsmanager/secret:Secret":
            return {"arn": f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{inputs['name']}-AbCdEf"}
        case "aws:iam/role:Role":
            return {"arn": f"arn:aws:iam::{ACCOUNT}:role{inputs.get('path') or '/'}{inputs['name']}"}
        case "aws:iam/openIdConnectProvider:OpenIdConnectProvider":
            return {"arn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{inputs['url'].removeprefix('https://')}"}
        case "aws:route53/zone:Zone":
            return {"zoneId": f"Z{''.join(one for one in inputs['name'].upper() if one.isalnum())}"}
        case "aws:eks/cluster:Cluster":
            return {
                "arn": f"arn:aws:eks:{region}:{ACCOUNT}:cluster/{inputs['name']}",
                "endpoint": "https://cluster.example.com",
                "certificateAuthority": {"data": "Q0E="},
                "identities": [{"oidcs": [{"issuer": f"https://oidc.eks.{region}.amazonaws.com/id/ABC"}]}],
            }
        case "aws:eks/podIdentityAssociation:PodIdentityAssociation":
            return {"associationArn": f"arn:aws:eks:{region}:{ACCOUNT}:podidentityassociation/x/a-1"}
        case "azure-native:keyvault:Key":
            url = f"https://{inputs['vaultName']}.vault.azure.net/keys/{inputs['keyName']}"
            return {"keyUri": url, "keyUriWithVersion": f"{url}/{'0' * 32}"}
        case "azure-native:managedidentity:UserAssignedIdentity":
            return {"clientId": f"client-of-{name}", "principalId": f"principal-of-{name}"}
        case "azure-native:containerservice:ManagedCluster":
            issuer = "https://westeurope.oic.prod-aks.azure.com/tenant/issuer/"
            return {
                "name": inputs["resourceName"],
                "identity": {"type": "UserAssigned", "userAssignedIdentities": {}},
                "oidcIssuerProfile": {"enabled": True, "issuerURL": issuer},
            }
        case "aws:cloudtrail/trail:Trail":
            return {"arn": f"arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/{inputs['name']}"}
        case "tls:index/privateKey:PrivateKey":
            made = "(made by the mock)"
            return {"privateKeyOpenssh": made, "privateKeyPem": made, "publicKeyOpenssh": "ssh-ed25519 AAAA mock"}
        case "tls:index/selfSignedCert:SelfSignedCert":
            return {"certPem": "(a certificate)"}
        case "localcloud:index:Cluster":
            return {
                "endpoint": "https://127.0.0.1:14581",
                "issuerUrl": "https://127.0.0.1:14581",
                "issuerThumbprint": "0" * 40,
                "kubeconfigPath": f"clusters/{inputs['clusterName']}/admin.kubeconfig",
            }
        case _:
            return mock_gcp.answers(token, inputs)
