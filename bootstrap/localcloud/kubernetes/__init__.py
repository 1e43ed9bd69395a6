"""Real Kubernetes control planes on loopback: etcd, API server, controllers, KMS plugin, a node without containers."""
