package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/internal/bundle"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/model"
)

// modelInside returns the path of this program if it has a model inside, else "". It fails if the program is a damaged bundle.
// model.Load takes the path.
func modelInside() (string, error) {
	path := programPath()
	if path == "" {
		return "", nil
	}
	f, size, err := regular.Open(path)
	if err != nil { // it runs, but may not be read
		return "", nil
	}
	defer f.Close()
	inside, err := bundle.Find(f, size)
	if inside == nil || err != nil {
		return "", err
	}
	return path, nil
}

// programPath returns the path of this program, as it was typed where that leads to it. Where no system call tells the path,
// as on Linux without /proc, the typed one must do.
func programPath() string {
	typed, unknown := exec.LookPath(os.Args[0])
	own, err := os.Executable()
	switch {
	case unknown == nil && (err != nil || samePath(typed, own)):
		return typed
	case err == nil:
		return own
	}
	return ""
}

// useInside makes the commands of a program with a model inside use that model where the arguments name none. Which commands
// take a model, and where, their usage lines say: "score MODEL [FILE...]", "decompress [MODEL] [FILE...]", "serve [MODEL...]".
func (e *env) useInside(root *cobra.Command) {
	root.Use = strings.ReplaceAll(insideName(e.inside), " ", "-") // cobra ends a name there
	root.Short = "Elman with a model inside"
	root.Long = `This program is Elman with a model inside. Commands use that model where they need a MODEL and the
first argument is none.`
	root.Example = fmt.Sprintf("  %[1]s                        # say what the model is\n  %[1]s sample --length 500    # write 500 symbols", root.Use)
	describe := root.RunE
	root.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return describe(c, args)
		}
		return e.introduce(c)
	}
	for _, c := range root.Commands() {
		if operands := strings.Fields(c.Use)[1:]; len(operands) > 0 && strings.HasPrefix(strings.TrimPrefix(operands[0], "["), "MODEL") {
			e.supply(c, operands[0] != "MODEL" && operands[0] != "[MODEL]")
		}
	}
}

// supply puts the model inside before the arguments of a command that begin with none. A list has models only.
func (e *env) supply(c *cobra.Command, list bool) {
	complete := func(args []string) []string {
		if len(args) > 0 && (list || namesModel(args[0])) {
			return args
		}
		return slices.Insert(slices.Clone(args), 0, e.inside)
	}
	check, run := c.Args, c.RunE
	if check == nil {
		check = cobra.ArbitraryArgs
	}
	c.Args = func(c *cobra.Command, args []string) error { return check(c, complete(args)) }
	c.RunE = func(c *cobra.Command, args []string) error { return run(c, complete(args)) }
	c.Use = strings.Replace(c.Use, " MODEL", " [MODEL]", 1)
}

// namesModel reports whether an argument means a model rather than a text: a folder, a file that looks like a model, or the
// name of one that is missing.
func namesModel(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return filepath.Ext(path) == filepath.Ext(model.FileName)
	}
	return info.IsDir() || isModel(path)
}

// insideName returns what a program with a model inside is called.
func insideName(path string) string { return strings.TrimSuffix(filepath.Base(path), ".exe") }

// introduce says what the model inside is, and what can be done with it.
func (e *env) introduce(root *cobra.Command) error {
	m, err := loadModel(e.inside)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s is Elman with a language model inside: %s; %v.\n", root.Name(), describeNetwork(m.Network.Config()), m.Alphabet)
	if s := m.Summary; s.TrainSymbols > 0 {
		fmt.Fprintf(&b, "It learned from %s %s", report.Grouped(s.TrainSymbols), m.Alphabet.Kind())
		if s.ValidLoss > 0 {
			fmt.Fprintf(&b, "; on held-out text its loss was %.4f nats each", s.ValidLoss)
		}
		b.WriteString(".\n")
	}
	b.WriteString("\n")
	for _, c := range root.Commands() {
		if strings.Contains(c.Use, "[MODEL") {
			fmt.Fprintf(&b, "  %s %-10s  %s\n", root.Name(), c.Name(), c.Short)
		}
	}
	fmt.Fprintf(&b, "\n%s --help lists all commands, %[1]s COMMAND --help explains one.\n", root.Name())
	_, err = fmt.Fprint(e.stdout, e.layOut(b.String()))
	return err
}
