package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runner returns mpirun and the flags that it wants here, or skips the test.
func runner(t *testing.T, name string, ranks string) []string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("there is no %s", name)
	}
	if strings.HasPrefix(name, "mpirun.openmpi") {
		return []string{path, "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", ranks}
	}
	return []string{path, "-n", ranks}
}

// build builds a program of this repository.
func build(t *testing.T, folder string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	c := exec.Command("go", "build", "-o", program, ".")
	c.Dir = folder
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

func output(t *testing.T, command ...string) string {
	t.Helper()
	c := exec.Command(command[0], command[1:]...)
	var errors bytes.Buffer
	c.Stderr = &errors
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %v: %s", command, err, errors.String())
	}
	return strings.TrimSpace(string(out))
}

// TestJobs trains the same in one process and in MPI jobs of several sizes, one of which goes on with what another began: the
// weights are the same bits.
func TestJobs(t *testing.T) {
	elman, shared := build(t, filepath.Join("..", "cmd", "elman")), build(t, ".")
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("It was the best of times, it was the worst of times,\n", 400)), 0o644); err != nil {
		t.Fatal(err)
	}
	flags := func(out, steps string) []string {
		return []string{"train", text, "--hidden", "24", "--dropout", "0.1", "--shards", "8", "--batch", "16", "--schedule", "constant",
			"--steps-total", steps, "--threads", "1", "--out", filepath.Join(t.TempDir(), out)}
	}
	one := flags("one", "40")
	output(t, append([]string{elman}, one...)...)
	hash := func(train []string) string {
		return output(t, elman, "hash", filepath.Join(train[len(train)-1], "last.safetensors"))
	}
	want := hash(one)
	// parts begins a run with one command and resumes it with another: its settings are those of a run of 15 steps.
	parts := func(first, second []string) string {
		train := flags("parts", "15")
		output(t, append(first, train...)...)
		train[len(train)-5] = "40"
		output(t, append(append(second, train...), "--resume")...)
		return hash(train)
	}
	wantParts := parts([]string{elman}, []string{elman})
	for _, launcher := range []string{"mpirun.openmpi", "mpirun.mpich"} {
		t.Run(launcher, func(t *testing.T) {
			if launcher == "mpirun.mpich" {
				t.Setenv("ELMAN_MPI", "libmpich.so.12")
			}
			for _, ranks := range []string{"1", "2", "3", "8"} {
				train := flags("many", "40")
				output(t, append(append(runner(t, launcher, ranks), shared), train...)...)
				if got := hash(train); got != want {
					t.Errorf("%s ranks: hash %s, in one process %s", ranks, got, want)
				}
			}
			if got := parts(append(runner(t, launcher, "4"), shared), append(runner(t, launcher, "2"), shared)); got != wantParts {
				t.Errorf("4 ranks and then 2: hash %s, in one process %s", got, wantParts)
			}
		})
	}
	if _, err := exec.LookPath("mpirun.openmpi"); err != nil {
		return
	}
	few := append(append(runner(t, "mpirun.openmpi", "3"), shared), append(flags("few", "9"), "--shards", "2")...)
	out, err := exec.Command(few[0], few[1:]...).CombinedOutput()
	if want := "elman: --shards is 2, fewer than the 3 ranks; start fewer, or choose more\n"; err == nil || !strings.Contains(string(out), want) {
		t.Errorf("3 ranks of 2 shards: %v: %s", err, out)
	}
}
