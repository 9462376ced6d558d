package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
)

func corpusCommand(e *env) *cobra.Command {
	var seed uint64
	var size int64
	c := &cobra.Command{
		Use:   "corpus [NAME]",
		Short: "Write a generated language, or list them",
		Long: `Write so many bytes of a generated language to standard output, or list the languages. The
same seed gives the same text, of which every shorter one is the beginning.`,
		Example: `  elman corpus
  elman corpus play --size 100000 --seed 7 > play.txt`,
		Args: arguments(0, 1, ""),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && (c.Flags().Changed("seed") || c.Flags().Changed("size")) {
				return usagef("--seed and --size are for writing a language; name one of %s", languageNames())
			}
			if len(args) == 0 {
				for _, l := range corpus.Languages() {
					fmt.Fprintf(e.stdout, "%-10s %s\n", l.Name, l.Doc)
				}
				return nil
			}
			l, err := corpus.FindLanguage(args[0])
			if err != nil {
				return usageError{err}
			}
			if size < 1 {
				return usagef("--size is %d, must be at least 1", size)
			}
			return l.Write(e.stdout, seed, size)
		},
	}
	c.Flags().Uint64Var(&seed, "seed", 1, "of everything random")
	c.Flags().Int64Var(&size, "size", 1<<20, "bytes to write")
	return c
}

func languageNames() string {
	var names []string
	for _, l := range corpus.Languages() {
		names = append(names, l.Name)
	}
	return strings.Join(names, ", ")
}
