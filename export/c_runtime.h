/* Arithmetic. Each product and sum is rounded once (fmaf) or on its own, and every sum has one order, so that all bits are those
 * of Elman, whatever the compiler does within the C standard; -ffast-math is beyond it. Matrices are [inputs][outputs]. */

static inline uint32_t name_bits(float x) { uint32_t u; memcpy(&u, &x, sizeof u); return u; }
static inline float name_float(uint32_t u) { float x; memcpy(&x, &u, sizeof x); return x; }

/* e^r - 1, where x = n ln 2 + r; *k becomes the bits of n + shift. */
static inline float name_reduce(float x, float shift, uint32_t *k) {
	float t = fmaf(x, 0x1.715476p+0f, shift), n = t - shift;
	float r = fmaf(n, 0x1.05c61p-29f, fmaf(n, -0x1.62e43p-1f, x));
	float q = fmaf(0x1.9c5062p-13f, r, 0x1.6d4c12p-10f);
	q = fmaf(q, r, 0x1.1113acp-7f);
	q = fmaf(q, r, 0x1.5554eap-5f);
	q = fmaf(q, r, 0x1.555554p-3f);
	q = fmaf(q, r, 0.5f);
	*k = name_bits(t);
	return fmaf(q, r * r, r);
}

static inline float name_exp(float x) {
	uint32_t k, half;
	if (x > 89) x = 89;
	if (x < -104) x = -104;
	float p = name_reduce(x, 0x1.8p23f + 254, &k);
	half = k >> 1;
	float s = name_float(half << 23);
	return fmaf(p, s, s) * name_float((k - half) << 23);
}

static inline float name_sigmoid1(float x) {
	float e = name_exp(name_float(name_bits(x) | 0x80000000u));
	return (x < 0 ? e : 1) / (1 + e);
}

static inline float name_tanh1(float x) {
	uint32_t k;
	float y = name_float(name_bits(x) | 0x80000000u);
	y += y;
	if (y < -20) y = -20;
	float p = name_reduce(y, 0x1.8p23f + 127, &k);
	float s = name_float(k << 23);
	float m = fmaf(s, p, s - 1);
	float z = m / (2 + m);
	return name_float((name_bits(z) & 0x7fffffffu) | (name_bits(x) & 0x80000000u));
}

static inline void name_sigmoid(float *y, const float *x, int n) { for (int i = 0; i < n; i++) y[i] = name_sigmoid1(x[i]); }
static inline void name_tanh(float *y, const float *x, int n) { for (int i = 0; i < n; i++) y[i] = name_tanh1(x[i]); }
static inline void name_relu(float *y, const float *x, int n) { for (int i = 0; i < n; i++) y[i] = x[i] < 0 ? 0 : x[i]; }

static inline void name_copy(float *y, const float *x, int n) { memmove(y, x, (size_t)n * sizeof *y); }
static inline void name_zero(float *y, int n) { for (int i = 0; i < n; i++) y[i] = 0; }
static inline void name_add(float *y, const float *a, const float *b, int n) { for (int i = 0; i < n; i++) y[i] = a[i] + b[i]; }
static inline void name_multiply(float *y, const float *a, const float *b, int n) { for (int i = 0; i < n; i++) y[i] = a[i] * b[i]; }
/* y = y + a b */
static inline void name_muladd(float *y, const float *a, const float *b, int n) { for (int i = 0; i < n; i++) y[i] = fmaf(a[i], b[i], y[i]); }

/* y = y + x w, four inputs at a time */
static inline void name_product(float *restrict y, const float *restrict x, const float *restrict w, int inputs, int outputs) {
	for (; inputs >= 4; inputs -= 4, x += 4, w += 4 * outputs) {
		const float *w1 = w + outputs, *w2 = w1 + outputs, *w3 = w2 + outputs;
		const float x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
		for (int j = 0; j < outputs; j++) y[j] = fmaf(x3, w3[j], fmaf(x2, w2[j], fmaf(x1, w1[j], fmaf(x0, w[j], y[j]))));
	}
	for (; inputs > 0; inputs--, x++, w += outputs)
		for (int j = 0; j < outputs; j++) y[j] = fmaf(*x, w[j], y[j]);
}

