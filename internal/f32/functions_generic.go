package f32

import "math"

// The definitions of exp, sigmoid, tanh and log. Products are spelled as FMA where one rounding is meant and as
// float32(a*b) where two are. The polynomials are minimax in relative error (Remez), their coefficients rounded to
// float32 one by one with the rest fitted again.

const (
	// log2e and ln2 = ln2Hi + ln2Lo take x to n ln2 + r with |r| <= ln2/2 (Cody and Waite 1980).
	log2e = 0x1.715476p+0
	ln2Hi = 0x1.62e43p-1
	ln2Lo = -0x1.05c61p-29

	// Adding shifter rounds a float32 below 2^22 to an integer, to be found in the low bits; subtracting it again gives
	// that integer as a float32. A shifter greater by the exponent's bias leaves the bits of a power of two, but for a
	// shift by 23.
	shifter     = 0x1.8p23
	shifterBits = 0x4b400000
	bias        = 127

	// e^expMax is +Inf and e^expMin is 0 in float32, so arguments beyond may be replaced by these.
	expMax = 89
	expMin = -104
	// tanh x is 1 in float32 for x >= 9.02: clamping -2|x| here keeps 2^n normal.
	tanhMin = -20

	signBits = 0x80000000
)

// e^r - 1 = r + r^2 (expm1C2 + expm1C3 r + ...), relative error below 2^-30 for |r| <= ln2/2.
const (
	expm1C2 = 0.5
	expm1C3 = 0x1.555554p-3
	expm1C4 = 0x1.5554eap-5
	expm1C5 = 0x1.1113acp-7
	expm1C6 = 0x1.6d4c12p-10
	expm1C7 = 0x1.9c5062p-13
)

// ln(1+f) = f + f^2 (logC2 + logC3 f + ...), relative error below 2^-27 for 2/3 <= 1+f < 4/3.
const (
	logC2  = -0.5
	logC3  = 0x1.555506p-2
	logC4  = -0x1.fffedep-3
	logC5  = 0x1.99d088p-3
	logC6  = -0x1.55a192p-3
	logC7  = 0x1.1ecf92p-3
	logC8  = -0x1.f29a4ap-4
	logC9  = 0x1.1e90f8p-3
	logC10 = -0x1.0925p-3

	// The bits of 2/3: subtracting them leaves in the exponent field the k of x = 2^k m, 2/3 <= m < 4/3.
	twoThirdsBits  = 0x3f2aaaab
	smallestNormal = 0x1p-126
)

func exp1(x float32) float32 {
	if x > expMax {
		x = expMax
	}
	if x < expMin {
		x = expMin
	}
	p, k := reduceExp(x, shifter+2*bias)
	// 2^n in two factors, since n reaches from -150 to 128. Only the last product rounds to a denormal.
	half := k >> 1
	s1 := math.Float32frombits(half << 23)
	s2 := math.Float32frombits((k - half) << 23)
	return FMA(p, s1, s1) * s2
}

// reduceExp returns p = e^r - 1 and the bits of n + shift, where x = n ln2 + r.
func reduceExp(x, shift float32) (p float32, k uint32) {
	t := FMA(x, log2e, shift)
	n := t - shift
	r := FMA(n, -ln2Hi, x)
	r = FMA(n, -ln2Lo, r)
	q := FMA(expm1C7, r, expm1C6)
	q = FMA(q, r, expm1C5)
	q = FMA(q, r, expm1C4)
	q = FMA(q, r, expm1C3)
	q = FMA(q, r, expm1C2)
	return FMA(q, float32(r*r), r), math.Float32bits(t)
}

// sigmoid1 works on e = exp(-|x|), which never overflows: 1/(1+e) for positive x, e/(1+e) for negative x.
func sigmoid1(x float32) float32 {
	e := exp1(math.Float32frombits(math.Float32bits(x) | signBits))
	top := float32(1)
	if x < 0 {
		top = e
	}
	return top / (1 + e)
}

// tanh1 is |m| / (2+m) with the sign of x, where m = exp(-2|x|) - 1. Near 0 no digit is lost, as m comes from the
// polynomial without adding and subtracting 1.
func tanh1(x float32) float32 {
	y := math.Float32frombits(math.Float32bits(x) | signBits)
	y += y
	if y < tanhMin {
		y = tanhMin
	}
	p, k := reduceExp(y, shifter+bias)
	s := math.Float32frombits(k << 23) // 2^n
	m := FMA(s, p, s-1)
	z := m / (2 + m)
	return math.Float32frombits(math.Float32bits(z)&^signBits | math.Float32bits(x)&signBits)
}

func log1Generic(x float32) float32 {
	if x < 0 {
		return float32(math.NaN())
	}
	if x == 0 {
		return float32(math.Inf(-1))
	}
	if !(x <= math.MaxFloat32) {
		return x
	}
	scale, offset := float32(1), float32(0)
	if x < smallestNormal {
		scale, offset = 0x1p23, -23
	}
	u := math.Float32bits(float32(x * scale))
	k := uint32(int32(u-twoThirdsBits) >> 23)
	f := math.Float32frombits(u-k<<23) - 1
	n := math.Float32frombits(k+shifterBits) - shifter
	n += offset
	q := FMA(logC10, f, logC9)
	q = FMA(q, f, logC8)
	q = FMA(q, f, logC7)
	q = FMA(q, f, logC6)
	q = FMA(q, f, logC5)
	q = FMA(q, f, logC4)
	q = FMA(q, f, logC3)
	q = FMA(q, f, logC2)
	return FMA(n, ln2Hi, FMA(q, float32(f*f), f))
}

func sigmoidGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = sigmoid1(v)
	}
}

func tanhGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = tanh1(v)
	}
}

func reluGeneric(dst, x []float32) {
	for i, v := range x {
		if v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

func sigmoidGradGeneric(dz, dy, y []float32) {
	for i, v := range y {
		dz[i] = dy[i] * FMA(-v, v, v)
	}
}

func tanhGradGeneric(dz, dy, y []float32) {
	for i, v := range y {
		dz[i] = dy[i] * FMA(-v, v, 1)
	}
}

func reluGradGeneric(dz, dy, y []float32) {
	for i, v := range y {
		switch {
		case v > 0:
			dz[i] = dy[i]
		case v < 0:
			dz[i] = 0
		default:
			dz[i] = v // a zero of either sign, or NaN
		}
	}
}
