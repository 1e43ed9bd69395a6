"""A node without containers: the work of kubelet, scheduler and EKS Pod Identity webhook, with local processes."""
