package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/elman-sweep/study"
)

func planCommand() *cobra.Command {
	f := &openFlags{}
	commands := false
	c := &cobra.Command{
		Use:   "plan STUDY.toml",
		Short: "Check a study and list its runs",
		Example: `  elman-sweep plan cells.toml
  elman-sweep plan cells.toml --commands | xargs -P 2 -d '\n' -n 1 sh -c   # without elman-sweep`,
		Args: exactArgs(1, "a study: a TOML file"),
		RunE: func(c *cobra.Command, args []string) error {
			if commands {
				p, err := f.read(args[0])
				if err != nil {
					return err
				}
				for _, r := range p.Runs {
					fmt.Println(p.command(&r))
				}
				return nil
			}
			p, err := f.open(c.Context(), args[0])
			if err == nil {
				err = p.check(c.Context())
			}
			if err != nil {
				return err
			}
			conditions := map[string]bool{}
			for i, r := range p.Runs {
				conditions[r.Condition] = true
				fmt.Printf("%d  %s  %s  seed %d\n", i, r.ID, r.Condition, r.Seed)
			}
			fmt.Fprintf(os.Stderr, "%d runs of %d conditions, in %s\n", len(p.Runs), len(conditions), filepath.Join(p.folder, runsName))
			return nil
		},
	}
	f.declare(c)
	c.Flags().BoolVar(&commands, "commands", false, "print the command line of each run instead")
	return c
}

// command returns the command line of a run, for a shell.
func (p *project) command(r *study.Run) string {
	args := append([]string{"elman"}, r.Arguments(func(f study.File) string { return f.Path })...)
	args = append(args, "--out="+p.runFolder(r.ID))
	for i, a := range args {
		args[i] = shellQuote(a)
	}
	return strings.Join(args, " ")
}

// shellQuote quotes a word for a shell, if it needs it.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_=./,:+@%", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
