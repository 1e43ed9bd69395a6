"""Which programs are needed, in which versions, and where each may come from. Versions of built tools are pinned in
`modules/<module>/go.mod` with their checksums in `go.sum`."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Release:
    """An official download: a file or archive, and the publisher's SHA-256 list for it."""

    url: str
    checksums: str


@dataclass(frozen=True, kw_only=True)
class Program:
    """One executable."""

    name: str
    package: str
    version_command: tuple[str, ...] = ()
    accepts: str = ""
    """Regular expression that the output of `version_command` must contain for a program found on PATH to be used."""
    release: Release | None = None


@dataclass(frozen=True, kw_only=True)
class Module:
    """Programs that one Go module builds.

    minutes: the measured time of a cold build on two cores. shaped_by: other files of this folder that go into the
    result. The digest of a module's folder is taken of all fields in its repr.
    """

    name: str
    programs: tuple[Program, ...]
    minutes: float = field(repr=False)
    link_flags: str = ""
    shaped_by: tuple[str, ...] = ()


KUBERNETES_VERSION = "v1.36.0"
PULUMI_VERSION = "3.259.0"
ETCD_VERSION = "v3.6.8"
HELM_VERSION = "v3.22.0"
VAULT_VERSION = "1.21.0"
SEALED_SECRETS_MODULE = "github.com/bitnami/sealed-secrets"
ESO_MODULE = "github.com/external-secrets/external-secrets"
CERT_MANAGER_MODULE = "github.com/cert-manager/cert-manager"
CSI_DRIVER_MODULE = "sigs.k8s.io/secrets-store-csi-driver"
CSI_SPEC_MODULE = "github.com/container-storage-interface/spec"

_KUBERNETES_RELEASE = f"https://dl.k8s.io/release/{KUBERNETES_VERSION}/bin/{{os}}/{{arch}}"
_VERSION_VARIABLE = "k8s.io/component-base/version"

