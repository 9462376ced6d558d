package cli

import (
	"os"

	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/run"
)

// PanicInPanel is a program whose training panics while a panel is on the terminal.
func PanicInPanel() {
	screen := term.Open(os.Stderr)
	p := term.NewPanel(screen, term.NewLines(term.NewProse(os.Stderr, screen), term.Job{Name: "doomed"}), func() bool { return false }, nil)
	defer p.Stop()
	p.Start(0)
	p.Report(train.Report{Metrics: run.Metrics{Step: 7, Loss: 1}})
	panic("out of luck")
}
