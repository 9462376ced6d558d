package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/language"
)

type corpusFlags struct {
	seed    uint64
	size    int64
	entropy bool
	asJSON  bool
}

func corpusCommand(e *env) *cobra.Command {
	var f corpusFlags
	c := &cobra.Command{
		Use:   "corpus [NAME]",
		Short: "Write a generated language, or list them",
		Long: `Write so many bytes of a generated language to standard output, or list the languages. The
same seed gives the same text, of which every shorter one is the beginning.

Every language has an entropy rate that is computed from its rules, not estimated from text: no
model's mean loss on a long text stays below it. The list shows it; --entropy derives it. Where it
says "<=", the rate is proven to be no higher, and may be a little lower. Nats are what losses are
given in; a nat is 1.4427 bits.`,
		Example: `  elman corpus
  elman corpus play --size 100000 --seed 7 > play.txt
  elman corpus reber --entropy`,
		Args: arguments(0, 1, ""),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listLanguages(e.stdout, c, f)
			}
			l, err := language.Find(args[0])
			switch {
			case err != nil:
				return usageError{err}
			case f.entropy && (c.Flags().Changed("seed") || c.Flags().Changed("size")):
				return usagef("--entropy is of the language, not of a text; leave out --seed and --size")
			case f.entropy:
				printEntropy(e.stdout, l, f.asJSON)
				return nil
			case f.asJSON:
				return usagef("--json is for the list and for --entropy; a text is written as it is")
			case f.size < 1:
				return usagef("--size is %d, must be at least 1", f.size)
			}
			return l.Write(e.stdout, f.seed, f.size)
		},
	}
	fl := c.Flags()
	fl.Uint64Var(&f.seed, "seed", 1, "of everything random")
	fl.Int64Var(&f.size, "size", 1<<20, "bytes to write")
	fl.BoolVar(&f.entropy, "entropy", false, "print the entropy rate of the language and how it is derived")
	fl.BoolVar(&f.asJSON, "json", false, "a JSON object for each language, one per line")
	return c
}

func listLanguages(w io.Writer, c *cobra.Command, f corpusFlags) error {
	switch {
	case c.Flags().Changed("seed") || c.Flags().Changed("size"):
		return usagef("--seed and --size are for writing a language; name one of %s", languageNames())
	case f.entropy:
		return usagef("--entropy is of one language; name one of %s", languageNames())
	}
	for _, l := range language.All() {
		if f.asJSON {
			printEntropy(w, l, true)
			continue
		}
		rate := l.Entropy()
		fmt.Fprintf(w, "%-14s %2s %.4f nats/char  %s\n", l.Name, sign(rate), rate.Nats, l.Doc)
	}
	return nil
}

func printEntropy(w io.Writer, l language.Language, asJSON bool) {
	rate := l.Entropy()
	if asJSON {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		out.Encode(struct {
			Language   string  `json:"language"`
			Doc        string  `json:"doc"`
			Nats       float64 `json:"nats_per_character"`
			Bits       float64 `json:"bits_per_character"`
			Exact      bool    `json:"exact"`
			Derivation string  `json:"derivation"`
		}{l.Name, l.Doc, rate.Nats, rate.Bits(), rate.Exact, rate.Derivation})
		return
	}
	fmt.Fprintf(w, "%s: entropy %s %.6f nats per character = %.6f bits per character\n\n%s\n",
		l.Name, sign(rate), rate.Nats, rate.Bits(), rate.Derivation)
}

// sign is what stands between "entropy" and the number.
func sign(r language.EntropyRate) string {
	if r.Exact {
		return "="
	}
	return "<="
}

func languageNames() string {
	var names []string
	for _, l := range language.All() {
		names = append(names, l.Name)
	}
	return strings.Join(names, ", ")
}
