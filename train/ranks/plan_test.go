package ranks

import (
	"strings"
	"testing"
)

// TestPlan: ranks of another version, or another byte order, are told.
func TestPlan(t *testing.T) {
	own := Plan{Program: thisProgram(), Order: ownOrder()}
	if err := own.check(); err != nil {
		t.Errorf("its own plan: %v", err)
	}
	another, turned := own, own
	another.Program += ", true"
	turned.Order = turned.Order<<8 | turned.Order>>8
	for want, p := range map[string]Plan{"another version of the program": another, "another byte order": turned} {
		if err := p.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
