package f32

import "math"

// panelGeneric is the twin of every product.
func (p *product) panelGeneric(b []float32, stride, lo, hi int) {
	for i := range p.c.Rows {
		c := p.c.Data[i*p.c.Stride+lo:][:hi-lo]
		if !p.accumulate {
			clear(c)
		}
		for k := range p.k {
			axpyGeneric(c, p.a[i*p.rowStride+k*p.kStride], b[k*stride:][:len(c)])
		}
	}
}

// axpyGeneric sets c = FMA(a, b, c). It is FMA written out, since a call for each element would double the time.
func axpyGeneric(c []float32, a float32, b []float32) {
	x := float64(a)
	for j, bj := range b[:len(c)] {
		s := x*float64(bj) + float64(c[j]) // the product is exact, so fusing it changes nothing
		if roundsTwice(math.Float64bits(s)) {
			c[j] = fmaOdd(a, bj, c[j])
		} else {
			c[j] = float32(s)
		}
	}
}
