//go:build !linux

package main

import "os/exec"

// startOn starts a process; n cores are what it may use, and only its threads see to that.
func startOn(cmd *exec.Cmd, n int) error { return cmd.Start() }
