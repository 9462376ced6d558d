package f32

func softmaxGeneric(dst, x []float32, scale float32) (m, sum float32) {
	m = maxGeneric(x, nil)
	sum = expStoreSumGeneric(dst, x, m, nil)
	scaleGeneric(dst, scale/sum)
	return m, sum
}

// expStoreSumGeneric sets dst[i] = e^(x[i]-m) and adds dst[i] to its lane.
func expStoreSumGeneric(dst, x []float32, m float32, l *lanes) float32 {
	if l == nil {
		l = new(lanes)
	}
	for i, v := range x {
		e := Exp1(v - m)
		dst[i] = e
		l[i%16] += e
	}
	return l.fold()
}

func expSumGeneric(x []float32, m float32, l *lanes) float32 {
	if l == nil {
		l = new(lanes)
	}
	for i, v := range x {
		l[i%16] += Exp1(v - m)
	}
	return l.fold()
}
