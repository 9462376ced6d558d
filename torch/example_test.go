package torch_test

import (
	"fmt"
	"log"

	"github.com/seed-f4dd853e/elman/torch"
)

func ExampleLoad() {
	made, err := torch.Load("testdata/gru-checkpoint.pt", torch.Options{})
	if err != nil {
		log.Fatal(err)
	}
	c := made.Network.Config()
	fmt.Println(c.Cell, c.Hidden, "units,", c.Layers, "layers")
	fmt.Println(made.Model.Alphabet, "in", made.Alphabet)
	for _, p := range made.Parts {
		fmt.Println(p.Ours, "is", p.Theirs)
	}
	// Output:
	// gru 6 units, 2 layers
	// 10 chars in chars
	// embedding is model_state_dict.module.encoder
	// rnn is model_state_dict.module.rnn
	// decoder is model_state_dict.module.decoder
}
