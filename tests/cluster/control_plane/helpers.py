"""What the tests of control planes share: the encryption that they ask for, and looks at processes and files."""

from dataclasses import dataclass
from pathlib import Path

import psutil

from bootstrap.localcloud.aws.client import LocalAws
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.processes import is_alive, recorded_process
from components.aws.names import AwsNames
from components.aws.policies import ENCRYPTION_CONTEXT_KEY
from components.kubernetes.encryption.aws import aws_kms_plugin
from components.kubernetes.encryption.configuration import SOCKET, KmsProvider, encryption_configuration

PROVIDER_NAME = "aws-kms-1"


@dataclass(frozen=True, kw_only=True)
class Encryption:
    """Keys and the role that may use them."""

    names: AwsNames
    key_arn: str
    second_key_arn: str
    node_role_arn: str

    @property
    def configuration(self) -> str:
        return encryption_configuration(KmsProvider(name=PROVIDER_NAME))

    def plugin(self, key_arn: str | None = None, *, name: str = "aws-encryption-provider", socket: str = SOCKET) -> str:
        return aws_kms_plugin(
            image="localhost/aws-encryption-provider:v0.4.0",
            key_id=key_arn or self.key_arn,
            region=self.names.region,
            encryption_context={ENCRYPTION_CONTEXT_KEY: self.names.environment},
            name=name,
            socket=socket,
        )

    def create(
        self, state: Path, name: str, aws: LocalAws, tools: Path, port_base: int, key_arn: str | None = None
    ) -> ControlPlane:
        return ControlPlane.create(
            state,
            name,
            cloud=aws,
            tools=tools,
            port_base=port_base,
            region=self.names.region,
            node_role_arn=self.node_role_arn,
            encryption_configuration=self.configuration,
            kms_plugin=self.plugin(key_arn),
        )


def process_of(plane: ControlPlane, name: str) -> psutil.Process | None:
    """The running process of a daemon or a container of the control plane."""
    found = [recorded_process(record) for record in plane.directory.rglob(f"{name}.pid")]
    return next((process for process in found if process is not None), None)


def leftovers(directory: Path) -> list[str]:
    """Processes that still have the control plane's folder in their command line or environment, and its sockets."""
    found: list[str] = []
    for process in psutil.process_iter():
        try:
            texts = [*process.cmdline(), *process.environ().values()]
            if is_alive(process) and any(f"{directory}/" in f"{text}/" for text in texts):
                found.append(f"{process.pid} {process.name()}")
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found + [str(path) for path in directory.rglob("*") if path.is_socket()]
