package f32

func lstmGeneric(z, c, cPrev, tanhC, h []float32, rows, H int) {
	for r := range rows {
		z, c, cPrev, tanhC, h := z[r*4*H:][:4*H], c[r*H:][:H], cPrev[r*H:][:H], tanhC[r*H:][:H], h[r*H:][:H]
		for j := range H {
			i, f, g, o := sigmoid1(z[j]), sigmoid1(z[H+j]), tanh1(z[2*H+j]), sigmoid1(z[3*H+j])
			c[j] = FMA(f, cPrev[j], float32(i*g))
			tanhC[j] = tanh1(c[j])
			h[j] = o * tanhC[j]
			z[j], z[H+j], z[2*H+j], z[3*H+j] = i, f, g, o
		}
	}
}

func lstmGradGeneric(z, dc, dh, cPrev, tanhC []float32, rows, H int) {
	for r := range rows {
		z, dc, dh, cPrev, tanhC := z[r*4*H:][:4*H], dc[r*H:][:H], dh[r*H:][:H], cPrev[r*H:][:H], tanhC[r*H:][:H]
		for j := range H {
			i, f, g, o, t := z[j], z[H+j], z[2*H+j], z[3*H+j], tanhC[j]
			d := FMA(float32(dh[j]*o), FMA(-t, t, 1), dc[j])
			z[j] = float32(d*g) * FMA(-i, i, i)
			z[H+j] = float32(d*cPrev[j]) * FMA(-f, f, f)
			z[2*H+j] = float32(d*i) * FMA(-g, g, 1)
			z[3*H+j] = float32(dh[j]*t) * FMA(-o, o, o)
			dc[j] = d * f
		}
	}
}

func gruGeneric(z, u, bias, hPrev, h []float32, rows, H int) {
	for r := range rows {
		z, u, hPrev, h := z[r*3*H:][:3*H], u[r*3*H:][:3*H], hPrev[r*H:][:H], h[r*H:][:H]
		for j := range H {
			reset, update := sigmoid1(z[j]+u[j]), sigmoid1(z[H+j]+u[H+j])
			u[2*H+j] += bias[j]
			n := tanh1(FMA(reset, u[2*H+j], z[2*H+j]))
			h[j] = FMA(update, hPrev[j]-n, n)
			z[j], z[H+j], z[2*H+j] = reset, update, n
		}
	}
}

func gruGradGeneric(z, u, dh, dy, hPrev []float32, rows, H int) {
	for r := range rows {
		z, u, dh, dy, hPrev := z[r*3*H:][:3*H], u[r*3*H:][:3*H], dh[r*H:][:H], dy[r*H:][:H], hPrev[r*H:][:H]
		for j := range H {
			reset, update, n := z[j], z[H+j], z[2*H+j]
			d := dh[j] + dy[j]
			dUpdate := float32(d*(hPrev[j]-n)) * FMA(-update, update, update)
			dn := FMA(-update, d, d) * FMA(-n, n, 1)
			dReset := float32(dn*u[2*H+j]) * FMA(-reset, reset, reset)
			z[j], z[H+j], z[2*H+j] = dReset, dUpdate, dn
			u[j], u[H+j], u[2*H+j] = dReset, dUpdate, dn*reset
			dh[j] = d * update
		}
	}
}

func minGRUGeneric(z, hPrev, h []float32, rows, H int) {
	for r := range rows {
		z, hPrev, h := z[r*2*H:][:2*H], hPrev[r*H:][:H], h[r*H:][:H]
		for j := range H {
			z[j] = sigmoid1(z[j])
			h[j] = FMA(z[H+j]-hPrev[j], z[j], hPrev[j])
		}
	}
}

func minGRUGradGeneric(z, dh, dy, hPrev []float32, rows, H int) {
	for r := range rows {
		z, dh, dy, hPrev := z[r*2*H:][:2*H], dh[r*H:][:H], dy[r*H:][:H], hPrev[r*H:][:H]
		for j := range H {
			update, d := z[j], dh[j]+dy[j]
			z[j] = float32(d*(z[H+j]-hPrev[j])) * FMA(-update, update, update)
			z[H+j] = d * update
			dh[j] = FMA(-update, d, d)
		}
	}
}
