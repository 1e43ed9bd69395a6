"""What the nodes of each distribution of Kubernetes are given, as files, so that etcd is encrypted from the start."""
