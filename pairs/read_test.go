package pairs

import (
	"fmt"
	"strings"
	"testing"
)

// summary writes sets in short: name, field, and the items with their sentences or errors.
func summary(sets []*Set) string {
	var b strings.Builder
	for _, s := range sets {
		fmt.Fprintf(&b, "%s/%s:", s.Name, s.Field)
		for _, item := range s.Items {
			fmt.Fprintf(&b, " %s@%s", item.Name, item.Where)
			if item.Err != nil {
				fmt.Fprintf(&b, "!%v", item.Err)
			}
			for i := range item.Texts {
				fmt.Fprintf(&b, " %s=%q", item.Texts[i].Condition, item.Texts[i].String())
			}
			b.WriteString(";")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, file, data string
		o                Options
		want             string
	}{
		{"BLiMP", "x.jsonl", `{"sentence_good": "She runs.", "sentence_bad": "She run.", "field": "syntax", "UID": "sv", "pairID": "7"}` + "\n\n" +
			`{"sentence_good": "He sits.", "sentence_bad": "He sit.", "UID": "other", "pairID": 8}`, Options{},
			"sv/syntax: 7@line 1 good=\"She runs.\" bad=\"She run.\";\n" +
				"other/: 8@line 3 good=\"He sits.\" bad=\"He sit.\";\n"},
		{"JSON lines by content", "-", `{"good": "a", "bad": "b"}`, Options{}, "standard input/: 1@line 1 good=\"a\" bad=\"b\";\n"},
		{"JSON lines after a byte order mark", "x.jsonl", "\ufeff" + `{"good": "a", "bad": "b"}`, Options{}, "x/: 1@line 1 good=\"a\" bad=\"b\";\n"},
		{"CSV", "dir/items.csv", "\ufeffitem,bad,good\r\nx1,\"a, b\",\"say \"\"b\"\"\"\r\n,c,d\r\n", Options{},
			"items/: x1@row 2 good=\"say \\\"b\\\"\" bad=\"a, b\"; 2@row 3 good=\"d\" bad=\"c\";\n"},
		{"TSV with sets", "items.tsv", "set\tfield\tgood\tbad\nA\tf\t1\t2\nB\tg\t3\t4\nA\tf\t5\t6\n", Options{},
			"A/f: 1@row 2 good=\"1\" bad=\"2\"; 2@row 4 good=\"5\" bad=\"6\";\nB/g: 1@row 3 good=\"3\" bad=\"4\";\n"},
		{"semicolons", "items.csv", "good;bad\nyes, sir;no, sir\n", Options{}, "items/: 1@row 2 good=\"yes, sir\" bad=\"no, sir\";\n"},
		{"columns chosen", "items.csv", "ok,odd,kind,area\na,b,K,F\n", Options{Good: "ok", Bad: "odd", Set: "kind", Field: "area"},
			"K/F: 1@row 2 good=\"a\" bad=\"b\";\n"},
		{"damaged lines", "x.jsonl", "{\"good\":\"a\n{\"good\":\"a\",\"bad\":\"b\",\"UID\":\"u\"}\n[1]\n{\"good\":\"a\",\"UID\":\"u\"}\n{\"good\":\" \",\"bad\":\"b\",\"UID\":\"u\"}\n{\"good\":\"\xff\"}\nnull\n", Options{},
			"u/: 1@line 1!is not a JSON object: unexpected end of JSON input; 1@line 2 good=\"a\" bad=\"b\"; " +
				"2@line 3!is not a JSON object: it is an array; 3@line 4!has no bad or sentence_bad; " +
				"4@line 5!the good sentence is empty; 5@line 6!is not valid UTF-8; 6@line 7!is not a JSON object;\n"},
		{"damaged rows", "x.csv", "good,bad\na,b\nc\n\"d\" e,f\n\xff,a\n\"g\",h\n", Options{},
			"x/: 1@row 2 good=\"a\" bad=\"b\"; 2@row 3!it has 1 cell, and there are 2 columns; give it one for each; 3@row 4!cell 1 goes on after its closing quote; write a quote within as \"\"; " +
				"4@row 5!is not valid UTF-8; 5@row 6 good=\"g\" bad=\"h\";\n"},
		{"a suite", "s.json", suiteText("sum", "(2;%m%) < (2;%x%)", `[
			{"item_number": 5, "conditions": [
				{"condition_name": "m", "regions": [{"region_number": 1, "content": "We "}, {"region_number": 2, "content": ""}, {"region_number": 3, "content": " go"}]},
				{"condition_name": "x", "regions": [{"region_number": 1, "content": ""}, {"region_number": 2, "content": "goes"}]}]},
			{"item_number": 6, "conditions": [{"condition_name": "m", "regions": [{"region_number": 2, "content": "we"}]}]},
			{"item_number": 7, "conditions": [{"condition_name": "m", "regions": [{"region_number": 2}]}]},
			{"item_number": 8},
			{"item_number": 9, "conditions": [{"condition_name": "m", "regions": [{"region_number": 2, "content": " "}]}]},
			3]`), Options{},
			"toy/: 5@item 5 m=\"We go\" x=\"goes\"; 6@item 6!has no region (2;%x%), which a prediction needs; " +
				"7@item 7!has no content in region 2 of the condition \"m\"; 8@item 8!has no conditions; " +
				"9@item 9!has no text in the condition \"m\"; " +
				"6@item 6!is no item: it is a number;\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sets, err := Read(tt.file, []byte(tt.data), tt.o)
			if got := summary(sets); err != nil || got != tt.want {
				t.Errorf("%v\n%s\nwant\n%s", err, got, tt.want)
			}
		})
	}
}

