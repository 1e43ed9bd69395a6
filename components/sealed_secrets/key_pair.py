"""A sealing key by pulumi-tls, whose private half stays in Pulumi's encrypted state."""

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_tls as tls

KEY_LABEL = {"sealedsecrets.bitnami.com/sealed-secrets-key": "active"}
"""How the controller finds its keys."""

_BITS = 4096
_TEN_YEARS = 10 * 365 * 24  # hours; the controller's own keys are made for as long


def state_key(
    name: str, *, namespace: str, home: pulumi.Resource, protect: bool, opts: pulumi.ResourceOptions
) -> tuple[kubernetes.core.v1.Secret, pulumi.Output[str]]:
    """The key pair as a Secret of the controller, and its certificate, which is public.

    name: in front of the resources' names.
    namespace: the controller's.
    home: the resource that creates it.
    protect: whether Pulumi refuses to delete the key.
    opts: options of all resources.
    Source: sealed-secrets v0.40.0, `keyregistry.go` (label, type, RSA) and `crypto/keys.go` (certificate).
    """
    kept = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=protect))
    key = tls.PrivateKey(f"{name}-key", algorithm="RSA", rsa_bits=_BITS, opts=kept)
    certificate = tls.SelfSignedCert(
        f"{name}-certificate",
        private_key_pem=key.private_key_pem,
        allowed_uses=["encipher_only"],
        validity_period_hours=_TEN_YEARS,
        is_ca_certificate=True,
        opts=kept,
    )
    public = pulumi.Output.unsecret(certificate.cert_pem)
    secret = kubernetes.core.v1.Secret(
        f"{name}-key-secret",
        metadata={"name": "sealed-secrets-key-state", "namespace": namespace, "labels": KEY_LABEL},
        type="kubernetes.io/tls",
        string_data={"tls.key": key.private_key_pem, "tls.crt": public},
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[home])),
    )
    return secret, public
