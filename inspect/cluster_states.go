package inspect

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
)

// Leaves are what Clusters are made of.
type Leaves string

// Kinds of leaves.
const (
	Words   Leaves = "words"   // runs of letters and marks, with apostrophes between letters
	Symbols Leaves = "symbols" // of the model's alphabet
)

// LeafKinds returns all kinds.
func LeafKinds() []Leaves { return []Leaves{Words, Symbols} }

// FindLeaves returns the kind with this name, or an error that lists all names.
func FindLeaves(name string) (Leaves, error) {
	return setting.Find("leaves", name, LeafKinds(), func(l Leaves) string { return string(l) })
}

// MeanStates is an Observer that averages the outputs of a layer over all occurrences of a word, after its last letter was read,
// or of a symbol (Elman 1990). Model is the model that reads the text.
type MeanStates struct {
	Model  *model.Model
	Layer  int      // from 0
	Chosen []string // words to average; nil averages symbols

	words   wordScanner
	at      map[string]*meanState // of the chosen words
	symbols map[int32]*meanState
	order   []*meanState // in the order of Chosen, or of first occurrence
	pending []float32    // state after the last letter of the word at hand
}

type meanState struct {
	text  string
	count int64
	sum   []float64
}

// Needs implements Observer.
func (m *MeanStates) Needs() []string { return []string{"h"} }

// begin prepares for the first chunk.
func (m *MeanStates) begin() {
	m.at, m.symbols = map[string]*meanState{}, map[int32]*meanState{}
	m.pending = make([]float32, m.Model.Network.Config().Hidden)
	for _, word := range m.Chosen {
		m.at[word] = m.add(word)
	}
}

func (m *MeanStates) add(text string) *meanState {
	s := &meanState{text: text, sum: make([]float64, len(m.pending))}
	m.order = append(m.order, s)
	return s
}

// Observe implements Observer.
func (m *MeanStates) Observe(c *Chunk) error {
	if m.at == nil {
		m.begin()
	}
	H, values := len(m.pending), c.Values(m.Layer, "h")
	for i, x := range c.Symbols {
		row := values[i*H:][:H]
		if m.Chosen == nil {
			own := m.symbols[x.ID]
			if own == nil {
				own = m.add(label(m.Model.Alphabet, x.ID))
				m.symbols[x.ID] = own
			}
			own.take(row)
			continue
		}
		m.words.read(x.Text, func(word []byte, last int) {
			if own := m.at[string(word)]; own != nil && last == m.words.piece {
				own.take(row)
			} else if own != nil {
				own.take(m.pending)
			}
		})
		if m.words.letters > 0 && m.words.last == m.words.piece-1 {
			copy(m.pending, row)
		}
		if c.Ends[i] {
			m.words.end(m.takePending)
		}
	}
	return nil
}

func (m *MeanStates) takePending(word []byte, _ int) {
	if own := m.at[string(word)]; own != nil {
		own.take(m.pending)
	}
}

func (s *meanState) take(row []float32) {
	s.count++
	widen(s.sum, row)
}

// States returns the most frequent words or symbols that have occurred, the most frequent first, and their mean states.
func (m *MeanStates) States(most int) (leaves []Leaf, means [][]float64) {
	if m.at != nil {
		m.words.end(m.takePending)
	}
	order := slices.DeleteFunc(slices.Clone(m.order), func(s *meanState) bool { return s.count == 0 })
	slices.SortStableFunc(order, func(a, b *meanState) int { return cmp.Compare(b.count, a.count) })
	for _, s := range order[:min(most, len(order))] {
		mean := make([]float64, len(s.sum))
		for j, sum := range s.sum {
			mean[j] = sum / float64(s.count)
		}
		leaves, means = append(leaves, Leaf{s.text, s.count}), append(means, mean)
	}
	return leaves, means
}

// A Leaf is a word or a symbol.
type Leaf struct {
	Text  string `json:"text"`
	Count int64  `json:"count"` // occurrences in the text
}

// Clusters are the hierarchical clustering of mean states by average linkage of Euclidean distances.
type Clusters struct {
	Of     Leaves `json:"of"`
	Layer  int    `json:"layer"` // from 0
	Leaves []Leaf `json:"leaves"`
	Merges Tree   `json:"merges"` // the rows of scipy's linkage matrix
	Newick string `json:"newick"` // the tree in the Newick format
}

// leastLeaves is the fewest leaves of a tree.
const leastLeaves = 2

