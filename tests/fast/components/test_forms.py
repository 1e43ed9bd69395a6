"""Forms of texts: what each lets through and what it stops."""

import pytest

from components import ConfigError, forms
from components.aws import forms as aws_forms
from tests.fast.components import samples

DIGEST = "a" * 64

GOOD: dict[str, list[str]] = {
    "FUNCTION_ARN": [f"arn:aws:lambda:eu-west-1:{samples.ACCOUNT}:function:rotate_it"],
    "ROTATION_SCHEDULE": [
        "rate(1 day)",
        "rate(30 days)",
        "rate(4 hours)",
        "cron(0 3 1 * ? *)",
        "cron(0 /8 * JAN,6-8 ? *)",
        "cron(0 0 ? * SUN#1 *)",
        "cron(0 16 L * ? *)",
    ],
    "KEY_ARN": [samples.KEY_ARN, f"arn:aws-cn:kms:cn-north-1:{samples.ACCOUNT}:key/mrk-0f0f"],
    "SECRET_ARN": [f"arn:aws:secretsmanager:eu-west-1:{samples.ACCOUNT}:secret:platform/prod/x-AbCdEf"],
    "PRINCIPAL_ARN": [
        f"arn:aws:iam::{samples.ACCOUNT}:role/deployer",
        f"arn:aws:iam::{samples.ACCOUNT}:role/a/path/de+pl=oy,e.r@x",
        f"arn:aws-us-gov:iam::{samples.ACCOUNT}:user/deployer",
    ],
    "ROLE_ARN": [f"arn:aws:iam::{samples.ACCOUNT}:role/deployer", f"arn:aws-cn:iam::{samples.ACCOUNT}:role/a/path/b"],
    "OIDC_PROVIDER_ARN": [f"arn:aws:iam::{samples.ACCOUNT}:oidc-provider/127.0.0.1:14581/id/ABC"],
    "ECR_REPOSITORY_ARN": [f"arn:aws:ecr:eu-west-1:{samples.ACCOUNT}:repository/team/shop-api"],
    "TRAIL_ARN": [f"arn:aws:cloudtrail:eu-west-1:{samples.ACCOUNT}:trail/organization"],
    "SECRET_NAME": ["a", "database/password", "tenants/acme/api", "a.b", "a_b-c", "a" * 400],
    "SECRET_PREFIX": ["a/", "payments/", "payments/eu/", "a.b_c-d/", "a" * 199 + "/"],
    "TEAM_NAME": ["a", "payments", "team-1", "a" * 40],
    "FILE_NAME": ["a", "database-password", "tls.crt", "_A", "a" * 253],
    "FILE_PATH": ["/a", "/etc/vault/ca.pem"],
    "SECRET_IN_MANAGER": ["platform/prod/database", "platform--prod--database", "a", "a.b/c@d"],
    "TENANT_NAME": ["a", "acme", "0-1", "a" * 48],
    "SECRET_NAME_END": ["database", "a-12345", "a-1234567"],
    "DNS_LABEL": ["a", "a-b", "0", "a" * 63],
    "DNS_SUBDOMAIN": ["a", "team.store", "a" * 253],
    "LABEL_KEY": ["team", "example.com/team", "Team_1.x"],
    "LABEL_VALUE": ["", "payments", "A_b.c-1"],
    "NAMESPACE_PATTERN": ["team", r"^team-\d+$", "^(?:a|b)$"],
    "WHOLE_NAMESPACE_PATTERN": ["^team$", "^(a|b(c|d))$", "^(?:a|b)-.*$"],
    "DNS_ZONE": ["example.com", "a.co", "x-1.example.co.uk", "xn--bcher-kva.example"],
    "DNS_NAME": ["example.com", "*.example.com", "a.b.example.com"],
    "BASE64": ["QUJD", "QUI=", "QQ==", "QUJDQUJD"],
    "EMAIL": ["a@example.com", "a.b+c@mail.example.com"],
    "HOSTED_ZONE_ID": ["Z0123456789ABCDEFGHIJ", "Z1PA"],
    "DURATION": ["1s", "90m", "24h"],
    "IMAGE": [
        "x/y:z",
        "localhost/aws-encryption-provider:v0.4.0",
        "registry.example.com:5000/team/aws-encryption-provider:v1",
        f"registry.example.com/plugin@sha256:{DIGEST}",
        f"registry.example.com/plugin:v1@sha256:{DIGEST}",
        "plugin:latest-2",
    ],
    "GIT_SSH_URL": [
        "git@git.example.com:platform/deploy.git",
        "ssh://git@git.example.com/~team/deploy",
        "ssh://git@git.example.com:2222/a.git",
    ],
    "HTTPS_URL": ["https://kubernetes.default.svc", "https://127.0.0.1:14581/id/A/", "https://[::1]:6443"],
    "CIDR": ["203.0.113.0/24", "0.0.0.0/0", "2001:db8::/32"],
    "LIMITED_CIDR": ["203.0.113.7/32", "203.0.0.0/8", "2001:db8::/32"],
    "SUBNET_ID": ["subnet-01234567", "subnet-0123456789abcdef0"],
    "KUBERNETES_VERSION": ["1.34"],
}

