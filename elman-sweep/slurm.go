package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

func slurmCommand() *cobra.Command {
	f := &openFlags{}
	var tasks, most, threads int
	var limit string
	var more []string
	c := &cobra.Command{
		Use:   "slurm STUDY.toml",
		Short: "Print a Slurm job array that does a study",
		Long: `Print a script for sbatch: a job array whose tasks do the runs of the study in its folder, which all nodes must
share. A task that is preempted, or reaches its time limit, saves its run and goes back into the queue; a node that
dies costs the time since the last checkpoint. Finished runs are not repeated: submit the script again to mend
failures. The report is written with elman-sweep report.`,
		Example: `  elman-sweep slurm cells.toml --time 02:00:00 > cells.sh && sbatch cells.sh
  elman-sweep slurm cells.toml --tasks 50 --sbatch partition=cpu --sbatch account=me | sbatch`,
		Args: exactArgs(1, "a study: a TOML file"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := f.open(c.Context(), args[0])
			if err == nil {
				err = p.check(c.Context())
			}
			if err != nil {
				return err
			}
			if tasks == 0 {
				tasks = len(p.Runs)
			}
			if tasks < 1 || tasks > len(p.Runs) || threads < 1 || most < 0 {
				return usagef("--tasks must be 1 to %d, the number of runs; --threads at least 1; --at-once at least 0", len(p.Runs))
			}
			script, err := p.slurmScript(tasks, most, threads, limit, more)
			fmt.Print(script)
			return err
		},
	}
	f.declare(c)
	fl := c.Flags()
	fl.IntVar(&tasks, "tasks", 0, "tasks that share the runs (default: one for each run; sites allow some 1000)")
	fl.IntVar(&most, "at-once", 0, "most tasks at once (0: as many as Slurm likes)")
	fl.IntVar(&threads, "threads", 1, "threads of each training; does not change the result")
	fl.StringVar(&limit, "time", "", "time limit of a task, such as 02:00:00 (default: the site's)")
	fl.StringArrayVar(&more, "sbatch", nil, "further option of sbatch without its --, such as partition=cpu; may be repeated")
	return c
}

// slurmScript returns the script.
func (p *project) slurmScript(tasks, most, threads int, limit string, more []string) (string, error) {
	own, err := os.Executable()
	if err != nil {
		return "", err
	}
	var paths []string
	for _, path := range []string{own, p.Path, p.folder} {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return "", err
		}
		paths = append(paths, shellQuote(absolute))
	}
	array := fmt.Sprintf("0-%d", tasks-1)
	if most > 0 {
		array += fmt.Sprintf("%%%d", most)
	}
	options := []string{"job-name=" + strings.Join(strings.Fields(p.Name), "-"), "array=" + array, fmt.Sprintf("cpus-per-task=%d", threads), "requeue", "open-mode=append", "signal=B:TERM@60"}
	if limit != "" {
		options = append(options, "time="+limit)
	}
	b := &strings.Builder{}
	fmt.Fprintln(b, "#!/bin/bash")
	for _, o := range append(options, more...) {
		fmt.Fprintf(b, "#SBATCH --%s\n", o)
	}
	fmt.Fprintf(b, `
# A task that is told to end (preemption, a time limit) saves its run within seconds, and is queued again.
%s one %s --out %s --elman %s --index-env SLURM_ARRAY_TASK_ID --tasks %d --threads %d &
trap 'kill -TERM $!' TERM
wait $!
code=$?
[ $code -le 128 ] || { wait $!; code=$?; } # the signal ended the first wait
[ $code -ne 130 ] || exec scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
exit $code
`, paths[0], paths[1], paths[2], shellQuote(p.elman.Path), tasks, threads)
	return b.String(), nil
}
