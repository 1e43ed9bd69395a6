"""Keys in two regions, with the key of etcd adopted from a project that keeps the keys."""

import pulumi

from components import GcpEnvironmentKeys, GcpEnvironmentKeysArgs, GcpNames

names = GcpNames(
    prefix="platform",
    environment="prod",
    project_id="example-prod",
    project_number="111122223333",
    location="europe-west1",
)

keys = GcpEnvironmentKeys(
    "keys",
    GcpEnvironmentKeysArgs(
        names=names,
        administrators=["group:key-administrators@example.com"],
        replica_locations=["europe-west1", "europe-west4"],
        rotation_days=30,
        existing={"etcd": ["projects/example-keys/locations/europe-west1/keyRings/prod/cryptoKeys/etcd"]},
    ),
)
pulumi.export("secretsKeyNames", {location: key.id for location, key in keys.secrets.items()})
