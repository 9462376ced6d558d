package main

import "fmt"

func (p *project) conclude() error { fmt.Println("done"); return nil }
