package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

func hashCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "hash MODEL",
		Short: "Print the SHA-256 of a model's weights",
		Long: `Print the SHA-256 of a model's weights alone: names, shapes, bits. Two runs that learned the
same have the same hash, whatever else their files say.`,
		Example: `  elman hash novel
  elman hash novel/model.safetensors`,
		Args: arguments(1, 1, "a model file or run folder"),
		RunE: func(_ *cobra.Command, args []string) error {
			m, err := loadModel(args[0])
			if err != nil {
				return err
			}
			fmt.Fprintln(e.stdout, m.Hash())
			return nil
		},
	}
}

func versionCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print version and kernel sets",
		Example: "  elman version",
		Args:    arguments(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintf(e.stdout, "elman %s, %s, %s/%s, kernels %s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH,
				strings.Join(f32.Kernels(), " "))
			return nil
		},
	}
}

// version is the version of the module that the program was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// unescape turns \n, \t and \\ of a flag into what they stand for.
func unescape(s string) string {
	return strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`).Replace(s)
}
