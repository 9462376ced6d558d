
/* Sampling. Probabilities and draws are those of Elman, given the same random numbers. */

/* Makes probabilities of logits: p may be logits. */
static inline void name_softmax(float *p, const float *logits) {
	float most = logits[0], l[16] = {0};
	for (int i = 1; i < NAME_SYMBOLS; i++)
		if (logits[i] > most) most = logits[i];
	for (int i = 0; i < NAME_SYMBOLS; i++) l[i % 16] += p[i] = name_exp(logits[i] - most);
	float scale = 1 / name_fold(l);
	for (int i = 0; i < NAME_SYMBOLS; i++) p[i] *= scale;
}

/* Returns a symbol drawn with u, 0 <= u < 1, or at temperature 0 the likeliest. It overwrites the logits. Symbols that stand for no
 * text are never drawn. */
static inline int name_draw(float *logits, float temperature, double u) {
	for (int i = 0; i < NAME_SYMBOLS; i++)
		if (name_unwritten(i)) logits[i] = -INFINITY;
	int best = 0;
	for (int i = 1; i < NAME_SYMBOLS; i++)
		if (logits[i] > logits[best]) best = i;
	if (temperature == 0) return best;
	if (temperature != 1) {
		float most = logits[best];
		for (int i = 0; i < NAME_SYMBOLS; i++) logits[i] = (logits[i] - most) / temperature;
	}
	name_softmax(logits, logits);
	double total = 0, end = 0;
	for (int i = 0; i < NAME_SYMBOLS; i++) total += (double)logits[i];
	for (int i = 0; i < NAME_SYMBOLS; i++) {
		end += (double)logits[i];
		if (u * total < end) return i;
	}
	for (int i = NAME_SYMBOLS - 1; i > 0; i--) /* u * total was rounded up to total */
		if (logits[i] > 0) return i;
	return 0;
}

/* Returns a random number below 1, and at least 0 (SplitMix64). Any seed will do. */
static inline double name_random(uint64_t *seed) {
	uint64_t x = *seed += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (double)((x ^ x >> 31) >> 11) * 0x1p-53;
}
