package main

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestShapes makes sure that no shape comes twice, and that choosing by name finds those that are there.
func TestShapes(t *testing.T) {
	var names []string
	for _, s := range shapes() {
		names = append(names, s.String())
		if s.operations() < 1e6 {
			t.Errorf("%v: a window takes %v operations, too few to time", s, s.operations())
		}
	}
	for _, want := range []string{"forward M=8 N=512 K=128", "backward M=128 N=512 K=2048", "gradient M=512 N=2048 K=2048"} {
		if !slices.Contains(names, want) {
			t.Errorf("there is no %q in %q", want, names)
		}
	}
	if slices.Sort(names); len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("a shape comes twice: %q", names)
	}
	for _, tt := range []struct {
		names []string
		want  int // shapes, -1 for an error
	}{
		{nil, len(names)},
		{[]string{"gradient M=512", "forward M=8 N=512"}, 4},
		{[]string{"gradient", "lstm"}, -1},
	} {
		list, err := chooseShapes(tt.names)
		if tt.want < 0 {
			if err == nil || !strings.Contains(err.Error(), `"lstm"`) {
				t.Errorf("chooseShapes(%q): %v, error %v", tt.names, list, err)
			}
		} else if err != nil || len(list) != tt.want {
			t.Errorf("chooseShapes(%q): %v, error %v; want %d", tt.names, list, err, tt.want)
		}
	}
}

// TestPeerEnvironment makes sure that a peer has instructions of the kind that Elman has, whatever it would inherit.
func TestPeerEnvironment(t *testing.T) {
	inherited := []string{"HOME=/root", "OPENBLAS_CORETYPE=Prescott", "OPENBLAS_L2_SIZE=1", "OMP_NUM_THREADS=9", "ATEN_CPU_CAPABILITY=default"}
	threads := func(n string) []string {
		return []string{"HOME=/root", "OPENBLAS_NUM_THREADS=" + n, "OMP_NUM_THREADS=" + n, "MKL_NUM_THREADS=" + n}
	}
	for _, tt := range []struct {
		set, blas string
		threads   int
		want      []string
	}{
		{"avx512", "", 2, append(threads("2"), "ATEN_CPU_CAPABILITY=avx512")},
		{"avx2", "Zen", 1, append(threads("1"), "ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2", "MKL_ENABLE_INSTRUCTIONS=AVX2", "OPENBLAS_CORETYPE=Zen")},
		{"go", "", 1, threads("1")},
	} {
		if got := peerEnvironment(inherited, tt.set, tt.blas, tt.threads); !slices.Equal(got, tt.want) {
			t.Errorf("peerEnvironment(%q, %q, %d) = %q, want %q", tt.set, tt.blas, tt.threads, got, tt.want)
		}
	}
}

// TestProductTable has a shape of 100 operations a second at the peak, which Elman makes in 2 seconds, and two others in 2.5
// and 4; one that did not run; and one where Elman is slower.
func TestProductTable(t *testing.T) {
	about := []hello{{About: "kernels avx2"}, {About: "numpy 1.24.2, OpenBLAS Haswell"}, {About: "numpy 1.24.2, OpenBLAS Zen"}}
	s := shape{"forward", 2, 5, 10, 1} // 200 operations
	build := func(about []hello, seconds ...float64) productResult {
		r := newProductResult(s, about)
		for range 3 {
			for i, x := range seconds {
				if x > 0 {
					a := productAnswer{Seconds: x}
					if i == 0 {
						a.Peak = 125
					}
					r.add(i, a)
				}
			}
		}
		r.compare()
		return *r
	}
	first, second := build(about, 2, 4, 2.5), build(about, 2, 1.6, 4)
	if r := first; r.OfMedians != 1.25 || r.OfBests != 1.25 || r.Sides[0].OfPeak != 0.8 || r.Sides[1].OfPeak != 0.4 {
		t.Errorf("%+v", r)
	}
	var out bytes.Buffer
	first.print(&out, true)
	second.print(&out, false)
	printProductSummary(&out, []productResult{first, second})
	want := `
                           share of the peak                             ratio
product     M     N     K Elman avx2    Haswell        Zen  median  best
forward     2     5    10       80 %       40 %       64 %    1.25  1.25
forward     2     5    10       80 %      100 %       40 %    0.80  0.80

Elman to the fastest other: 1.02 times in the median (target: 1.10), slower in 1 of 2,
least 0.80 times at forward M=2 N=5 K=10
kernels avx2
numpy 1.24.2, OpenBLAS Haswell
numpy 1.24.2, OpenBLAS Zen
`
	if got := out.String(); got != want {
		t.Errorf("the table is\n%swant\n%s", got, want)
	}

	out.Reset()
	gone := build([]hello{about[0], {Missing: true}, {Missing: true}}, 2, 0, 0)
	gone.print(&out, true)
	printProductSummary(&out, []productResult{gone})
	if got := out.String(); gone.OfMedians != 0 || !strings.Contains(got, "       80 %          -          -\n") || strings.Count(got, "numpy: not installed") != 1 {
		t.Errorf("without numpy:\n%s", got)
	}
}

// TestServeProducts has Elman's worker make products of each kind.
func TestServeProducts(t *testing.T) {
	list := []shape{{"forward", 3, 20, 17, 50}, {"backward", 3, 17, 20, 50}, {"gradient", 17, 20, 600, 1}}
	arg, err := json.Marshal(productJob{list, "auto"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := serveProducts(string(arg), strings.NewReader("0 0\n1 1e-9\n2 0.001\n2 0\n"), &out); err != nil {
		t.Fatal(err)
	}
	lines := json.NewDecoder(&out)
	var h hello
	if err := lines.Decode(&h); err != nil || !strings.HasPrefix(h.About, "kernels") {
		t.Errorf("hello %+v, error %v", h, err)
	}
	for i := range 4 {
		var a productAnswer
		if err := lines.Decode(&a); err != nil || !(a.Seconds > 0 && a.Peak > 0) || math.IsInf(a.Seconds+a.Peak, 0) {
			t.Errorf("round %d: %+v, error %v", i, a, err)
		}
	}
	for _, line := range []string{"3 0.1\n", "-1 0.1\n", "forward\n"} {
		if err := serveProducts(string(arg), strings.NewReader(line), &out); err == nil {
			t.Errorf("line %q is an error", line)
		}
	}
}
