package f32

func softmaxGeneric(dst, x []float32, scale float32) (m, sum float32) {
	m = maxGeneric(x, nil)
	sum = expStoreSumGeneric(dst, x, m, new(lanes))
	scaleGeneric(dst, scale/sum)
	return m, sum
}

func maxExpSumGeneric(x []float32) (m, sum float32) {
	m = maxGeneric(x, nil)
	return m, expSumGeneric(x, m, new(lanes))
}

// expStoreSumGeneric sets dst[i] = e^(x[i]-m) and adds dst[i] to its lane.
func expStoreSumGeneric(dst, x []float32, m float32, l *lanes) float32 {
	for i, v := range x {
		e := exp1(v - m)
		dst[i] = e
		l[i%16] += e
	}
	return fold(l)
}

func expSumGeneric(x []float32, m float32, l *lanes) float32 {
	for i, v := range x {
		l[i%16] += exp1(v - m)
	}
	return fold(l)
}
