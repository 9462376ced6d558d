package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A flagAdder declares the flags of a group.
type flagAdder struct {
	title string
	add   func(*cobra.Command)
}

// groupFlags declares the flags of a command, and returns them by group, in their order.
func groupFlags(c *cobra.Command, adders ...flagAdder) []flagGroup {
	var groups []flagGroup
	c.Flags().SortFlags = false
	grouped := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, a := range adders {
		a.add(c)
		g := flagGroup{a.title, pflag.NewFlagSet(a.title, pflag.ContinueOnError)}
		g.flags.SortFlags = false
		c.Flags().VisitAll(func(fl *pflag.Flag) {
			if grouped.Lookup(fl.Name) == nil {
				grouped.AddFlag(fl)
				g.flags.AddFlag(fl)
			}
		})
		groups = append(groups, g)
	}
	return groups
}

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
	case def == "" || def == "0" || def == "0s" || def == "[]" || strings.Contains(text, "(default"):
	default:
		text += fmt.Sprintf(" (default %s)", def)
	}
	return strings.TrimRight(fmt.Sprintf("  --%-23s %s", fl.Name+" "+value, text), " ")
}
