package pairs

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

// A Source is a publication with the accuracies of its models, by set.
type Source struct {
	Name     string   // "Warstadt et al. 2020"
	Models   []string // the columns
	Accuracy map[string][]float64
}

// blimp.tsv has the shares of pairs that the models of BLiMP's authors judged right (raw_results/summary/models_summary.jsonl of
// github.com/alexwarstadt/blimp, whose figures are those of table 4 of the paper) and the share in which people did
// (human_validation_summary.csv, total_mean).
//
//go:embed blimp.tsv
var blimp string

// syntaxgym.tsv has the shares of items that the models of SyntaxGym's authors got right, a mean over their seeds where there
// are several (data/raw/sg_results of github.com/cpllab/syntactic-generalization). LSTM and RNNG learned BLLIP-LG. The
// authors' n-grams are not among them: they broke ties by chance.
//
//go:embed syntaxgym.tsv
var syntaxgym string

// Sources returns what is published.
func Sources() []Source {
	return []Source{parseSource("Warstadt et al. 2020", blimp), parseSource("Hu et al. 2020", syntaxgym)}
}

// parseSource reads a table of this package, whose first row has the models and whose first column the sets.
func parseSource(name, table string) Source {
	head, rows, _ := strings.Cut(table, "\n")
	s := Source{Name: name, Models: strings.Split(head, "\t")[1:], Accuracy: map[string][]float64{}}
	for row := range strings.Lines(rows) {
		cells := strings.Split(strings.TrimSpace(row), "\t")
		if len(cells) != 1+len(s.Models) {
			panic(fmt.Sprintf("pairs: a row of %s is %q", name, row))
		}
		for _, cell := range cells[1:] {
			x, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				panic(err)
			}
			s.Accuracy[cells[0]] = append(s.Accuracy[cells[0]], x)
		}
	}
	return s
}
