"""Rotation of the key that encrypts etcd, step by step, each refused until the cluster itself shows that it is safe."""
