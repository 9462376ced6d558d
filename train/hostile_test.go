package train

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/exactjson"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// hostileRun makes a small run in a folder, with samples, and returns the bytes of its state.
func hostileRun(t testing.TB, folder string) (*corpus.Corpus, Settings, []byte) {
	t.Helper()
	c := chars(t, rhyme(20))
	s := Settings{Network: rnn.Config{Cell: "elman", Hidden: 4}, Batch: 2, Window: 10, Budget: Budget{Steps: 30}, ReportEvery: 7, Optimizer: optim.Settings{Optimizer: "adagrad"}}
	mustRun(t, c, s, Options{Folder: folder, Sample: hashSample})
	state, err := os.ReadFile(filepath.Join(folder, run.StateName))
	if err != nil {
		t.Fatal(err)
	}
	return c, s, state
}

func headerEnd(b []byte) int { return 8 + int(binary.LittleEndian.Uint64(b)) }

// restorer returns a function that restores a trainer from a state with these bytes, and checks what holds for any: an
// error is one line, and all memory ever taken is in proportion to the file: 3 times the data, 100 times the
// header.
func restorer(t testing.TB, name string, c *corpus.Corpus, s Settings) func(t testing.TB, state []byte) (*trainer, error) {
	t.Helper()
	s, err := Defaults(FactsOf(c), with(s))
	if err != nil {
		t.Fatal(err)
	}
	pool := f32.NewPool(1)
	t.Cleanup(pool.Close)
	tr, err := newTrainer(c, s, Options{}, pool)
	if err != nil {
		t.Fatal(err)
	}
	if tr.folder, err = run.Resume(name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.folder.Close)
	path := filepath.Join(name, run.StateName)
	return func(t testing.TB, state []byte) (*trainer, error) {
		t.Helper()
		if err := os.WriteFile(path, state, 0o666); err != nil {
			t.Fatal(err)
		}
		header := 0
		if len(state) > 8 {
			header = int(min(binary.LittleEndian.Uint64(state), uint64(len(state))))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := tr.restore()
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 3*uint64(len(state))+100*uint64(header)+1<<18 {
			t.Errorf("restoring %d bytes allocated %d", len(state), used)
		}
		if err != nil && (strings.Contains(err.Error(), "\n") || len(err.Error()) > 500) {
			t.Errorf("error of several lines, or a long one: %q", err)
		}
		return tr, err
	}
}

// TestRestoredIsSaved: what is saved after a checkpoint was restored is that checkpoint, but for the seconds that have passed.
func TestRestoredIsSaved(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	c, s, whole := hostileRun(t, folder)
	tr, err := restorer(t, folder, c, s)(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	read := func() (c checkpoint, lengths run.Lengths) {
		state, err := run.OpenState(folder)
		if err != nil {
			t.Fatal(err)
		}
		defer state.Close()
		if err := exactjson.Decode(state.Training, &c); err != nil {
			t.Fatal(err)
		}
		return c, state.Lengths
	}
	want, wantLengths := read()
	if err := tr.saveState(); err != nil {
		t.Fatal(err)
	}
	got, lengths := read()
	if got.Seconds < want.Seconds || want.Reported == 0 || want.LastLoss == 0 || want.Rate == 0 {
		t.Errorf("%+v, saved again as %+v", want, got)
	}
	got.Seconds = want.Seconds
	if !reflect.DeepEqual(got, want) || lengths != wantLengths {
		t.Errorf("%+v with %+v, saved again as %+v with %+v", want, wantLengths, got, lengths)
	}
}

// TestFlippedBitsOfTheState flips bits, 200 of them chosen at random in the header: each is refused. And so is each length.
func TestFlippedBitsOfTheState(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	c, s, whole := hostileRun(t, folder)
	restore := restorer(t, folder, c, s)
	if _, err := restore(t, whole); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 0))
	for i := range 400 {
		at := rng.IntN(headerEnd(whole))
		if i >= 200 {
			at = rng.IntN(len(whole))
		}
		b := bytes.Clone(whole)
		b[at] ^= 1 << rng.IntN(8)
		if _, err := restore(t, b); err == nil {
			t.Errorf("byte %d is %q, was %q: restored", at, b[at], whole[at])
		}
	}
	for n := 0; n < len(whole); n += 7 + n/headerEnd(whole)*61 { // lengths of the header, and some of the data
		if _, err := restore(t, whole[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are restored", n, len(whole))
		}
	}
}

// sealed returns a state with the checksum that it should have, or as it is if it is no file at all.
func sealed(state []byte) []byte {
	file, err := safetensors.Open(bytes.NewReader(state), int64(len(state)))
	if err != nil {
		return state
	}
	object, ok := file.Metadata("elman")
	if !ok {
		return state
	}
	var tensors []safetensors.Source
	for _, tensor := range file.Tensors() {
		tensors = append(tensors, safetensors.Source{Tensor: tensor, Write: func(w io.Writer) error { return file.Copy(w, tensor.Name) }})
	}
	var b bytes.Buffer
	if safetensors.Write(&b, []byte(object), tensors) != nil {
		return state
	}
	return b.Bytes()
}

// TestHostileState resumes from states that no run has written: one line of error that names the file and what is wrong,
// and nothing in the folder changes.
func TestHostileState(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	c, s, whole := hostileRun(t, folder)
	swap := func(old, new string) []byte {
		end := headerEnd(whole)
		header := string(whole[8:end])
		if !strings.Contains(header, old) {
			t.Fatalf("%s does not contain %s", header, old)
		}
		header = strings.Replace(header, old, new, 1)
		b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		return sealed(append(append(b, header...), whole[end:]...))
	}
	at := func(tensor string, i int) int { // where a number lies
		t.Helper()
		_, rest, ok := strings.Cut(string(whole[:headerEnd(whole)]), `"`+tensor+`":{"dtype":"F32","shape":[`)
		var n, begin int
		if _, err := fmt.Sscanf(rest, `%d],"data_offsets":[%d,`, &n, &begin); !ok || err != nil || i >= n {
			t.Fatalf("no number %d of tensor %s: %v", i, tensor, err)
		}
		return headerEnd(whole) + begin + 4*i
	}
	weight := func(at int, x float64) []byte {
		b := bytes.Clone(whole)
		binary.LittleEndian.PutUint32(b[at:], math.Float32bits(float32(x)))
		return sealed(b)
	}
	for _, tt := range []struct {
		name  string
		state []byte
		want  string
	}{
		{"empty", nil, "0 bytes are too few"},
		{"cut", whole[:len(whole)-1], "the file holds"},
		{"no metadata", swap(`"elman"`, `"Elman"`), `no entry "elman" in the metadata`},
		{"metadata no JSON", swap(`,\"progress\"`, `,{\"progress\"`), "metadata: invalid character"},
		{"damaged", append(whole[:len(whole)-1:len(whole)-1], whole[len(whole)-1]^1), "differs from its checksum"},
		{"another format", swap(`\"format\":2`, `\"format\":3`), "metadata: format is 3, this program reads 2"},
		{"field unknown", swap(`\"position\"`, `\"Position2\"`), `metadata: unknown field "Position2"`},
		{"field twice", swap(`\"position\"`, `\"epoch\":1,\"position\"`), `metadata: "epoch" is there twice`},
		{"step negative", swap(`\"step\":`, `\"step\":-`), "metadata: progress.step is -30, want 30"},
		{"step of another training", swap(`\"step\":30`, `\"step\":31`), "metadata: progress.step is 31, want 30"},
		{"position far along", swap(`\"position\":`, `\"position\":9`), "metadata: progress.position is 9"},
		{"epoch enormous", swap(`\"epoch\":`, `\"epoch\":99999999`), "metadata: progress.step is 30, want "},
		{"symbols wrong", swap(`\"symbols\":`, `\"symbols\":1`), "metadata: progress.symbols is 1"},
		{"loss over nothing", swap(`\"loss_over\":`, `\"loss_over\":-1`), "metadata: progress.loss_over is -1"},
		{"metrics of an exabyte", swap(`\"metrics\":`, `\"metrics\":1000000000000`), "metadata: metrics.jsonl has "},
		{"metrics negative", swap(`\"metrics\":`, `\"metrics\":-`), "metadata: metrics.jsonl has "},
		{"samples too long", swap(`\"samples\":`, `\"samples\":1`), "metadata: samples.txt has "},
		{"number of another kind", swap(`\"metrics\":`, `\"metrics\":0.5e`), "metadata: metrics: number "},
		{"tensor too many", swap(`"state":{"dtype":"F32"`, `"more":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"state":{"dtype":"F32"`), " tensors, want the "},
		{"weight NaN", weight(at("rnn.weight_ih_l0", 0), math.NaN()), `tensor "rnn.weight_ih_l0": number 0 is NaN`},
		{"weight infinite", weight(at("rnn.weight_ih_l0", 1), math.Inf(-1)), `tensor "rnn.weight_ih_l0": weight 1 is -Inf`},
		{"state NaN", weight(at("state", 7), math.NaN()), `tensor "state": number 7 is NaN`},
		{"state infinite", weight(at("state", 7), math.Inf(1)), `tensor "state": number 7 is +Inf`},
		{"state to go back to infinite", weight(at("good.state", 7), math.Inf(1)), `tensor "good.state": number 7 is +Inf`},
		{"nothing to go back to", swap(`\"good\":{`, `\"god\":{`), `metadata: unknown field "god"`},
		{"good later than the rest", swap(`\"good\":{\"step\":28`, `\"good\":{\"step\":30`), "metadata: good.step is 30, not before 30"},
		{"good nowhere", swap(`\"good\":{\"step\":28`, `\"good\":{\"step\":27`), "metadata: good.step is 27, want 28"},
		{"reported later than the end", swap(`\"reported\":`, `\"reported\":9`), "metadata: reported is 9"},
		{"rate negative", swap(`\"lr\":`, `\"lr\":-`), "metadata: lr is -0.02"},
		{"retries negative", swap(`\"retries\":`, `\"retries\":-1`), "metadata: progress.retries is -10"},
		{"recent loss negative", swap(`\"recent\":{\"loss\":`, `\"recent\":{\"loss\":-`), "recent.loss -1842"},
	} {
		if err := os.WriteFile(filepath.Join(folder, run.StateName), tt.state, 0o666); err != nil {
			t.Fatal(err)
		}
		before := contents(t, folder)
		longer := s
		longer.Budget.Steps = 60
		_, err := runPartial(t.Context(), c, longer, Options{Folder: folder, Resume: true, Sample: hashSample})
		if err == nil || !strings.Contains(err.Error(), run.StateName+": ") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v\nwant %s", tt.name, err, tt.want)
		}
		if after := contents(t, folder); after != before {
			t.Errorf("%s: the folder was\n%sand is\n%s", tt.name, before, after)
		}
	}
}

