package cli

import (
	"fmt"

	"github.com/spf13/cobra"
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
