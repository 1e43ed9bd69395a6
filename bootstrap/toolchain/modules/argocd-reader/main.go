// Argo CD's own view of its secrets, as JSON: it reads a namespace by Argo CD's packages and shows no value.
//
//	argocd-reader --kubeconfig FILE --namespace NAMESPACE [--repository URL [--project PROJECT]]...
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/db"
	"github.com/argoproj/argo-cd/v3/util/git"
	"github.com/argoproj/argo-cd/v3/util/settings"
	"github.com/sirupsen/logrus"
	"golang.org/x/crypto/ssh"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

type repository struct {
	URL, Project, Error   string
	Credential            string // the type that Argo CD makes of the secret
	Inherited             bool
	Username              string
	AppID, InstallationID int64
	EnterpriseURL         string
	Fingerprint           string // of an SSH key: its public half; else SHA-256 of the secret part
}

type cluster struct {
	Name, Server, Project, Error string
	Namespaces                   []string
	ClusterResources             bool
	Command                      []string // what Argo CD would run to get in
	Environment                  map[string]string
	Insecure, HasStoredSecret    bool
	Authority                    string
}

type answer struct {
	Repositories []repository
	Asked        []repository
	Templates    []string
	Clusters     []cluster
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "file")
	namespace := flag.String("namespace", "argocd", "Argo CD's namespace")
	project := flag.String("project", "", "the project for which the repositories are asked")
	var urls []string
	flag.Func("repository", "address to find the credential of", func(url string) error {
		urls = append(urls, url)
		return nil
	})
	flag.Parse()
	logrus.SetOutput(io.Discard)
	if err := run(*kubeconfig, *namespace, *project, urls); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(kubeconfig, namespace, project string, urls []string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	ctx := context.Background()
	argocd := db.NewDB(namespace, settings.NewSettingsManager(ctx, client, namespace), client)

	found := answer{}
	repositories, err := argocd.ListRepositories(ctx)
	if err != nil {
		return err
	}
	for _, one := range repositories {
		found.Repositories = append(found.Repositories, seen(one))
	}
	for _, url := range urls {
		one, err := argocd.GetRepository(ctx, url, project)
		if err != nil {
			return err
		}
		found.Asked = append(found.Asked, seen(one))
	}
	if found.Templates, err = argocd.ListRepositoryCredentials(ctx); err != nil {
		return err
	}
	clusters, err := argocd.ListClusters(ctx)
	if err != nil {
		return err
	}
	for _, one := range clusters.Items {
		found.Clusters = append(found.Clusters, reached(one))
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

func seen(one *v1alpha1.Repository) repository {
	view := repository{
		URL: one.Repo, Project: one.Project, Username: one.Username, Inherited: one.InheritedCreds,
		AppID: one.GithubAppId, InstallationID: one.GithubAppInstallationId, EnterpriseURL: one.GitHubAppEnterpriseBaseURL,
		Error: one.ConnectionState.Message,
	}
	switch one.GetGitCreds(git.NoopCredsStore{}).(type) {
	case git.SSHCreds:
		view.Credential = "ssh"
		key, err := ssh.ParsePrivateKey([]byte(one.SSHPrivateKey))
		if err != nil {
			view.Error = "the SSH key cannot be read"
		} else {
			view.Fingerprint = ssh.FingerprintSHA256(key.PublicKey())
		}
	case git.HTTPSCreds:
		view.Credential, view.Fingerprint = "https", digest(one.Password)
	case git.GitHubAppCreds:
		view.Credential, view.Fingerprint = "githubApp", digest(one.GithubAppPrivateKey)
	case git.AzureWorkloadIdentityCreds:
		view.Credential = "azureWorkloadIdentity"
	case git.NopCreds:
		view.Credential = "none"
	default:
		view.Credential = "unexpected"
	}
	return view
}

func reached(one v1alpha1.Cluster) cluster {
	view := cluster{
		Name: one.Name, Server: one.Server, Project: one.Project, Namespaces: one.Namespaces,
		ClusterResources: one.ClusterResources, Insecure: one.Config.Insecure, Authority: string(one.Config.CAData),
		HasStoredSecret: one.Config.Password != "" || one.Config.BearerToken != "" || len(one.Config.KeyData) > 0,
	}
	if one.Server == v1alpha1.KubernetesInternalAPIServerAddr {
		return view // by its own service account, which only a pod has
	}
	config, err := one.RawRestConfig()
	if err != nil {
		view.Error = err.Error()
	} else if helper := config.ExecProvider; helper != nil {
		view.Command = append([]string{helper.APIVersion, helper.Command}, helper.Args...)
		view.Environment = map[string]string{}
		for _, variable := range helper.Env {
			view.Environment[variable.Name] = variable.Value
		}
	}
	return view
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