// beginClusters clusters mean states.
func beginClusters(a *Analysis) (Observer, conclusion) {
	if a.Leaves < leastLeaves {
		return nil, nil
	}
	m := &MeanStates{Model: a.Model, Layer: a.Layer}
	var failed error
	if a.LeavesAre != Symbols {
		if m.Chosen, failed = frequentWords(a.Text, a.Leaves); m.Chosen == nil {
			m.Chosen = []string{}
		}
	}
	return m, func(_ context.Context, s *report.Section) (any, error) {
		if failed != nil {
			return nil, failed
		}
		leaves, means := m.States(a.Leaves)
		if len(leaves) < leastLeaves {
			return nil, nothing{fmt.Errorf("the text has %d different %s, and this takes %d", len(leaves), cmp.Or(a.LeavesAre, Words), leastLeaves)}
		}
		for _, mean := range means {
			for _, x := range mean {
				if x-x != 0 {
					return nil, model.ErrNotFinite
				}
			}
		}
		c := &Clusters{Of: cmp.Or(a.LeavesAre, Words), Layer: a.Layer, Leaves: leaves, Merges: Cluster(means, Average)}
		c.Newick = c.Merges.newick(leaves)
		c.tell(s)
		return c, nil
	}
}

// newick writes a tree in the Newick format: the length of a branch is the height that it climbs.
func (t Tree) newick(leaves []Leaf) string {
	n := len(leaves)
	height := func(cluster int) float64 {
		if cluster < n {
			return 0
		}
		return t[cluster-n].Height
	}
	names := make([]string, n+len(t))
	for i, l := range leaves {
		names[i] = "'" + strings.ReplaceAll(l.Text, "'", "''") + "'"
	}
	for i, m := range t {
		names[n+i] = fmt.Sprintf("(%s:%s,%s:%s)", names[m.A], report.Exact(m.Height-height(m.A)), names[m.B], report.Exact(m.Height-height(m.B)))
		names[m.A], names[m.B] = "", ""
	}
	return names[len(names)-1] + ";"
}

// members returns the leaves of each cluster, in the order of a dendrogram.
func (t Tree) members(leaves []Leaf) [][]string {
	members := make([][]string, 0, len(leaves)+len(t))
	for _, l := range leaves {
		members = append(members, []string{l.Text})
	}
	for _, m := range t {
		members = append(members, slices.Concat(members[m.A], members[m.B]))
	}
	return members
}

// shownMerges is how many merges a terminal shows, and shownMembers the leaves of a cluster in a table.
const (
	shownMerges  = 12
	shownMembers = 8
)

func (c *Clusters) tell(s *report.Section) {
	s.Say("The mean of the outputs of %s after each of the %d most frequent %s, clustered by average linkage of Euclidean distances (Elman 1990): what the network treats alike joins early.", LayerName(c.Layer), len(c.Leaves), c.Of)
	tree := &chart.Tree{}
	for _, l := range c.Leaves {
		tree.Labels = append(tree.Labels, l.Text)
	}
	n, members := len(c.Leaves), c.Merges.members(c.Leaves)
	merges := &report.Table{
		Caption: fmt.Sprintf("Clusters in the order in which they form. 0 to %d are the %s; each row makes the next number.", n-1, c.Of),
		Columns: []string{"cluster", "of", "and", "height", "size", "members"}, Shown: shownMerges,
	}
	for i, m := range c.Merges {
		tree.Merges = append(tree.Merges, chart.Merge{A: m.A, B: m.B, Height: m.Height, Size: m.Size})
		all := members[n+i]
		some := strings.Join(all[:min(len(all), shownMembers)], ", ")
		if len(all) > shownMembers {
			some += ", …"
		}
		merges.Row(report.Whole(n+i), report.Whole(m.A), report.Whole(m.B), report.Number(m.Height, report.Digits(4)), report.Whole(m.Size),
			report.Cell{Text: some, Value: strings.Join(all, " ")})
	}
	names := &report.Table{Caption: "The leaves.", Columns: []string{"leaf", "text", "count"}, Shown: shownMerges}
	for i, l := range c.Leaves {
		names.Row(report.Whole(i), report.Word("%s", l.Text), report.Whole(l.Count))
	}
	s.Add(&report.Figure{
		Caption: fmt.Sprintf("Mean states after the %d most frequent %s: two clusters join at their mean distance.", n, c.Of),
		Charts:  []chart.Chart{{X: "mean distance", Tree: tree}},
	}, merges, names)
}