// TestMemoryOfLargeStates restores from headers made to take many times their size.
func TestMemoryOfLargeStates(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	c, s, whole := hostileRun(t, folder)
	restore := restorer(t, folder, c, s)
	const n = 200_000
	var tensors, keys strings.Builder
	for i := range n / 50 {
		fmt.Fprintf(&tensors, `"%d":{"dtype":"U8","shape":[],"data_offsets":[0,0]},`, i)
		fmt.Fprintf(&keys, `"%d":"",`, i)
	}
	metadata := func(text string) string { return `{"__metadata__":{"elman":"` + text + `"},` }
	for name, start := range map[string]string{
		"tensors":          "{" + tensors.String(),
		"keys":             `{"__metadata__":{` + strings.TrimSuffix(keys.String(), ",") + "},",
		"a value":          metadata(strings.Repeat("x", n)),
		"arrays in arrays": metadata(strings.Repeat("[", n)),
		"objects":          metadata(`{\"progress\":[` + strings.Repeat("{},", n/3) + `{}]}`),
		"a number":         metadata(`{\"seconds\":` + strings.Repeat("1", n) + `}`),
		"a page of fields": metadata(`{\"progress\":{` + strings.Repeat(`\"step\":1,`, 300) + `\"step\":1}}`),
		"a page of spaces": metadata(`{` + strings.Repeat(" ", 4000) + `}`),
	} {
		header := start + string(whole[9:headerEnd(whole)])
		state := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		state = append(append(state, header...), whole[headerEnd(whole):]...)
		if _, err := restore(t, sealed(state)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestMissingMetrics resumes a run whose metrics somebody has taken away: without them it would go on behind a hole.
func TestMissingMetrics(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	c, s, _ := hostileRun(t, folder)
	if err := os.Remove(filepath.Join(folder, run.MetricsName)); err != nil {
		t.Fatal(err)
	}
	_, err := runPartial(t.Context(), c, s, Options{Folder: folder, Resume: true})
	if want := run.MetricsName + " is missing"; !strings.Contains(fmt.Sprint(err), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}

// TestWeightsStayFinite makes a weight infinite in a way that no loss shows, the bias of a unit that saturates: it is not
// saved over the last good model.
func TestWeightsStayFinite(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	c, s, state := hostileRun(t, folder)
	tr, err := restorer(t, folder, c, s)(t, state)
	if err != nil {
		t.Fatal(err)
	}
	before := contents(t, folder)
	tr.model.Network.Params()[1].Value[0] = float32(math.Inf(1))
	for name, err := range map[string]error{"save": tr.save(Report{Best: true}, true), "saveState": tr.saveState()} {
		if !strings.Contains(fmt.Sprint(err), "the weight is not finite") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if after := contents(t, folder); after != before {
		t.Errorf("the folder was\n%sand is\n%s", before, after)
	}
}