// suiteText writes a suite of SyntaxGym.
func suiteText(metric, formula, items string) string {
	return fmt.Sprintf(`{"meta": {"name": "toy", "metric": %q}, "region_meta": {"1": "a"},
	"predictions": [{"type": "formula", "formula": %q}],
	"items": %s}`, metric, formula, items)
}

func TestReadErrors(t *testing.T) {
	item := `[{"item_number": 1, "conditions": [{"condition_name": "a", "regions": [{"region_number": 1, "content": "x"}]}]}]`
	for _, tt := range []struct{ name, file, data, want string }{
		{"nothing", "a.csv", "", "is empty"},
		{"white space", "a.jsonl", " \n\n", "is empty"},
		{"a head alone", "a.csv", "good,bad\n", "is empty"},
		{"prose", "a.txt", "It was a dark night.\n", `has no column good or sentence_good; its first row is "It was a dark night."`},
		{"another column", "a.csv", "good,worse\n", "has no column bad or sentence_bad"},
		{"a column twice", "a.csv", "good,bad,good\na,b,c\n", `has two columns "good"; rename one`},
		{"a set twice", "a.csv", "good,bad,set,set\na,b,c,d\n", `has two columns "set"; rename one`},
		{"an array", "a.json", "[1, 2]", "want JSON lines with sentence_good"},
		{"UTF-16", "a.csv", "\xff\xfeg\x00", "is in UTF-16; save it as UTF-8"},
		{"other JSON lines", "a.jsonl", "{\"text\":\"a\"}\n", "line 1: has no good or sentence_good; want JSON lines"},
		{"no JSON", "a.jsonl", "good,bad\n", "line 1: is not a JSON object"},
		{"a suite cut short", "s.json", suiteText("sum", "1 < (1;%a%)", item)[:150], "is no suite of SyntaxGym: unexpected end of JSON input at line 3"},
		{"a metric", "s.json", suiteText("mean", "1 < (1;%a%)", item), `has the metric "mean"; only sum is supported`},
		{"a formula", "s.json", suiteText("sum", "1 < (1;%a)", item), `formula "1 < (1;%a)" has ';' at character 7, want )`},
		{"no items", "s.json", suiteText("sum", "1 < (1;%a%)", "[]"), "has no items"},
		{"no predictions", "s.json", `{"meta": {"metric": "sum"}, "items": [1]}`, "has no predictions"},
		{"another kind", "s.json", `{"meta": {"metric": "sum"}, "predictions": [{"type": "code", "formula": ""}], "items": [1]}`, `has a prediction of type "code", want formula`},
		{"items of another kind", "s.json", "{\"meta\": {\"metric\": \"sum\"},\n \"items\": 3, \"predictions\": []}", "is no suite of SyntaxGym: items is a number at line 2"},
		{"a condition that none has", "s.json", suiteText("sum", "1 < (1;%b%)", item), "item 1: has no region (1;%b%)"},
		{"a region that none has", "s.json", suiteText("sum", "1 < (2;%a%)", item), "item 1: has no region (2;%a%)"},
		{"a region twice", "s.json", suiteText("sum", "1 < (1;%a%)", strings.Replace(item, "}]}", `}, {"region_number": 1, "content": "x"}]}`, 1)), "has the region 1 twice"},
		{"a condition twice", "s.json", suiteText("sum", "1 < (1;%a%)", strings.Replace(item, "]}]}", `]}, {"condition_name": "a"}]}`, 1)), `has the condition "a" twice`},
		{"region 0", "s.json", suiteText("sum", "1 < (1;%a%)", strings.Replace(item, `"region_number": 1`, `"region_number": 0`, 1)), "has a region_number 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read(tt.file, []byte(tt.data), Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

// TestUnreadableRows: a row that is no pair counts in the set of the row before, whichever set was named first.
func TestUnreadableRows(t *testing.T) {
	sets, err := Read("a.csv", []byte("good,bad,set\na,b,one\nc,d,two\ne,f,one\n\"g\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{3, 1} {
		if got := len(sets[i].Items); got != want {
			t.Errorf("set %s has %d items, want %d", sets[i].Name, got, want)
		}
	}
	if last := sets[0].Items[2]; last.Err == nil {
		t.Errorf("the last item of set %s is %+v, want one that is unreadable", sets[0].Name, last)
	}
}

// TestReadNames wants an error where what Options name is not there, or is one column for both sentences.
func TestReadNames(t *testing.T) {
	t.Parallel()
	csv, lines := "good,bad,kind\na,b,c\n", `{"good": "a", "bad": "b", "kind": "c"}`+"\n"+`{"good": "a", "bad": "b"}`
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{Set: "kind", Field: "kind"}, ""},
		{Options{Set: "nope"}, `has no "nope" in any row, the name of the set`},
		{Options{Field: "nope"}, `has no "nope" in any row, the field`},
		{Options{Good: "kind", Bad: "kind"}, `would have both sentences of a pair in "kind"`},
		{Options{Good: "bad"}, `would have both sentences of a pair in "bad"`},
		{Options{Bad: "nope"}, "has no"},
	} {
		for file, data := range map[string]string{"a.csv": csv, "a.jsonl": lines} {
			_, err := Read(file, []byte(data), tt.o)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Read(%s, %+v): %v, want %s", file, tt.o, err, tt.want)
			}
		}
	}
}

// FuzzRead wants an error in one line, or sets with items that are whole.
func FuzzRead(f *testing.F) {
	for _, ending := range []string{"jsonl", "csv", "tsv", "json"} {
		f.Add(ending, []byte(`{"sentence_good": "She runs.", "sentence_bad": "She run.", "UID": "sv"}`))
		f.Add(ending, []byte("good,bad,set\na,\"b\nc\",d\n\"x\n"))
		f.Add(ending, []byte(suiteText("sum", "(1;%a%) < 2", `[{"item_number": 1, "conditions": [{"condition_name": "a", "regions": [{"region_number": 1, "content": "x"}]}]}, 2]`)))
	}
	f.Fuzz(func(t *testing.T, ending string, data []byte) {
		sets, err := Read("x."+ending, data, Options{})
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of several lines: %v", err)
			}
			return
		}
		for _, s := range sets {
			if len(s.Items) == 0 || s.Name == unnamed {
				t.Errorf("set %q of %d items", s.Name, len(s.Items))
			}
			for _, item := range s.Items {
				if (item.Err == nil) != (len(item.Texts) > 0) {
					t.Errorf("%s: error %v and %d texts", item.Where, item.Err, len(item.Texts))
				}
				for _, p := range s.Predictions {
					for _, ref := range p.References() {
						if item.Err == nil && !item.has(ref) {
							t.Errorf("%s lacks %v", item.Where, ref)
						}
					}
				}
			}
		}
	})
}
