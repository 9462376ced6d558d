package cli

import (
	"context"
	"os"
	"time"

	"github.com/seed-f4dd853e/elman/train"
)

// PanicInPanel is a program whose training panics while a panel is on the terminal.
func PanicInPanel() {
	e := &env{stderr: forPeople(os.Stderr, terminal(os.Stderr)), keys: terminal(os.Stdin), screen: terminal(os.Stderr), interrupt: func() {}}
	p := newPanel(context.Background(), e, &trainFlags{}, &plainLines{w: e.stderr, job: job{name: "doomed"}, now: time.Now})
	defer p.stop()
	p.start(0)
	p.report(train.Report{Step: 7, Loss: 1})
	panic("out of luck")
}