# What every stack on this machine runs.
COMMON = (
    Module(
        name="etcd",
        minutes=0.7,
        programs=(
            Program(
                name="etcd",
                package="go.etcd.io/etcd/server/v3",
                version_command=("--version",),
                accepts=r"etcd Version: 3\.[56]\.",
                release=Release(
                    url=f"https://github.com/etcd-io/etcd/releases/download/{ETCD_VERSION}/etcd-{ETCD_VERSION}-{{os}}-{{arch}}.tar.gz",
                    checksums=f"https://github.com/etcd-io/etcd/releases/download/{ETCD_VERSION}/SHA256SUMS",
                ),
            ),
        ),
    ),
    Module(
        name="pulumi",
        minutes=4,
        link_flags=f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{PULUMI_VERSION}",
        programs=(
            Program(
                name="pulumi",
                package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
                version_command=("version",),
                accepts=r"^v3\.(259|2[6-9]\d)\.",
                release=Release(
                    url=f"https://get.pulumi.com/releases/sdk/pulumi-v{PULUMI_VERSION}-{{os}}-{{x64}}.tar.gz",
                    checksums=f"https://github.com/pulumi/pulumi/releases/download/v{PULUMI_VERSION}/pulumi-{PULUMI_VERSION}-checksums.txt",
                ),
            ),
        ),
    ),
    Module(
        name="pulumi-language-python",
        minutes=0.3,
        programs=(
            Program(
                name="pulumi-language-python",
                package="github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
            ),
        ),
        shaped_by=("modules/pulumi/go.mod",),
    ),
    Module(
        name="kubernetes",
        minutes=5,
        # Without a version the API server calls itself v0.0.0 and charts refuse it.
        link_flags=(
            f"-X {_VERSION_VARIABLE}.gitVersion={KUBERNETES_VERSION}"
            f" -X {_VERSION_VARIABLE}.gitMajor=1 -X {_VERSION_VARIABLE}.gitMinor=36"
        ),
        programs=tuple(
            Program(
                name=name,
                package=f"k8s.io/kubernetes/cmd/{name}",
                version_command=("--version",),
                accepts=r"Kubernetes v1\.3[3-6]\.",
                release=Release(
                    url=f"{_KUBERNETES_RELEASE}/{name}",
                    checksums=f"{_KUBERNETES_RELEASE}/{name}.sha256",
                ),
            )
            for name in ("kube-apiserver", "kube-controller-manager")
        ),
    ),
    Module(
        name="external-secrets",
        minutes=4,
        programs=(Program(name="external-secrets", package=ESO_MODULE),),  # published as a container image only
        shaped_by=("chart.py",),
    ),
    Module(
        name="helm",
        minutes=2.7,
        programs=(
            Program(
                name="helm",
                package="helm.sh/helm/v3/cmd/helm",
                version_command=("version", "--short"),
                accepts=r"v3\.(1[4-9]|2\d)\.",
                release=Release(
                    url=f"https://get.helm.sh/helm-{HELM_VERSION}-{{os}}-{{arch}}.tar.gz",
                    checksums=f"https://get.helm.sh/helm-{HELM_VERSION}-{{os}}-{{arch}}.tar.gz.sha256sum",
                ),
            ),
        ),
    ),
)
VAULT = Module(
    name="vault",
    minutes=6,
    programs=(
        Program(
            name="vault",
            package="github.com/hashicorp/vault",
            version_command=("version",),
            accepts=r"Vault v1\.(2[1-9]|[3-9]\d)\.",
            release=Release(
                url=f"https://releases.hashicorp.com/vault/{VAULT_VERSION}/vault_{VAULT_VERSION}_{{os}}_{{arch}}.zip",
                checksums=f"https://releases.hashicorp.com/vault/{VAULT_VERSION}/vault_{VAULT_VERSION}_SHA256SUMS",
            ),
        ),
    ),
)
# What only tests need: Argo CD's own packages read the Secrets that were made for it.
ARGOCD_READER = Module(
    name="argocd-reader",
    minutes=2.5,
    programs=(Program(name="argocd-reader", package="."),),
    shaped_by=("modules/argocd-reader/main.go",),
)
SOPS = Module(
    name="sops",
    minutes=1.1,
    programs=(
        Program(
            name="sops",
            package="github.com/getsops/sops/v3/cmd/sops",
            version_command=("--version", "--disable-version-check"),
            accepts=r"sops 3\.1[3-9]\.",
        ),
    ),
    link_flags="-X github.com/getsops/sops/v3/version.Version=3.13.3",
)
AGE = Module(
    name="age",
    minutes=0.1,
    programs=(
        Program(
            name="age-keygen",
            package="filippo.io/age/cmd/age-keygen",
            version_command=("--version",),
            accepts=r"v1\.[2-9]\.",
        ),
    ),
)
# `kubeseal` for the command `sealed`; the controller, which is published as a container image only, and its chart for
# tests.
SEALED_SECRETS = Module(
    name="sealed-secrets",
    minutes=0.6,
    programs=(
        Program(
            name="kubeseal",
            package=f"{SEALED_SECRETS_MODULE}/cmd/kubeseal",
            version_command=("--version",),
            accepts=r"kubeseal version: v?0\.4\d\.",
        ),
        Program(name="sealed-secrets-controller", package=f"{SEALED_SECRETS_MODULE}/cmd/controller"),
    ),
    link_flags="-X main.VERSION=0.40.0",
    shaped_by=("sealed_secrets.py",),
)
# What only tests need: cert-manager's controllers and chart; an ACME server, and a DNS server whose records are set.
CERT_MANAGER = Module(
    name="cert-manager",
    minutes=4,
    programs=(Program(name="cert-manager", package="."),),
    shaped_by=("modules/cert-manager/main.go",),
)
PEBBLE = Module(
    name="pebble",
    minutes=0.1,
    programs=tuple(
        Program(name=name, package=f"github.com/letsencrypt/pebble/v2/cmd/{name}")
        for name in ("pebble", "pebble-challtestsrv")
    ),
)
# What only tests need: the Secrets Store CSI driver, what it installs in a cluster, and the protocols that it speaks.
CSI_DRIVER = Module(
    name="secrets-store-csi-driver",
    minutes=2,
    programs=(Program(name="secrets-store-csi-driver", package=f"{CSI_DRIVER_MODULE}/cmd/secrets-store-csi-driver"),),
    shaped_by=("csi_driver.py", *(f"modules/secrets-store-csi-driver/mlog/{file}" for file in ("go.mod", "mlog.go"))),
)
MODULES = (*COMMON, VAULT, SOPS, AGE, SEALED_SECRETS, ARGOCD_READER, CERT_MANAGER, PEBBLE, CSI_DRIVER)
