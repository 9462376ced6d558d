package f32

// Softmax sets dst[i] = e^(logits[i]-m) * (1/sum), where m is the greatest logit and sum the sum of the e^... in 16
// lanes. A logit of -Inf gets 0. If any is NaN or +Inf, or all are -Inf, the whole row is NaN. It panics if the lengths
// differ.
func Softmax(dst, logits []float32) {
	sameLength("Softmax", len(dst), len(logits))
	softmax(dst, logits, 1)
}

// CrossEntropy returns the loss -ln p[target] in nats, as ln(sum) - (logits[target]-m) with the m and sum of Softmax: so
// no digit is lost when m is large. It panics if target is no index of logits.
func CrossEntropy(logits []float32, target int) float32 {
	m, sum := maxExpSum(logits)
	return Log1(sum) - (logits[target] - m)
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
	if len(x) > piece {
		m = Max(x)
		var l lanes
		for lo := 0; lo < len(x); lo += piece {
			hi := min(lo+piece, len(x))
			sum = expStoreSumPiece(dst[lo:hi], x[lo:hi], m, &l)
		}
		Scale(dst, scale/sum)
		return m, sum
	}
	switch active {
	case avx512:
		return softmaxAVX512(dst, x, scale)
	case avx2:
		return softmaxAVX2(dst, x, scale)
	default:
		return softmaxGeneric(dst, x, scale)
	}
}

// maxExpSum returns what softmax returns and stores nothing.
func maxExpSum(x []float32) (m, sum float32) {
	if len(x) > piece {
		m = Max(x)
		var l lanes
		for lo := 0; lo < len(x); lo += piece {
			sum = expSumPiece(x[lo:min(lo+piece, len(x))], m, &l)
		}
		return m, sum
	}
	switch active {
	case avx512:
		return maxExpSumAVX512(x)
	case avx2:
		return maxExpSumAVX2(x)
	default:
		return maxExpSumGeneric(x)
	}
}

// expStoreSumPiece sets dst[i] = e^(x[i]-m) and adds them to the lanes, of which it returns the sum.
//
//go:noinline
func expStoreSumPiece(dst, x []float32, m float32, l *lanes) float32 {
	switch active {
	case avx512:
		return expStoreSumAVX512(dst, x, m, l)
	case avx2:
		return expStoreSumAVX2(dst, x, m, l)
	default:
		return expStoreSumGeneric(dst, x, m, l)
	}
}

// expSumPiece is expStoreSumPiece without storing.
//
//go:noinline
func expSumPiece(x []float32, m float32, l *lanes) float32 {
	switch active {
	case avx512:
		return expSumAVX512(x, m, l)
	case avx2:
		return expSumAVX2(x, m, l)
	default:
		return expSumGeneric(x, m, l)
	}
}
