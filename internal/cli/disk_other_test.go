//go:build !linux

package cli_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func canMount(*testing.T) bool { return false }

func disk(ts *testscript.TestScript, _ bool, _ []string) { ts.Fatalf("no small file systems here") }