/* The same with weights in 8 bits, [outputs][inputs], times a scale for each output. x is rounded to 8 bits too, in q. */
static inline void name_product8(float *y, const float *x, const int8_t *w, const float *scale, int16_t *q, int inputs, int outputs) {
	float most = 0;
	for (int k = 0; k < inputs; k++) {
		float a = fabsf(x[k]);
		if (!(a <= FLT_MAX)) {
			for (int j = 0; j < outputs; j++) y[j] = NAN;
			return;
		}
		if (a > most) most = a;
	}
	float own = most < 0x1p-100f ? 0 : most / 127, inverse = most < 0x1p-100f ? 0 : 127 / most;
	for (int k = 0; k < inputs; k++) q[k] = (int16_t)(fmaf(x[k], inverse, 0x1.8p23f) - 0x1.8p23f);
	for (int j = 0; j < outputs; j++, w += inputs)
		for (int from = 0; from < inputs; from += 512) {
			int to = from + 512 < inputs ? from + 512 : inputs;
			int32_t sum = 0;
			for (int k = from; k < to; k++) sum += q[k] * w[k];
			y[j] = fmaf((float)sum, own * scale[j], y[j]);
		}
}

/* Sums go to 16 lanes, which are added up in pairs. */
static inline float name_fold(float *l) {
	for (int half = 8; half > 0; half /= 2)
		for (int i = 0; i < half; i++) l[i] += l[i + half];
	return l[0];
}

static inline float name_sum(const float *x, int n) {
	float l[16] = {0};
	for (int i = 0; i < n; i++) l[i % 16] += x[i];
	return name_fold(l);
}

/* 1 / sqrt(mean of squares + 1e-5) */
static inline float name_inverse(const float *x, int n) {
	float l[16] = {0};
	for (int i = 0; i < n; i++) l[i % 16] = fmaf(x[i], x[i], l[i % 16]);
	return 1 / sqrtf(name_fold(l) / (float)n + 1e-5f);
}

static inline void name_rmsnorm(float *y, const float *x, int n) {
	float inverse = name_inverse(x, n);
	for (int i = 0; i < n; i++) y[i] = x[i] * inverse;
}

static inline void name_layernorm(float *x, int n) {
	float mean = name_sum(x, n) / (float)n;
	for (int i = 0; i < n; i++) x[i] -= mean;
	name_rmsnorm(x, x, n);
}

/* A convolution of each of n channels over k time steps; past has the inputs of the last k - 1, the oldest first. */
static inline void name_conv(float *y, const float *x, float *past, const float *w, const float *bias, int k, int n) {
	for (int j = 0; j < n; j++) {
		float now = x[j], sum = bias[j];
		for (int i = 0; i < k - 1; i++) sum = fmaf(w[i * n + j], past[i * n + j], sum);
		sum = fmaf(w[(k - 1) * n + j], now, sum);
		for (int i = 0; i < k - 2; i++) past[i * n + j] = past[(i + 1) * n + j];
		past[(k - 2) * n + j] = now;
		y[j] = sum;
	}
}

/* Cells take pre-activations z to gates, and the state to that of the next time step. */

static inline void name_lstm(float *z, float *h, float *c, int n) {
	for (int j = 0; j < n; j++) {
		float i = name_sigmoid1(z[j]), f = name_sigmoid1(z[n + j]), g = name_tanh1(z[2 * n + j]), o = name_sigmoid1(z[3 * n + j]);
		float ig = i * g;
		c[j] = fmaf(f, c[j], ig);
		h[j] = o * name_tanh1(c[j]);
		z[3 * n + j] = o;
	}
}

/* u is what the recurrence contributes; bias is that of its last gate. */
static inline void name_gru(const float *z, const float *u, const float *bias, float *h, int n) {
	for (int j = 0; j < n; j++) {
		float reset = name_sigmoid1(z[j] + u[j]), update = name_sigmoid1(z[n + j] + u[n + j]);
		float own = u[2 * n + j] + bias[j];
		float new_h = name_tanh1(fmaf(reset, own, z[2 * n + j]));
		h[j] = fmaf(update, h[j] - new_h, new_h);
	}
}

static inline void name_mingru(const float *z, float *h, int n) {
	for (int j = 0; j < n; j++) h[j] = fmaf(z[n + j] - h[j], name_sigmoid1(z[j]), h[j]);
}
