package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// A linear maps rows x to x*weight + bias, the decoder to x*weight^T + bias.
type linear struct {
	weight, bias *Param
}

// newLinear names the weights of a linear map in PyTorch's way, which starts both uniform up to 1/sqrt(fan).
func newLinear(weight, bias string, inputs, outputs, fan int) linear {
	return linear{
		&Param{Name: weight, Rows: inputs, Cols: outputs, Transposed: true, bound: perRoot(fan)},
		&Param{Name: bias, Cols: outputs, bound: perRoot(fan)},
	}
}

// apply sets rows of c = x*weight + bias, where x has the given columns.
func apply(c, x []float32, cols int, weight *rhs, bias []float32, first, rows int) {
	outputs := len(bias)
	m := f32.Mat(c[first*outputs:], rows, outputs)
	for i := range rows {
		copy(m.Row(i), bias)
	}
	weight.mul(m, f32.Mat(x[first*cols:], rows, cols), true)
}

// applyTransposed sets rows of dx = dy*weight^T, where the two have the given columns.
func applyTransposed(dx []float32, dxCols int, dy []float32, dyCols int, weight *rhs, first, rows int) {
	weight.mul(f32.Mat(dx[first*dxCols:], rows, dxCols), f32.Mat(dy[first*dyCols:], rows, dyCols), false)
}
