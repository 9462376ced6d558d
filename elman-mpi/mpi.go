package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library names the shared libraries that are tried, Open MPI's and those with MPICH's binary interface (MPICH, Intel MPI, MVAPICH).
var library = []string{"libmpi.so.40", "libmpi.so", "libmpich.so.12", "libmpi.so.12"}

// An mpi is the functions of an MPI library, and its handles, which differ between the two binary interfaces: in Open MPI they are
// addresses, in MPICH numbers.
type mpi struct {
	world, bytes uintptr
	noStatuses   uintptr

	initThread func(argc, argv uintptr, required int32, provided *int32) int32
	finalize   func() int32
	abort      func(comm uintptr, code int32) int32
	rank, size func(comm uintptr, n *int32) int32
	broadcast  func(data unsafe.Pointer, n int32, kind uintptr, root int32, comm uintptr) int32
	send       func(data unsafe.Pointer, n int32, kind uintptr, to, tag int32, comm uintptr, request unsafe.Pointer) int32
	receive    func(data unsafe.Pointer, n int32, kind uintptr, from, tag int32, comm uintptr, request unsafe.Pointer) int32
	wait       func(request unsafe.Pointer, status uintptr) int32
}

// open opens the first library that is there, or the one that ELMAN_MPI names.
func open() (*mpi, error) {
	names := library
	if name := os.Getenv("ELMAN_MPI"); name != "" {
		names = []string{name}
	}
	var lib uintptr
	var missing error
	for _, name := range names {
		handle, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_GLOBAL)
		if err == nil {
			lib = handle
			break
		}
		missing = errors.Join(missing, err)
	}
	if lib == 0 {
		return nil, fmt.Errorf("no MPI library was found; install Open MPI or MPICH, or name the library in ELMAN_MPI: %s", strings.ReplaceAll(missing.Error(), "\n", "; "))
	}
	// MPICH's constants, of mpi.h.
	m := &mpi{world: 0x44000000, bytes: 0x4c00010d, noStatuses: 1}
	if world, err := purego.Dlsym(lib, "ompi_mpi_comm_world"); err == nil {
		m.world, m.noStatuses = world, 0
		if m.bytes, err = purego.Dlsym(lib, "ompi_mpi_byte"); err != nil {
			return nil, err
		}
	}
	for name, f := range map[string]any{
		"MPI_Init_thread": &m.initThread, "MPI_Finalize": &m.finalize, "MPI_Abort": &m.abort, "MPI_Comm_rank": &m.rank, "MPI_Comm_size": &m.size,
		"MPI_Bcast": &m.broadcast, "MPI_Isend": &m.send, "MPI_Irecv": &m.receive, "MPI_Wait": &m.wait,
	} {
		symbol, err := purego.Dlsym(lib, name)
		if err != nil {
			return nil, fmt.Errorf("the MPI library has no %s: %w", name, err)
		}
		purego.RegisterFunc(f, symbol)
	}
	return m, nil
}
