"""Who restarts a workload when one of its Secrets changes, as annotations of a Deployment."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from ..arguments import checked
from ..errors import ConfigError
from ..forms import DNS_SUBDOMAIN


class RestartedBy(StrEnum):
    """Who restarts the pods.

    ROTATE: the command `rotate`, as a stage of a rotation. It is told by `secrets-bootstrap/restart-on`.
    RELOADER: Stakater's Reloader, which runs in the cluster and sees every change, whoever made it.
    """

    ROTATE = "secrets-bootstrap/restart-on"
    RELOADER = "secret.reloader.stakater.com/reload"


@checked
def restart_annotations(secrets: Sequence[str], *, by: RestartedBy) -> Mapping[str, str]:
    """The annotation for `metadata.annotations` of a Deployment whose containers have Secrets in variables.

    secrets: names of Secrets in the Deployment's namespace; at least one.
    by: who restarts its pods.

    Neither needs anything in the pod template, so a program that applies the Deployment again undoes no restart.
    A Secret that is mounted as a volume needs no restart, if the program reads the file anew.

    Raises ConfigError for no Secrets, and for names that Kubernetes does not take.
    Sources: Reloader, README, "Named resource reload" (`secret.reloader.stakater.com/reload`, comma-separated);
    Kubernetes, "Secrets", "Using Secrets as files from a Pod" (mounted Secrets are updated, variables are not).
    """
    if not secrets:
        raise ConfigError("restart_annotations.secrets", "is empty", "name the Secrets, or leave the annotation out")
    for index, name in enumerate(secrets):
        DNS_SUBDOMAIN.require(f"restart_annotations.secrets.{index}", name)
    return {by.value: ",".join(sorted(set(secrets)))}
