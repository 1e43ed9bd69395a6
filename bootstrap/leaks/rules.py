"""Every rule by its name: why it refuses, and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    why: str
    mend: str


_REVOKE = "revoke it where it was issued, then keep the new one in the secret manager"
_REFER = "keep the value in the secret manager and write an ExternalSecret, or encrypt the file with SOPS"

RULES = {
    "secret-manifest": Rule("a Secret holds a value; base64 is no encryption", _REFER),
    "argocd-credential": Rule(
        "an Argo CD cluster or repository Secret holds a token, password or key",
        "use workload identity (awsAuthConfig, execProviderConfig) or an ExternalSecret with the label in its template",
    ),
    "named-credential": Rule(
        "a field of Helm values or a container's environment that is named as a credential holds a literal",
        "refer to an existing Secret (existingSecret, secretKeyRef) that an ExternalSecret makes",
    ),
    "kustomize-generator": Rule("a secretGenerator makes a Secret from plain text in Git", _REFER),
    "kubeconfig-credential": Rule(
        "a kubeconfig holds a token, password or client key", "use an exec plugin, and " + _REVOKE
    ),
    "private-key": Rule("a private key", "make a new key pair and keep its private half in the secret manager"),
    "age-key": Rule(
        "an age identity decrypts every file for its recipient", "make a new one and run `sops updatekeys`"
    ),
    "aws-key": Rule("an AWS access key", f"use a role; {_REVOKE}"),
    "gcp-key": Rule("a Google Cloud key", f"use workload identity; {_REVOKE}"),
    "azure-credential": Rule("an Azure secret, key or signature", f"use workload identity; {_REVOKE}"),
    "vault-token": Rule("a Vault token", f"use the Kubernetes or JWT auth method; {_REVOKE}"),
    "git-host-token": Rule("a token of GitHub or GitLab", _REVOKE),
    "slack-token": Rule("a Slack token or webhook", _REVOKE),
    "service-token": Rule("a token whose shape one service alone uses", _REVOKE),
    "json-web-token": Rule("a signed JSON Web Token", f"use short-lived tokens that are never stored; {_REVOKE}"),
    "url-password": Rule("a URL with a password", f"put a reference in its place; {_REVOKE}"),
    "sops-plaintext": Rule(
        "a creation rule of .sops.yaml says that this is encrypted, and it is not", "sops -e -i FILE"
    ),
    "sops-partly-encrypted": Rule(
        "a file with SOPS metadata holds values that its own rules encrypt, in plain text",
        "edit it with `sops FILE`, never by hand; change the values that were exposed",
    ),
    "allowance": Rule(
        "an exception without a reason, or for a rule that does not exist", "write `leaks: allow RULE: REASON`"
    ),
}
