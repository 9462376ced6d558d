package bench

import "testing"

// TestOperations counts by hand, for V=3 symbols, H=2 hidden units.
func TestOperations(t *testing.T) {
	for _, tt := range []struct {
		name string
		T    int
		want float64 // for each character
	}{
		// Logits, their gradient and dD: 6 multiply-adds each. U h and dU: 4 each. No way back through time.
		{"one time step", 1, 2 * (3*6 + 2*4)},
		{"two: one of them passes its gradient back", 2, 2 * (3*6 + 2*4 + 4.0/2)},
	} {
		if got := Operations(3, 2, tt.T); got != tt.want {
			t.Errorf("%s: Operations(3, 2, %d) = %v, want %v", tt.name, tt.T, got, tt.want)
		}
	}
}
