package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
	"github.com/seed-f4dd853e/elman/elman-sweep/study"
)

func oneCommand() *cobra.Command {
	f := &openFlags{}
	var variable string
	var index, tasks, threads int
	c := &cobra.Command{
		Use:   "one STUDY.toml",
		Short: "Do one run of a study, as a task of a job array",
		Long: `Do the run with this index, from 0, in the folder of the study, which all tasks share. What an earlier
attempt has trained is used; a finished run is not repeated. With --tasks N the task does the runs
INDEX, INDEX+N, INDEX+2N and so on. Ctrl-C or SIGTERM saves the run; the exit code is then 130.`,
		Example: `  elman-sweep one cells.toml --index-env SLURM_ARRAY_TASK_ID
  elman-sweep one cells.toml --index-env JOB_COMPLETION_INDEX --tasks 50
  elman-sweep one cells.toml --index 17`,
		Args: exactArgs(1, "a study: a TOML file"),
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case threads < 1 || tasks < 0:
				return usagef("--threads must be at least 1, and --tasks at least 0")
			case variable != "" && c.Flags().Changed("index"):
				return usagef("--index and --index-env both say which run; leave out one")
			}
			if variable != "" {
				var err error
				if index, err = strconv.Atoi(os.Getenv(variable)); err != nil {
					return usagef("--index-env %s: the variable is %q, must be the number of a run, from 0", variable, os.Getenv(variable))
				}
			}
			p, err := f.open(c.Context(), args[0])
			if err != nil {
				return err
			}
			if tasks == 0 {
				tasks = len(p.Runs)
			}
			if index < 0 || index >= tasks {
				return usagef("the index is %d, must be 0 to %d", index, tasks-1)
			}
			return p.some(c.Context(), index, tasks, threads)
		},
	}
	f.declare(c)
	c.Flags().StringVar(&variable, "index-env", "", "environment variable that holds the index")
	c.Flags().IntVar(&index, "index", 0, "index of the run, as elman-sweep plan lists them")
	c.Flags().IntVar(&tasks, "tasks", 0, "how many tasks share the runs (default: one for each run)")
	c.Flags().IntVar(&threads, "threads", 1, "threads of a training; does not change the result")
	return c
}

// some does every run whose index leaves the rest index when it is divided by tasks.
func (p *project) some(ctx context.Context, index, tasks, threads int) error {
	r := p.runner(threads)
	r.Fault = func(id, message string) { fmt.Fprintf(os.Stderr, "run %s %s\n", id, message) }
	failed := 0
	for i := index; i < len(p.Runs); i += tasks {
		result, err := p.do(ctx, r, &p.Runs[i])
		if err != nil {
			return err
		}
		if result.Error != "" {
			failed++
			fmt.Fprintf(os.Stderr, "run %s (%s, seed %d): %s\n", result.ID, p.Runs[i].Condition, p.Runs[i].Seed, result.Error)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d runs failed", failed)
	}
	return nil
}

// do does a run in the study's folder, unless it is done.
func (p *project) do(ctx context.Context, r *runner.Runner, run *study.Run) (*runner.Result, error) {
	folder := p.runFolder(run.ID)
	old, err := runner.ReadResult(folder)
	if err != nil {
		return nil, err
	}
	if old.Done(&run.Task) {
		return old, nil
	}
	result, err := r.Run(ctx, &run.Task, folder)
	if err != nil {
		return nil, err
	}
	return result, result.Write(folder)
}
