package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func hashCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "hash MODEL",
		Short: "Print the SHA-256 of a model's weights",
		Long: `Print the SHA-256 of a model's weights: names, shapes and values. Two runs with the same hash
learned the same weights, bit for bit, whatever else their files hold.`,
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
