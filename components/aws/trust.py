"""Trust policies: who may take a role. Each names its principal in full, and compares whatever its tokens say."""

from collections.abc import Sequence

from ..contracts import ServiceAccountRef
from .names import issuer_host
from .statements import Document, allow, document


def irsa_trust(*, provider_arn: str, issuer_url: str, namespace: str, service_account: str) -> Document:
    """Trust in one service account of one cluster: both `sub` and `aud` are compared in full.

    Source: EKS User Guide, "IAM roles for service accounts".
    """
    host = issuer_host(issuer_url)
    return document(
        [
            {
                **allow("ServiceAccountToken", ("sts:AssumeRoleWithWebIdentity",), None, None),
                "Principal": {"Federated": provider_arn},
                "Condition": {
                    "StringEquals": {
                        f"{host}:aud": "sts.amazonaws.com",
                        f"{host}:sub": f"system:serviceaccount:{namespace}:{service_account}",
                    }
                },
            }
        ]
    )


def tokens_trust(*, provider_arn: str, issuer_url: str, service_accounts: Sequence[ServiceAccountRef]) -> Document:
    """Trust in the tokens of several service accounts of one cluster, compared in full."""
    host, subjects = issuer_host(issuer_url), sorted(one.subject for one in service_accounts)
    condition = {"StringEquals": {f"{host}:aud": "sts.amazonaws.com", f"{host}:sub": subjects}}
    return document(
        [
            {
                **allow("ServiceAccountTokens", ("sts:AssumeRoleWithWebIdentity",), None, condition),
                "Principal": {"Federated": provider_arn},
            }
        ]
    )


def pod_identity_trust(*, cluster_arn: str, namespace: str, service_account: str | Sequence[str]) -> Document:
    """Trust in EKS Pod Identity for one service account of one cluster, or some of a namespace, by its session tags.

    Source: EKS User Guide, "Grant Pods access to AWS resources based on tags".
    """
    return document(
        [
            {
                **allow("PodIdentity", ("sts:AssumeRole", "sts:TagSession"), None, None),
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Condition": {
                    "StringEquals": {
                        "aws:RequestTag/eks-cluster-arn": cluster_arn,
                        "aws:RequestTag/kubernetes-namespace": namespace,
                        "aws:RequestTag/kubernetes-service-account": service_account,
                    }
                },
            }
        ]
    )


def service_trust(service: str) -> Document:
    """Trust in an AWS service, such as `ec2.amazonaws.com` for nodes."""
    return document([{**allow("Service", ("sts:AssumeRole",), None, None), "Principal": {"Service": service}}])