BAD: dict[str, list[str]] = {
    "FUNCTION_ARN": [
        "rotate",
        f"arn:aws:lambda:eu-west-1:{samples.ACCOUNT}:function:rotate:7",
        f"arn:aws:lambda:eu-west-1:{samples.ACCOUNT}:function:*",
    ],
    "ROTATION_SCHEDULE": [
        "",
        "30 days",
        "rate(0 days)",
        "rate(1 days)",
        "rate(30 minutes)",
        "cron()",
        "cron(x y z a b c)",
        "cron(0 3 1 * ?)",
        "cron(30 3 1 * ? *)",
        "cron(0 3 1 * ? 2030)",
        "rate(1 day)\n",
    ],
    "KEY_ARN": ["", "alias/x", samples.KEY_ARN.replace(":key/", ":alias/"), samples.KEY_ARN.replace("eu-west-1", "")],
    "SECRET_ARN": [
        f"arn:aws:secretsmanager:eu-west-1:{samples.ACCOUNT}:secret:database",
        f"arn:aws:secretsmanager:eu-west-1:{samples.ACCOUNT}:secret:database-*",
    ],
    "PRINCIPAL_ARN": [
        "*",
        samples.ACCOUNT,
        f"arn:aws:iam::{samples.ACCOUNT}:root",
        f"arn:aws:iam::{samples.ACCOUNT}:role/",
        f"arn:aws:iam::{samples.ACCOUNT}:role/*",
        f"arn:aws:iam::{samples.ACCOUNT}:role/deploy?r",
        f"arn:aws:iam::*:role/{samples.ACCOUNT}",
        f"arn:aws:iam::{samples.ACCOUNT}:group/x",
        f"arn:aws:sts::{samples.ACCOUNT}:assumed-role/deployer/me",
    ],
    "ROLE_ARN": [
        f"arn:aws:iam::{samples.ACCOUNT}:user/deployer",
        f"arn:aws:iam::{samples.ACCOUNT}:role/*",
        f"arn:aws:sts::{samples.ACCOUNT}:assumed-role/deployer/me",
    ],
    "OIDC_PROVIDER_ARN": [f"arn:aws:iam::{samples.ACCOUNT}:role/x", f"arn:aws:iam::{samples.ACCOUNT}:oidc-provider/*"],
    "ECR_REPOSITORY_ARN": ["shop", f"arn:aws:ecr:eu-west-1:{samples.ACCOUNT}:repository/*"],
    "TRAIL_ARN": ["organization", f"arn:aws:cloudtrail:eu-west-1:{samples.ACCOUNT}:trail/*"],
    "SECRET_NAME": ["", "/a", "a/", "A", "a b", "a//b", "a--b", "a" * 401, "a\n", "ключ"],
    "SECRET_PREFIX": [
        "",
        "/",
        "a",
        "a//",
        "/a/",
        "A/",
        "*/",
        "a*/",
        "a/*",
        "a/+/",
        "../a/",
        "a b/",
        "a/\n",
        "a" * 200 + "/",
    ],
    "TEAM_NAME": ["", "A", "-a", "a-", "a--b", "1a", "a b", "a" * 41, "a\n"],
    "FILE_NAME": ["", ".", "..", ".a", "a/b", "../a", "-a", "a b", "a" * 254, "a\n"],
    "FILE_PATH": ["", "/", "a", "/a/", "/a b"],
    "SECRET_IN_MANAGER": ["", "/a", "a/", "a//b", "arn:aws:secretsmanager:x", "a b", "a\n", "*"],
    "TENANT_NAME": ["", "Acme", "acme/x", "-a", "a-", "a_b", "a" * 49, "a\n", "*"],
    "SECRET_NAME_END": ["name-abcdef", "db-tokens"],
    "DNS_LABEL": ["", "-a", "a-", "A", "a.b", "a" * 64, "a\n"],
    "DNS_SUBDOMAIN": ["", ".a", "a.", "a..b", "A", "a" * 254],
    "LABEL_KEY": ["", "/team", "a/b/c", "-team", "t" * 64, "Example.com/team"],
    "LABEL_VALUE": ["-a", "a b", "v" * 64],
    "NAMESPACE_PATTERN": ["(", "[a", "*", r"(?!kube)x", r"(?=a)", r"(?<=a)b", r"(a)\1", "a++"],
    "WHOLE_NAMESPACE_PATTERN": ["team", "^team", "team$", r"^team\$", "^a|b$", "^(a)|b$", "^(a|(b))|c$"],
    "DNS_ZONE": [
        *("", "com", "example.com.", ".example.com", "*.example.com", "Example.com", "a..b", "example.com\n"),
        *("-a.example", "a-.example", "_a.example.com", "192.0.2.1", f"{'a' * 64}.example"),
    ],
    "DNS_NAME": ["", "*", "*.com", "*.*.example.com", "a.*.example.com", "*example.com", "com"],
    "BASE64": ["", "QUJ", "QUJD\n", "-----BEGIN x-leak", "QQ=A"],
    "EMAIL": ["", "x-leak", "a@b", "a b@example.com", "mailto:a@example.com"],
    "HOSTED_ZONE_ID": ["", "*", "/hostedzone/Z0123456789ABCDEFGHIJ", "example.com", "z0123", "Z" * 33],
    "DURATION": ["", "0", "0h", "1", "h", "1h30m", "1d", "-1h", "1 h", "1h\n"],
    "IMAGE": ["", "plugin", "x/y", "x/y:latest", "x/y:", "x y:z", "X/Y:z", f"x@sha256:{DIGEST[1:]}", "x/y:z\n"],
    "GIT_SSH_URL": [
        "https://user:x-leak@git.example.com/a.git",
        "http://git.example.com/a",
        "git@git.example.com",
        "git@git.example.com:a b",
        "root@git.example.com:a",
        "ssh://git.example.com/a",
    ],
    "HTTPS_URL": ["http://x", "x", "https://", "https://user:x-leak@x/", "https://x/a b", "https://x@y"],
    "CIDR": ["", "203.0.113.0", "203.0.113.1/24", "203.0.113.0/33", "x/8"],
    "LIMITED_CIDR": ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0", "x"],
    "SUBNET_ID": ["subnet-1", "subnet-x1234567", "vpc-01234567"],
    "KUBERNETES_VERSION": ["1", "1.3", "1.345", "v1.34", "2.10"],
}


FORMS = {
    name: value
    for module in (forms, aws_forms)
    for name, value in vars(module).items()
    if isinstance(value, forms.Form)
}


def cases(texts: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(form, text) for form, several in texts.items() for text in several]


@pytest.mark.parametrize(("form", "text"), cases(GOOD))
def test_good(form: str, text: str) -> None:
    FORMS[form].require("Any.field", text)


@pytest.mark.parametrize(("form", "text"), cases(BAD))
def test_bad(form: str, text: str) -> None:
    with pytest.raises(ConfigError, match=r"^Any\.field: .+\n  mend: .+") as caught:
        FORMS[form].require("Any.field", text)
    assert "x-leak" not in str(caught.value)


def test_every_form_is_tested() -> None:
    of_names = {"PREFIX", "ENVIRONMENT_NAME", "ACCOUNT_ID", "REGION"}  # test_names.py
    assert set(FORMS) == set(GOOD) | of_names == set(BAD) | of_names
