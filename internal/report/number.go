package report

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Format formats a number for people.
type Format func(float64) string

// Fixed returns the format with this many decimals; numbers from 1e15 on have an exponent.
func Fixed(decimals int) Format {
	return func(x float64) string {
		if math.Abs(x) >= 1e15 {
			return Digits(5)(x)
		}
		return shown(x, strconv.FormatFloat(x, 'f', decimals, 64))
	}
}

// Signed is Fixed with a plus sign before positive numbers.
func Signed(decimals int) Format {
	return func(x float64) string {
		text := Fixed(decimals)(x)
		if x > 0 && strings.Trim(text, "0.") != "" {
			text = "+" + text
		}
		return text
	}
}

// Percent formats a share as a percentage with this many decimals.
func Percent(decimals int) Format {
	return func(x float64) string {
		if x-x != 0 {
			return shown(x, "")
		}
		return Fixed(decimals)(100*x) + " %"
	}
}

// Digits returns the format with this many significant digits, and an exponent if that is shorter.
func Digits(n int) Format {
	return func(x float64) string { return shown(x, strconv.FormatFloat(x, 'g', n, 64)) }
}

// Plain formats with three decimals, or two significant digits if these say more.
func Plain(x float64) string {
	if size := math.Abs(x); size != 0 && size < 0.01 || size >= 1e6 {
		return Digits(2)(x)
	}
	return Fixed(3)(x)
}

// Short formats a number, at least 0, briefly: 873, 12 k, 3.25 M.
func Short(x float64) string {
	switch {
	case x >= 1e12:
		return Digits(3)(x)
	case x >= 1e6:
		return Fixed(2)(x/1e6) + " M"
	case x >= 1e4:
		return Fixed(0)(x/1e3) + " k"
	}
	return Fixed(0)(x)
}

// shown gives a number that was written its minus sign, no sign if it is zero, and words if it is not finite.
func shown(x float64, text string) string {
	switch {
	case x != x:
		return "NaN"
	case x > math.MaxFloat64:
		return "∞"
	case x < -math.MaxFloat64:
		return "−∞"
	case strings.Trim(text, "-0.") == "":
		return strings.TrimPrefix(text, "-")
	case text[0] == '-':
		return "−" + text[1:]
	}
	return text
}

// Exact formats a number with all its digits, for programs.
func Exact(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// Grouped formats a whole number with commas between thousands.
func Grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Seconds formats a time.
func Seconds(s float64) string {
	if s < 100 {
		return Fixed(1)(s) + " s"
	}
	return Fixed(0)(s/60) + " min"
}

// Bytes formats the size of a file.
func Bytes(n int64) string {
	switch x := float64(n); {
	case x < 1e3:
		return fmt.Sprintf("%d bytes", n)
	case x < 1e6:
		return Fixed(0)(x/1e3) + " kB"
	default:
		return Fixed(1)(x/1e6) + " MB"
	}
}

// A Spread is a number over several seeds.
type Spread struct {
	Mean, SD  float64 // SD is the sample standard deviation; 0 for a single seed
	Low, High float64
}

// SpreadOf returns the spread of numbers, at least one. It rounds products before sums, so the result is the same on every
// processor.
func SpreadOf(numbers []float64) Spread {
	s := Spread{Low: math.Inf(1), High: math.Inf(-1)}
	n := float64(len(numbers))
	for _, x := range numbers {
		s.Mean += x / n
		s.Low, s.High = min(s.Low, x), max(s.High, x)
	}
	if n > 1 {
		squares := 0.0
		for _, x := range numbers {
			squares += float64((x - s.Mean) * (x - s.Mean))
		}
		s.SD = math.Sqrt(squares / (n - 1))
	}
	return s
}

// Cell returns a cell with the mean, and the range in brackets.
func (s Spread) Cell() Cell { return Cell{Text: s.String(), Value: s} }

// String returns the mean, and the range in brackets, with as many digits as the largest needs.
func (s Spread) String() string {
	write := Format(Plain)
	switch size := max(math.Abs(s.Low), math.Abs(s.High)); {
	case size >= 1e6:
		write = Digits(2)
	case size >= 1000:
		write = Fixed(0)
	case size >= 100:
		write = Fixed(1)
	case size >= 10:
		write = Fixed(2)
	}
	if s.Low == s.High {
		return write(s.Low)
	}
	return fmt.Sprintf("%s (%s to %s)", write(s.Mean), write(s.Low), write(s.High))
}

// MarshalJSON writes null for NaN and infinities.
func (s Spread) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Mean *float64 `json:"mean"`
		SD   *float64 `json:"sd"`
		Low  *float64 `json:"low"`
		High *float64 `json:"high"`
	}{Finite(s.Mean), Finite(s.SD), Finite(s.Low), Finite(s.High)})
}

// Finite returns the number, or nil if JSON cannot hold it.
func Finite(x float64) *float64 {
	if x-x != 0 {
		return nil
	}
	return &x
}
