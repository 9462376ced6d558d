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
		Long: `Without NAME, list the generated languages. With NAME, write the first --size bytes of a text in
that language to standard output. A text depends on the seed alone: a larger size continues it.

The list shows the entropy rate of each language in nats per character (1 nat is 1.4427 bits).
It is computed from the rules of the language, not estimated from text; --entropy shows how. On a
long text no model can have a lower mean loss. "<=" marks an upper bound: the true rate may be
slightly lower.`,
		Example: `  elman corpus
  elman corpus play --size 100000 --seed 7 > play.txt
  elman corpus reber --entropy`,
		Args: arguments(0, 1, ""),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return e.listLanguages(c, f)
			}
			l, err := language.Find(args[0])
			switch {
			case err != nil:
				return usageError{err}
			case f.entropy && (c.Flags().Changed("seed") || c.Flags().Changed("size")):
				return usagef("--entropy does not depend on the text; leave out --seed and --size")
			case f.entropy:
				e.printEntropy(l, f.asJSON)
				return nil
			case f.asJSON:
				return usagef("--json is for the list and for --entropy, not for a text; leave it out")
			case f.size < 1:
				return usagef("--size is %d, must be at least 1", f.size)
			}
			return l.Write(e.stdout, f.seed, f.size)
		},
	}
	fl := c.Flags()
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the text")
	fl.Int64Var(&f.size, "size", 1<<20, "number of bytes to write")
	fl.BoolVar(&f.entropy, "entropy", false, "show the entropy rate and its derivation")
	fl.BoolVar(&f.asJSON, "json", false, "write one JSON object per language and line")
	return c
}

func (e *env) listLanguages(c *cobra.Command, f corpusFlags) error {
	switch {
	case c.Flags().Changed("seed") || c.Flags().Changed("size"):
		return usagef("--seed and --size need a language; choose %s", languageNames())
	case f.entropy:
		return usagef("--entropy needs a language; choose %s", languageNames())
	}
	for _, l := range language.All() {
		if f.asJSON {
			e.printEntropy(l, true)
			continue
		}
		rate := l.Entropy()
		io.WriteString(e.stdout, e.layOut(fmt.Sprintf("%-14s  %2s %.4f nats/char  %s\n", l.Name, sign(rate), rate.Nats, l.Doc)))
	}
	return nil
}

func (e *env) printEntropy(l language.Language, asJSON bool) {
	rate := l.Entropy()
	if asJSON {
		out := json.NewEncoder(e.stdout)
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
	io.WriteString(e.stdout, e.layOutProse(fmt.Sprintf("%s: entropy %s %.6f nats per character = %.6f bits per character\n\n%s\n",
		l.Name, sign(rate), rate.Nats, rate.Bits(), rate.Derivation)))
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
