package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed-f4dd853e/elman/elman-sweep/findings"
	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// A row is a condition in the live table.
type row struct {
	condition string
	total     int
	results   map[string]*runner.Result // by the run's ID: a run that is repeated counts once
	failed    int
	losses    []float64 // validation losses, the lowest first
}

// add takes in a run that is done.
func (r *row) add(result *runner.Result) {
	r.results[result.ID] = result
	r.failed, r.losses = 0, nil
	for _, one := range r.results {
		if one.Error != "" {
			r.failed++
		} else if loss, ok := one.Get(findings.Main); ok {
			r.losses = append(r.losses, loss)
		}
	}
	slices.Sort(r.losses)
}

// mean returns the mean loss, infinity if there is none yet.
func (r *row) mean() float64 {
	sum := 0.0
	for _, loss := range r.losses {
		sum += loss
	}
	if len(r.losses) == 0 {
		return math.Inf(1)
	}
	return sum / float64(len(r.losses))
}

// rowFormat is the columns in front of the condition.
const rowFormat = "%9s %8s %8s %8s  "

// cells returns what the table has of the condition.
func (r *row) cells() string {
	mean, lowest, highest := "", "", ""
	if n := len(r.losses); n > 0 {
		mean, lowest, highest = fmt.Sprintf("%.4f", r.mean()), fmt.Sprintf("%.4f", r.losses[0]), fmt.Sprintf("%.4f", r.losses[n-1])
	}
	name := r.condition
	if r.failed > 0 {
		name += fmt.Sprintf(" (%d failed)", r.failed)
	}
	return fmt.Sprintf(rowFormat, fmt.Sprintf("%d of %d", len(r.results)-r.failed, r.total), mean, lowest, highest) + name
}

// mostMessages is how many of the last messages the table leaves room for.
const mostMessages = 4

// draw returns the table for a window: the conditions, those with the lowest mean first, and the last messages.
func (p *progress) draw(_ time.Time, width, height int) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	n, _ := p.counts()
	done := float64(n) / float64(max(1, p.total))
	lines := []string{"elman-sweep: " + p.name}
	if p.command != "" {
		lines = append(lines, p.command)
	}
	lines = append(lines, fmt.Sprintf("%s %3.0f %%, %s", bar(done, width/3), math.Floor(100*done), p.line()), "",
		fmt.Sprintf(rowFormat, "runs", "mean", "lowest", "highest")+"validation loss (nats)")
	messages := p.lines[max(0, len(p.lines)-mostMessages):]
	rows := slices.Clone(p.rows)
	slices.SortStableFunc(rows, func(a, b *row) int { return cmp.Compare(a.mean(), b.mean()) })
	room := max(0, height-len(lines)-len(messages)-2)
	if len(rows) > room && room > 0 {
		lines = append(lines, tableLines(rows[:room-1])...)
		lines = append(lines, fmt.Sprintf("and %d more", len(rows)-room+1))
	} else {
		lines = append(lines, tableLines(rows[:min(room, len(rows))])...)
	}
	for len(lines) < height-1-len(messages) {
		lines = append(lines, "")
	}
	lines = append(append(lines, messages...), "Ctrl-C saves the runs and stops; the same command goes on")
	lines = lines[max(0, len(lines)-height):]
	for i, line := range lines {
		lines[i] = termtext.Clip(line, width)
	}
	return lines
}

func tableLines(rows []*row) (lines []string) {
	for _, r := range rows {
		lines = append(lines, r.cells())
	}
	return lines
}

// bar draws a share.
func bar(share float64, width int) string {
	full := int(share * float64(width))
	return strings.Repeat("█", full) + strings.Repeat("░", max(0, width-full))
}
