// Package kernels describes the kernels, each once for all targets, and lists them.
package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// A Family is the kernels of one generated file.
type Family struct {
	Name    string
	Kernels []ir.Definition
}

// Families is the kernel table.
var Families = []Family{
	{"products", []ir.Definition{tiles, tilesPanels, tilesTransA, packPanel, transposeBlock, peak}},
	{"cells", []ir.Definition{lstm, lstmGrad, gru, gruGrad, minGRU, minGRUGrad}},
	{"pointwise", []ir.Definition{
		mapping("sigmoid", sigmoid),
		mapping("tanh", tanh),
		mapping("relu", relu),
		log1,
		gradient("sigmoidGrad", sigmoidGrad),
		gradient("tanhGrad", tanhGrad),
		gradient("reluGrad", reluGrad),
		pairwise("add", (*ir.Kernel).Add),
		pairwise("multiply", (*ir.Kernel).Mul),
		by("subtract", (*ir.Kernel).Sub),
		by("scale", (*ir.Kernel).Mul),
		addScaled,
		interpolate, interpolateCarry, interpolateSums,
		mulAdd,
		mulAdds,
		addRows,
		dropout,
	}},
	{"reductions", []ir.Definition{
		sumLanes, sumSquaresLanes, dotLanes, maxLanes,
		softmaxRow, maxExpSumRow, expStoreSumLanes, expSumLanes,
		rootMeanSquare("rmsNorm", false), rootMeanSquare("addRMSNorm", true), rmsNormGrad,
	}},
	{"lowbit", []ir.Definition{maxMagnitude, roundRow, int8Tile, bf16Row}},
	{"updates", []ir.Definition{
		sgd, sgdOuter, momentumRule("momentum", false), momentumRule("nesterov", true), average,
		adagrad, rmsprop, rmspropMomentum, adam,
	}},
}
