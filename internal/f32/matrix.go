package f32

import "fmt"

// A Matrix is a view of float32s in row-major order: element (i, j) is Data[i*Stride+j]. It owns nothing.
type Matrix struct {
	Data               []float32
	Rows, Cols, Stride int
}

// Mat views data as a [rows x cols] matrix without gaps. It panics if data holds fewer elements.
func Mat(data []float32, rows, cols int) Matrix {
	if len(data) < rows*cols {
		panic(fmt.Sprintf("f32: %d elements for a [%d x %d] matrix", len(data), rows, cols))
	}
	return Matrix{Data: data, Rows: rows, Cols: cols, Stride: cols}
}

// Row returns row i.
func (m Matrix) Row(i int) []float32 { return m.Data[i*m.Stride : i*m.Stride+m.Cols] }

// Slice returns rows lo to hi-1 as a matrix of their own.
func (m Matrix) Slice(lo, hi int) Matrix {
	m.Data, m.Rows = m.Data[lo*m.Stride:], hi-lo
	return m
}
