package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/seed-f4dd853e/elman/internal/chart"
)

// paint draws the curves into a file.
func paint(file, title string, curves []curve) error {
	c := chart.Chart{Title: title, X: "training time (s)", Y: "loss on the text held out (nats per character)"}
	for _, curve := range curves {
		line := chart.Line{Name: curve.name}
		for _, at := range curve.points {
			line.X, line.Y = append(line.X, at.seconds), append(line.Y, at.loss)
		}
		c.Lines = append(c.Lines, line)
	}
	format, err := chart.Format(file)
	if err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	var picture bytes.Buffer
	if err := chart.Write(&picture, format, c); err != nil {
		return fmt.Errorf("picture %s: %w", file, err)
	}
	return os.WriteFile(file, picture.Bytes(), 0o666)
}
