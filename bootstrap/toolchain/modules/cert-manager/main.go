// cert-manager's controllers for ACME, as its own controller binary starts them: that binary's module is published in no
// module proxy, so this one stands in for it. It serves no webhook, no Gateway API and no metrics.
//
//	cert-manager --kubeconfig FILE --controllers NAME,… --cluster-resource-namespace NAMESPACE \
//	  --dns01-recursive-nameservers HOST:PORT
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cert-manager/cert-manager/pkg/controller"
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmechallenges"
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmeorders"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/acme"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	"k8s.io/apimachinery/pkg/api/resource"
)

const workers = 2

func main() {
	kubeconfig := flag.String("kubeconfig", "", "file")
	controllers := flag.String("controllers", "", "which of them run, with commas between them")
	namespace := flag.String("cluster-resource-namespace", "cert-manager", "where a ClusterIssuer's objects lie")
	nameservers := flag.String("dns01-recursive-nameservers", "", "HOST:PORT, with commas between them")
	solverImage := flag.String("acme-http01-solver-image", "", "image of the pods that answer for HTTP-01")
	retry := flag.Duration("dns01-check-retry-period", time.Second, "between two looks at a record")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, strings.Split(*controllers, ","), controller.ContextOptions{
		Kubeconfig: *kubeconfig,
		IssuerOptions: controller.IssuerOptions{
			ClusterResourceNamespace:        *namespace,
			ClusterIssuerAmbientCredentials: true,
		},
		ACMEOptions: controller.ACMEOptions{
			HTTP01SolverResourceRequestCPU:    resource.MustParse("10m"),
			HTTP01SolverResourceRequestMemory: resource.MustParse("64Mi"),
			HTTP01SolverResourceLimitsCPU:     resource.MustParse("100m"),
			HTTP01SolverResourceLimitsMemory:  resource.MustParse("64Mi"),
			ACMEHTTP01SolverRunAsNonRoot:      true,
			HTTP01SolverImage:                 *solverImage,
			DNS01Nameservers:                  strings.Split(*nameservers, ","),
			DNS01CheckRetryPeriod:             *retry,
		},
		CertificateOptions: controller.CertificateOptions{
			CertificateRequestMinimumBackoffDuration: time.Hour,
			CertificateRequestMaximumBackoffDuration: 32 * time.Hour,
		},
		SchedulerOptions: controller.SchedulerOptions{MaxConcurrentChallenges: 60},
	}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, names []string, options controller.ContextOptions) error {
	factory, err := controller.NewContextFactory(ctx, options)
	if err != nil {
		return err
	}
	base, err := factory.Build()
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	for _, name := range names {
		construct, known := controller.Known()[name]
		if !known {
			return fmt.Errorf("no controller is called %q", name)
		}
		made, err := construct(factory)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		running.Go(func() {
			if err := made.Run(workers, ctx); err != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
			}
		})
	}
	base.SharedInformerFactory.Start(ctx.Done())
	base.KubeSharedInformerFactory.Start(ctx.Done())
	base.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	running.Wait()
	return nil
}
