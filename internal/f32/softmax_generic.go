package f32

func softmaxRowGeneric(dst, x []float32, scale float32) (m, sum float32) {
	m = maxLanesGeneric(x, nil)
	sum = expStoreSumLanesGeneric(dst, x, m, new(lanes))
	scaleGeneric(dst, scale/sum)
	return m, sum
}

func maxExpSumRowGeneric(x []float32) (m, sum float32) {
	m = maxLanesGeneric(x, nil)
	return m, expSumLanesGeneric(x, m, new(lanes))
}

// expStoreSumLanesGeneric sets dst[i] = e^(x[i]-m) and adds dst[i] to its lane.
func expStoreSumLanesGeneric(dst, x []float32, m float32, l *lanes) float32 {
	for i, v := range x {
		e := exp1(v - m)
		dst[i] = e
		l[i%16] += e
	}
	return fold(l)
}

func expSumLanesGeneric(x []float32, m float32, l *lanes) float32 {
	for i, v := range x {
		l[i%16] += exp1(v - m)
	}
	return fold(l)
}
