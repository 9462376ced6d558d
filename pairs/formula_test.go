package pairs

import (
	"strings"
	"testing"
)

// TestFormulas tries formulas on regions whose bits are ten times their number in condition a, and one more in b.
func TestFormulas(t *testing.T) {
	bits := func(r Reference) float64 {
		x := float64(10 * r.Region)
		if r.Condition == "b" {
			x++
		}
		return x
	}
	for _, tt := range []struct {
		formula      string
		holds, equal bool // strictly, and with equal sides of < and > allowed
	}{
		{"(1;%a%) < (1;%b%)", true, true},
		{"(1;%a%) > (1;%b%)", false, false},
		{"(1;%a%)>(1;%a%)", false, true},
		{"(1;%a%) = (1;%a%)", true, true},
		{"(1;%a%) = (1;%b%)", false, false},
		{"( 1 ; % a % ) < [ (2;%a%) ]", true, true},
		{"(*;%a%) < (*;%b%)", true, true},
		{"(1;%b%) - (1;%a%) = 1", true, true},
		{"(2;%a%) - (1;%a%) - 5 = 5", true, true}, // from the left
		{"(2;%a%) - ((1;%a%) - 5) = 15", true, true},
		{"[(2;%a%) - (1;%a%)] > [(2;%b%) - (1;%b%)]", false, true},
		{"(1;%a%) + (2;%a%) = 30 & 1 < 2", true, true},
		{"1 > 2 & 1 > 2 | 1 < 2", true, true},
		{"1 < 2 | 1 > 2 & 1 > 2", false, false}, // & and | are of equal rank
		{"1 < 2 | (1 > 2 & 1 > 2)", true, true},
		{"(1 < 2) & [(1 < 1) | (2 < 2)]", false, true},
		{"-1.5 < +.5", true, true},
		{"1 = 1.001", true, true},            // 0.001 apart
		{"1 = 1.0011", false, false},         // 0.00101 are allowed
		{"1000 = 1000.011", true, true},      // 0.001 + 0.01 are allowed
		{"100 = 100.00200001", true, true},   // 0.00200002 are allowed,
		{"100.00200001 = 100", false, false}, // and 0.002
		{"[[1<2]&[2<3]]&[3<4]", true, true},
	} {
		f, err := ParseFormula(tt.formula)
		if err != nil {
			t.Errorf("%s: %v", tt.formula, err)
			continue
		}
		if got := f.holds(bits, false); got != tt.holds {
			t.Errorf("%s holds: %v", tt.formula, got)
		}
		if got := f.holds(bits, true); got != tt.equal {
			t.Errorf("%s holds if equal sides may: %v", tt.formula, got)
		}
	}
}

func TestReferences(t *testing.T) {
	f := mustParse("[(5;%x-1%) > (*;%y_2%)] & [(5;%x-1%) - (3;%y_2%) > 0]")
	var all []string
	for _, r := range f.References() {
		all = append(all, r.String())
	}
	if got := strings.Join(all, " "); got != "(5;%x-1%) (*;%y_2%) (3;%y_2%)" {
		t.Errorf("references: %s", got)
	}
}

func TestFormulaErrors(t *testing.T) {
	for _, tt := range []struct{ formula, want string }{
		{"", `formula "" has the end at character 1, want a region such as (5;%condition%), a number or a bracket`},
		{"(1;%a%)", "is a number, not a comparison"},
		{"(1;%a%) <", "has the end at character 10, want a region"},
		{"(1;%a%) < (1;%b%", "has ';' at character 13, want )"},
		{"(1;%a%) < (0;%b%)", "has ';' at character 13, want )"},
		{"(1;%a%) < (1;b)", "has ';' at character 13, want )"},
		{"1 < 2 < 3", "has '<' at character 7, want & or |: a comparison has two sides"},
		{"1 <= 2", "has '=' at character 4, want a region"},
		{"1 < 2 && 2 < 3", "has '&' at character 8, want a region"},
		{"1 & 2 < 3", "joins a number with &, want a comparison"},
		{"(1 < 2) < 3", "has a comparison beside <, want a number"},
		{"(1 < 2) + 3 < 1", "has a comparison beside +, want a number"},
		{"[1 < 2)", "has ')' at character 7, want ]"},
		{"1 < 2 é", "has 'é' at character 7, want an operator or the end"},
		{"1.2.3 < 4", "has '1' at character 1, want a number such as 2 or 0.5"},
		{strings.Repeat("(", 101) + "1<2" + strings.Repeat(")", 101), "has more than 100 brackets inside each other"},
	} {
		if _, err := ParseFormula(tt.formula); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.formula, err, tt.want)
		}
	}
}

// FuzzFormula wants that what was read holds or not, and that it is read again as the same.
func FuzzFormula(f *testing.F) {
	f.Add("[(5;%a%) > (5;%b%)] & [[(5;%a%) - (5;%b%)] > [(*;%c%) + 2.5]] | (1=1)")
	f.Add("((((1<2))))")
	f.Fuzz(func(t *testing.T, text string) {
		formula, err := ParseFormula(text)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of several lines: %v", err)
			}
			return
		}
		bits := func(r Reference) float64 { return float64(r.Region) }
		if formula.holds(bits, false) && !formula.holds(bits, true) {
			t.Errorf("%q holds strictly alone", text) // there is no "not"
		}
		if again, err := ParseFormula(formula.String()); err != nil || len(again.References()) != len(formula.References()) {
			t.Errorf("%q again: %v, %v", text, again, err)
		}
	})
}
