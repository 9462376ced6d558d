module github.com/seed-f4dd853e/elman/elman-sweep

go 1.26.0

require (
	github.com/google/go-cmp v0.6.0
	github.com/pelletier/go-toml/v2 v2.4.3
	github.com/seed-f4dd853e/elman v0.0.0
	github.com/spf13/cobra v1.10.2
	golang.org/x/sync v0.24.0
)

require (
	github.com/gofrs/flock v0.13.1 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/spf13/pflag v1.0.9 // indirect
	golang.org/x/sys v0.50.0 // indirect
)

replace github.com/seed-f4dd853e/elman => ../
