package f32

// The update rules that divide by a root; scale, limit and result are as in SGD. Division and square root are those of
// IEEE 754, rounded correctly everywhere.

// Adagrad sets sum = FMA(g, g, sum) and w = w - (lr*g)/sqrt(sum+eps), each of the last four operations rounded on its
// own (Duchi, Hazan, Singer 2011). Where g is +0 and eps is not 0, neither sum nor w changes.
func Adagrad(w, sum, g []float32, lr, eps, scale, limit float32) (finite bool) {
	return adagrad(w, sum, g, lr, eps, scale, orInf(limit))
}

// An RMSpropStep holds the factors of one RMSprop update.
type RMSpropStep struct {
	Rate        float32 // learning rate
	Alpha, Rest float32 // what the mean square keeps of itself, and what it takes of the new square: 1 - Alpha
	Epsilon     float32
	Momentum    float32 // of RMSpropMomentum
}

// RMSprop sets s = FMA(alpha, s, (rest*g)*g) and w = w - (rate*g)/(sqrt(s)+eps), each operation but the FMA rounded on its
// own (Tieleman and Hinton 2012, eps as in PyTorch).
func RMSprop(w, s, g []float32, f RMSpropStep, scale, limit float32) (finite bool) {
	return rmsprop(w, s, g, f.Rate, f.Alpha, f.Rest, f.Epsilon, scale, orInf(limit))
}

// RMSpropMomentum sets s as RMSprop does, v = FMA(momentum, v, g/(sqrt(s)+eps)) and w = FMA(-rate, v, w).
func RMSpropMomentum(w, s, v, g []float32, f RMSpropStep, scale, limit float32) (finite bool) {
	return rmspropMomentum(w, s, v, g, f.Rate, f.Alpha, f.Rest, f.Epsilon, f.Momentum, scale, orInf(limit))
}

// An AdamStep holds the factors of one Adam update, the bias correction of training step t among them.
type AdamStep struct {
	Rate         float32 // learning rate / (1 - Beta1^t)
	Root         float32 // 1 / sqrt(1 - Beta2^t)
	Keep         float32 // of a weight, before the step: 1 without weight decay
	Beta1, Rest1 float32 // what the mean gradient keeps, and what it takes of the new one: 1 - Beta1
	Beta2, Rest2 float32 // of the mean square
	Epsilon      float32
}

// Adam sets m = FMA(beta1, m, rest1*g), v = FMA(beta2, v, (rest2*g)*g) and
// w = FMA(keep, w, -(rate*m)/FMA(sqrt(v), root, eps)), each operation but the FMAs rounded on its own (Kingma and Ba 2015;
// with keep below 1 Loshchilov and Hutter 2019).
func Adam(w, m, v, g []float32, f AdamStep, scale, limit float32) (finite bool) {
	return adam(w, m, v, g, f.Rate, f.Root, f.Keep, f.Beta1, f.Rest1, f.Beta2, f.Rest2, f.Epsilon, scale, orInf(limit))
}
