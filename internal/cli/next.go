package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/score"
)

func nextCommand(e *env) *cobra.Command {
	var prompt string
	var top int
	var asJSON bool
	c := &cobra.Command{
		Use:   "next MODEL",
		Short: "Show what a model expects next",
		Long: `Show the symbols that a model expects after a prompt, with their probabilities and surprisals
(-log2 p, in bits), the most likely first. Without a prompt, show what may begin a text. These
are the numbers by which elman score measures a text.`,
		Example: `  elman next novel --prompt "To be or not to "
  elman next novel --prompt "ROMEO:\n" --top 0 --json`,
		Args: arguments(1, 1, "a model file or run folder"),
		RunE: func(c *cobra.Command, args []string) error {
			if top < 0 {
				return usagef("--top is %d, must be 0 (all symbols) or more", top)
			}
			m, err := loadModel(args[0])
			if err != nil {
				return err
			}
			next, err := elman.New(m).Next(c.Context(), unescape(prompt))
			if unknown := (*corpus.UnknownSymbolError)(nil); errors.As(err, &unknown) {
				return fmt.Errorf("prompt: %w", err)
			}
			if err != nil {
				return err
			}
			if top == 0 {
				top = len(next.P)
			}
			var out strings.Builder
			for _, p := range next.Top(top) {
				switch {
				case asJSON:
					writeJSONLine(&out, struct {
						Symbol string  `json:"symbol"`
						Hex    string  `json:"hex,omitempty"`    // of what is not valid UTF-8
						Escape bool    `json:"escape,omitempty"` // stands for all that the alphabet lacks
						P      float64 `json:"p"`
						Bits   float64 `json:"bits"`
					}{p.Text, invalidBytes(p.Text), p.Escape, p.P, p.Bits.Float()})
				default:
					writePrediction(&out, p)
				}
			}
			_, err = e.stdout.Write([]byte(out.String()))
			return err
		},
	}
	fl := c.Flags()
	fl.StringVar(&prompt, "prompt", "", `text to continue; \n is a line break`)
	fl.IntVar(&top, "top", 10, "number of symbols to show (0: all)")
	fl.BoolVar(&asJSON, "json", false, "write one JSON object per symbol and line")
	return c
}

// writePrediction writes a line about a symbol that may follow.
func writePrediction(to *strings.Builder, p score.Prediction) {
	symbol := "(not in the alphabet)"
	if !p.Escape {
		symbol = fmt.Sprintf("%q", p.Text)
	}
	fmt.Fprintf(to, "%8.4f%% %9.3f bits  %s\n", 100*p.P, p.Bits.Float(), symbol)
}
