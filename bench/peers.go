package main

import (
	"fmt"
	"slices"
	"strings"
)

// A peer runs with the same kind of instructions as Elman does: what chooses them is its environment.

// blasKernels returns the kernels of OpenBLAS that a peer is tried with, beside one of Elman's kernel sets; "" stands for
// those that OpenBLAS chooses itself. With AVX-512 its own are not always faster than its AVX2 kernels, and among these
// Haswell's were faster for PyTorch than Zen's, on AMD processors too.
func blasKernels(set string) []string {
	switch set {
	case "avx512":
		return []string{"", "Haswell"}
	case "avx2":
		return []string{"Haswell"}
	}
	return []string{""}
}

// chosen is the variables that a peer does not inherit.
var chosen = []string{
	"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
	"ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS",
}

// peerEnvironment returns the environment of a peer beside a kernel set, on this many threads.
func peerEnvironment(inherited []string, set, blas string, threads int) []string {
	env := slices.DeleteFunc(slices.Clone(inherited), func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		return slices.Contains(chosen, name)
	})
	for _, name := range []string{"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"} {
		env = append(env, fmt.Sprintf("%s=%d", name, threads))
	}
	switch set {
	case "avx512":
		env = append(env, "ATEN_CPU_CAPABILITY=avx512") // PyTorch 1.13 does not choose it by itself
	case "avx2":
		env = append(env, "ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2", "MKL_ENABLE_INSTRUCTIONS=AVX2")
	}
	if blas != "" {
		env = append(env, "OPENBLAS_CORETYPE="+blas)
	}
	return env
}
