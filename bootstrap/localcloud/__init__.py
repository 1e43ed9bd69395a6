"""An AWS and two Kubernetes clusters on loopback, checked by programs that can say no."""
