// Package mlog has the names of monis.app/mlog that the driver calls. That module sets the format of the driver's log
// and nothing else, and is not served everywhere: here klog writes in its own format, at the level of the flag -v.
package mlog

import (
	"context"
	"fmt"
	"os"

	"k8s.io/klog/v2"
)

type Format string

const (
	FormatText Format = "text"
	FormatJSON Format = "json"
)

func Setup() func() { return klog.Flush }

func ValidateAndSetKlogLevelAndFormatGlobally(_ context.Context, _ klog.Level, format Format) error {
	if format != FormatText {
		return fmt.Errorf("no log as %s", format)
	}
	return nil
}

func Error(message string, err error) { klog.ErrorS(err, message) }

func Fatal(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
