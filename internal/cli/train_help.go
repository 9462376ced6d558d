package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// writeGroups prints how to call a command and its flags, a line each, by subject. Flags of all commands come last.
func writeGroups(c *cobra.Command, groups []flagGroup) error {
	w := c.OutOrStderr()
	fmt.Fprintf(w, "Usage:\n  %s\n\nExamples:\n%s\n", c.UseLine(), c.Example)
	for i, g := range groups {
		fmt.Fprintf(w, "\n%s:\n", g.title)
		g.flags.VisitAll(func(fl *pflag.Flag) { fmt.Fprintln(w, flagLine(fl)) })
		if i == len(groups)-1 {
			c.InheritedFlags().VisitAll(func(fl *pflag.Flag) { fmt.Fprintln(w, flagLine(fl)) })
		}
	}
	return nil
}

// flagLine describes a flag: its name, what it takes, what it does, and its default where the text does not tell.
func flagLine(fl *pflag.Flag) string {
	value, text := pflag.UnquoteUsage(fl)
	switch def := fl.DefValue; {
	case value == "":
	case def == "" || def == "0" || def == "0s" || strings.Contains(text, "(default"):
	default:
		text += fmt.Sprintf(" (default %s)", def)
	}
	return strings.TrimRight(fmt.Sprintf("  --%-23s %s", fl.Name+" "+value, text), " ")
}
