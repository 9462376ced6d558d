package chart

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Tree is what hierarchical clustering makes of some things: a dendrogram. It lies on its side, its leaves at the right,
// one below the other, and the height at which two clusters join is read off the axis below.
type Tree struct {
	Labels []string // of the leaves, one or more
	Merges []Merge  // one less than there are leaves, in the order in which they happened
}

// A Merge joins two clusters into a new one. Cluster i is leaf i; where there are n leaves, cluster n+i is what merge i made.
// So are the rows of scipy's linkage matrix.
type Merge struct {
	A, B   int     // A is drawn above B
	Height float64 // at which they join: how far apart they are, at least 0
	Size   int     // leaves in the new cluster
}

// leafHeight is the room for a leaf: its label is legible, and no two touch.
const leafHeight = 13

// addTree adds the tree.
func (c Chart) addTree(s *sheet) error {
	if len(c.Lines)+len(c.Points)+len(c.Bars) > 0 {
		return errors.New("a tree stands alone")
	}
	if err := c.Tree.check(); err != nil {
		return err
	}
	s.X.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	s.HideY()
	grid := plotter.NewGrid()
	grid.Horizontal.Color = nil
	s.Add(grid, c.Tree.layOut(s.X.Tick.Label))
	s.X.Min, s.X.Max = 0, s.X.Max*1.02
	if s.X.Max == 0 {
		s.X.Max = 1
	}
	s.height = max(height/2, vg.Length(len(c.Tree.Labels))*leafHeight+2*vg.Centimeter)
	return nil
}

// check says what is wrong with the merges.
func (t *Tree) check() error {
	n := len(t.Labels)
	if n == 0 || len(t.Merges) != n-1 {
		return fmt.Errorf("%d merges of %d leaves; there must be one less than leaves", len(t.Merges), n)
	}
	used := make([]bool, 2*n-1)
	for i, m := range t.Merges {
		for _, k := range []int{m.A, m.B} {
			if k < 0 || k >= n+i || used[k] {
				return fmt.Errorf("merge %d joins cluster %d, which is not there or in another already", i, k)
			}
			used[k] = true
		}
		if !(m.Height >= 0) || math.IsInf(m.Height, 0) {
			return fmt.Errorf("merge %d has a height of %v", i, m.Height)
		}
	}
	return nil
}

// A drawnTree is a tree whose clusters have places.
type drawnTree struct {
	tree  *Tree
	at    []float64 // of each cluster, down from 0, the first leaf
	order []int     // the leaves from the top
	style text.Style
}

// layOut gives the leaves places from the top in the order of the merges, and each cluster the middle of its two parts.
func (t *Tree) layOut(style text.Style) *drawnTree {
	n := len(t.Labels)
	d := &drawnTree{tree: t, at: make([]float64, n+len(t.Merges)), style: style}
	d.style.XAlign, d.style.YAlign = draw.XLeft, draw.YCenter
	for open := []int{n + len(t.Merges) - 1}; len(open) > 0; { // the clusters still to be taken apart, the next one last
		k := open[len(open)-1]
		if open = open[:len(open)-1]; k < n {
			d.at[k] = float64(len(d.order))
			d.order = append(d.order, k)
		} else {
			open = append(open, t.Merges[k-n].B, t.Merges[k-n].A)
		}
	}
	for i, m := range t.Merges {
		d.at[n+i] = (d.at[m.A] + d.at[m.B]) / 2
	}
	return d
}

func (d *drawnTree) DataRange() (xmin, xmax, ymin, ymax float64) {
	for _, m := range d.tree.Merges {
		xmax = max(xmax, m.Height)
	}
	return 0, xmax, -float64(len(d.order)) + 0.5, 0.5
}

// of returns the height of a cluster.
func (d *drawnTree) of(k int) float64 {
	if n := len(d.tree.Labels); k >= n {
		return d.tree.Merges[k-n].Height
	}
	return 0
}

func (d *drawnTree) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	line := draw.LineStyle{Color: styles[0].colour, Width: 1}
	for i, m := range d.tree.Merges {
		a, b := y(-d.at[m.A]), y(-d.at[m.B])
		c.StrokeLines(line, []vg.Point{{X: x(d.of(m.A)), Y: a}, {X: x(m.Height), Y: a}, {X: x(m.Height), Y: b}, {X: x(d.of(m.B)), Y: b}})
		if i == len(d.tree.Merges)-1 {
			middle := y(-d.at[len(d.at)-1])
			c.StrokeLine2(line, x(m.Height), middle, c.Min.X, middle)
		}
	}
	for i, k := range d.order {
		c.FillText(d.style, vg.Point{X: x(0) + labelGap, Y: y(-float64(i)) + 1}, legible(d.tree.Labels[k]))
	}
}

// labelGap is between what is labelled and its label.
const labelGap = 4

// GlyphBoxes makes room for the labels.
func (d *drawnTree) GlyphBoxes(p *plot.Plot) (boxes []plot.GlyphBox) {
	for i, k := range d.order {
		width := d.style.Width(legible(d.tree.Labels[k]))
		boxes = append(boxes, plot.GlyphBox{X: 1, Y: p.Y.Norm(-float64(i)), Rectangle: vg.Rectangle{Max: vg.Point{X: labelGap + width}}})
	}
	return boxes
}
