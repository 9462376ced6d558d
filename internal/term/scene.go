package term

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/termtext"
	"github.com/seed-f4dd853e/elman/train"
)

// A scene is everything that a panel shows. A copy does not change.
type scene struct {
	job      Job
	now      train.Progress
	forecast forecast
	curve    []point
	best     *point // lowest validation loss
	trouble  string // the last divergence
	sample   string
	sampleOf int64 // training step
	at       time.Time
	stopping bool
}

// A point is a report in the curve.
type point struct {
	step        int64
	loss, valid float64 // nats per symbol; valid is NaN without validation
}

// Styles are few, and none carries meaning alone: nothing is lost without colours.
var (
	bold  = ansi.NewStyle().Bold()
	faint = ansi.NewStyle().Faint()
	red   = ansi.NewStyle().ForegroundColor(ansi.Red)
	green = ansi.NewStyle().ForegroundColor(ansi.Green)
)

const (
	tall    = 16 // lines of a window with room for blank lines and settings
	tallest = 30 // lines with room for everything
	between = " · "
)

// draw returns the panel for a window, within its lines and columns.
func (s *scene) draw(width, height int) []string {
	lines := s.head(width, height)
	hint := faint.Styled(termtext.Clip("Ctrl-C saves the run and stops", width))
	if s.stopping {
		hint = bold.Styled(fit(width, "finishing the training step, saving", "Ctrl-C again ends at once"))
	}
	room := height - len(lines) - 1
	if rows := min(room/2+1, 20); rows >= termtext.LeastGraph {
		if curve := drawCurve(s.curve, width, rows); curve != nil {
			lines = append(lines, curve...)
			lines = append(lines, "")
			room -= len(curve) + 1
		}
	}
	lines = append(lines, s.drawSample(width, room)...)
	for len(lines) < height-1 {
		lines = append(lines, "")
	}
	lines = append(lines[:height-1], hint)
	for i, line := range lines {
		lines[i] = ansi.TruncateWc(line, width, "")
	}
	return lines
}

// head returns the lines above curve and sample: state, time, losses.
func (s *scene) head(width, height int) []string {
	lines := []string{bold.Styled(termtext.Clip("elman train: "+s.job.Name+", run folder "+s.job.Folder, width))}
	if height >= tall {
		lines = append(lines, faint.Styled(termtext.Clip(s.job.Network, width)))
		if height >= tallest {
			lines = append(lines, faint.Styled(termtext.Clip(s.job.Training, width)), faint.Styled(termtext.Clip(s.job.Text, width)))
		}
		lines = append(lines, "")
	}
	lines = append(lines, bar(s.now.Done, width), s.times(width), s.place(width))
	lines = append(lines, s.losses(width)...)
	if s.trouble != "" {
		lines = append(lines, red.Styled(termtext.Clip(s.trouble, width)))
	}
	if height >= tall {
		lines = append(lines, "")
	}
	return lines
}

// bar returns the progress bar.
func bar(done float64, width int) string {
	percent := fmt.Sprintf(" %5.1f %%", 100*done)
	n := max(0, width-len(percent))
	full := int(done * float64(n))
	return green.Styled(strings.Repeat("█", full)) + faint.Styled(strings.Repeat("░", n-full)) + percent
}

// times returns the phase, the time left and the time passed.
func (s *scene) times(width int) string {
	parts := []string{activity(s.now)}
	if left, ok := s.forecast.left(s.at); ok {
		parts = append(parts, "about "+Roughly(left)+" left")
	}
	return fit(width, append(parts, stopwatch(max(0, s.at.Sub(s.forecast.start)))+" passed")...)
}

// place returns step, epoch and speed.
func (s *scene) place(width int) string {
	epoch := fmt.Sprintf("epoch %.2f", s.now.Epoch)
	if s.job.Epochs > 0 {
		epoch += fmt.Sprintf(" of %d", s.job.Epochs)
	}
	parts := []string{fmt.Sprintf("step %d", s.now.Step), epoch}
	if speed := s.forecast.speed(); speed > 0 {
		parts = append(parts, report.Short(speed)+" symbols/s")
	}
	return fit(width, parts...)
}

// losses returns the loss since the last report and the best validation loss, in a second line if necessary.
func (s *scene) losses(width int) []string {
	var parts []string
	switch loss := s.now.Loss; {
	case loss > 0:
		parts = append(parts, "loss "+Nats(loss))
	case len(s.curve) > 0: // no progress since the last report
		parts = append(parts, "loss "+Nats(s.curve[len(s.curve)-1].loss))
	}
	if s.best != nil {
		best := fmt.Sprintf("best validation %s", Nats(s.best.valid))
		if len(parts) > 0 && ansi.StringWidthWc(parts[0]+between+best) > width {
			return []string{fit(width, parts...), fit(width, best)}
		}
		parts = append(parts, best)
	}
	return []string{fit(width, parts...)}
}

// drawSample returns the last sample in at most this many lines.
func (s *scene) drawSample(width, rows int) []string {
	if s.sample == "" || rows < 1 {
		return nil
	}
	var lines []string
	if rows > 4 {
		lines = append(lines, faint.Styled(termtext.Clip(fmt.Sprintf("sample of step %d", s.sampleOf), width)))
	}
	for line := range strings.SplitSeq(s.sample, "\n") {
		for _, row := range strings.Split(ansi.HardwrapWc(termtext.Wrap(termtext.Cells(line), width), width, true), "\n") {
			if len(lines) == rows {
				return lines
			}
			lines = append(lines, row)
		}
	}
	return lines
}

// fit joins as many parts as fit, at least the first.
func fit(width int, parts ...string) string {
	line := ""
	for i, part := range parts {
		longer := part
		if i > 0 {
			longer = line + between + part
		}
		if i > 0 && ansi.StringWidthWc(longer) > width {
			break
		}
		line = longer
	}
	return termtext.Clip(line, width)
}

// report adds a report to the curve, if it is later than the last.
func (s *scene) report(r train.Report) {
	p := point{r.Step, r.Loss, math.NaN()}
	if r.ValidLoss != nil {
		p.valid = *r.ValidLoss
	}
	if n := len(s.curve); n > 0 && s.curve[n-1].step >= p.step {
		return
	}
	s.curve = append(s.curve, p)
	if s.sample = r.Sample; r.Sample != "" {
		s.sampleOf = r.Step
	}
	if s.best == nil && !math.IsNaN(p.valid) || s.best != nil && p.valid < s.best.valid {
		s.best = &p
	}
}

// drawCurve returns the losses over training steps in at most this many lines; nil if there are too few, or too little room.
func drawCurve(points []point, width, rows int) []string {
	training, validation := termtext.GraphLine{Name: "training"}, termtext.GraphLine{Name: "validation"}
	for _, p := range points {
		training.Add(float64(p.step), p.loss)
		validation.Add(float64(p.step), p.valid)
	}
	lines := []termtext.GraphLine{training}
	if n := len(points); n > 0 && !math.IsNaN(points[n-1].valid) {
		lines = append(lines, validation)
	}
	return termtext.Graph(lines, "in nats per symbol", width, rows)
}
