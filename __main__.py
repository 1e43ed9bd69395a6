"""The Pulumi program: reads the topology and runs the stack of that name."""

from importlib import import_module

import pulumi

from components import ConfigError

TOPOLOGIES = ("local", "local-vault", "local-teams", "eks", "gke", "aks", "self-managed", "foundation")


def main() -> None:
    """Import only the stack that is asked for: the other's dependencies need not be there."""
    topology = pulumi.Config().require("topology")
    if topology not in TOPOLOGIES:
        raise ConfigError("topology", "is not a known topology", f"set it to one of: {', '.join(TOPOLOGIES)}")
    import_module(f"stacks.{topology.replace('-', '_')}").run()


main()
