package f32

// Softmax sets dst[i] = e^(logits[i]-m) * (1/sum), where m is the greatest logit and sum the sum of the e^... in 16
// lanes. A logit of -Inf gets 0. If any is NaN or +Inf, or all are -Inf, the whole row is NaN. It panics if the lengths
// differ.
func Softmax(dst, logits []float32) {
	sameLength("Softmax", len(dst), len(logits))
	softmax(dst, logits, 1)
}

// LogSumExp returns the greatest logit m, and ln = ln(sum), the logarithm of the sum of e^(logits[i]-m) in 16 lanes: in
// CrossEntropy, the loss at any target is ln - (logits[target]-m). If any logit is NaN or +Inf, ln is NaN; if there is none, or all are
// -Inf, m is -Inf.
func LogSumExp(logits []float32) (m, ln float32) {
	m, sum := maxExpSum(logits)
	return m, Log1(sum)
}

// SoftmaxLogSumExp does Softmax, and returns what LogSumExp returns.
func SoftmaxLogSumExp(dst, logits []float32) (m, ln float32) {
	sameLength("SoftmaxLogSumExp", len(dst), len(logits))
	m, sum := softmax(dst, logits, 1)
	return m, Log1(sum)
}

// CrossEntropy returns the loss -ln p[target] in nats, as ln(sum) - (logits[target]-m) with the m and sum of Softmax: so
// no digit is lost when m is large. It panics if target is no index of logits.
func CrossEntropy(logits []float32, target int) float32 {
	m, ln := LogSumExp(logits)
	return ln - (logits[target] - m)
}

// SoftmaxCrossEntropy returns the loss of CrossEntropy, the same bits, and replaces the logits by scale times its
// gradient, softmax - onehot: e^(logits[i]-m) * (scale/sum), from which scale is subtracted at target. It panics if
// target is no index of logits.
func SoftmaxCrossEntropy(logits []float32, target int, scale float32) (loss float32) {
	at := logits[target]
	m, sum := softmax(logits, logits, scale)
	logits[target] -= scale
	return Log1(sum) - (at - m)
}

// softmax sets dst[i] = e^(x[i]-m) * (scale/sum) and returns m and sum.
func softmax(dst, x []float32, scale float32) (m, sum float32) {
	if len(x) <= piece {
		return softmaxRow(dst, x, scale)
	}
	m = Max(x)
	sum = expStoreSumLanes(dst, x, m, new(lanes))
	Scale(dst, scale/sum)
	return m, sum
}

// maxExpSum returns what softmax returns and stores nothing.
func maxExpSum(x []float32) (m, sum float32) {
	if len(x) <= piece {
		return maxExpSumRow(x)
	}
	m = Max(x)
	return m, expSumLanes(x, m, new(lanes))
}
