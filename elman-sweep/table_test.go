package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-f4dd853e/elman/elman-sweep/findings"
	"github.com/seed-f4dd853e/elman/elman-sweep/queue"
	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// TestTable draws the table of a study of three conditions, one of whose runs fails and is then repeated.
func TestTable(t *testing.T) {
	s := &study.Study{Name: "Cells"}
	for _, r := range []struct{ id, condition string }{{"1", "cell=gru"}, {"2", "cell=gru"}, {"3", "cell=lstm"}, {"4", "cell=lstm"}, {"5", "cell=elman"}} {
		s.Runs = append(s.Runs, study.Run{Task: study.Task{ID: r.id}, Condition: r.condition, Seed: 7})
	}
	var out strings.Builder
	p := newProgress(s, "")
	p.out = &out
	done := func(run int, loss float64, err error, before bool) {
		r := &runner.Result{ID: s.Runs[run].ID, Values: []runner.Value{{Name: findings.Main, Value: loss}}}
		if err != nil {
			r.Error, r.Values = err.Error(), nil
		}
		p.done(queue.Finished{Run: &s.Runs[run], Result: r, Before: before})
	}
	table := func(width, height int) string {
		lines := p.draw(time.Now(), width, height)
		if len(lines) != height {
			t.Errorf("%d lines for a window of %d", len(lines), height)
		}
		for _, line := range lines {
			if termtext.Width(line) > width {
				t.Errorf("a line is wider than %d: %q", width, line)
			}
		}
		return strings.Join(lines, "\n") + "\n"
	}
	done(0, 2.5, nil, true)
	done(2, 2, nil, false)
	done(3, 0, errors.New("elman: no memory"), false)
	p.started = time.Now().Add(-time.Minute)
	p.say("machine attic is refused")
	const want = `elman-sweep: Cells
███████████████░░░░░░░░░░  60 %, 3 of 5 runs, 1 failed, about 60.0 s left

     runs     mean   lowest  highest  validation loss (nats)
   1 of 2   2.0000   2.0000   2.0000  cell=lstm (1 failed)
   1 of 2   2.5000   2.5000   2.5000  cell=gru
   0 of 1                             cell=elman

Ctrl-C saves the runs and stops; the same command goes on
`
	if diff := cmp.Diff(want, table(75, 9)); diff != "" {
		t.Errorf("the table differs (-want +got):\n%s", diff)
	}
	if got := table(60, 8); !strings.Contains(got, "cell=lstm (1 failed)\nand 2 more\n") {
		t.Errorf("a low window shows\n%s", got)
	}
	p.command = "elman-sweep work nats://secret@server:4222"
	if got := table(75, 10); !strings.HasPrefix(got, "elman-sweep: Cells\nelman-sweep work nats://secret@server:4222\n█") {
		t.Errorf("with workers on other machines the table begins with\n%s", got)
	}
	p.command = ""
	for height := 1; height < 12; height++ {
		table(20, height)
	}
	done(3, 1, nil, false) // again, on another machine
	done(1, 2.7, nil, false)
	if got := table(75, 9); !strings.Contains(got, "   2 of 2   1.5000   1.0000   2.0000  cell=lstm\n   2 of 2   2.6000   2.5000   2.7000  cell=gru\n") || !strings.Contains(got, "4 of 5 runs, about") {
		t.Errorf("after the repetition the table is\n%s", got)
	}
	if want := "3 of 5 runs, 1 failed"; !strings.Contains(out.String(), want) || strings.Contains(out.String(), "seed 7: validation 2.5000") {
		t.Errorf("the lines are\n%s", out.String())
	}
}
