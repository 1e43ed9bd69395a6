"""The foundation of every environment, by our component."""

import pulumi

from components import AwsFoundation, AwsFoundationArgs
from stacks.environments import aws_provider
from tests.bench.environments import configuration, report_memory

report_memory()
config = configuration()
for name, environment in config.environments.items():
    names = config.names(name)
    AwsFoundation(
        name,
        AwsFoundationArgs(names=names, environment=environment),
        pulumi.ResourceOptions(providers=[aws_provider(names)]),
    )
