//go:build js && wasm && simd && !purego

package f32

// kernelsLoaded says whether the page or whatever runs this program has loaded the kernels beside it: see the folder browser.
//
//go:wasmimport elman kernels
func kernelsLoaded() int32
