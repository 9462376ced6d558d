package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"unsafe"
)

// A comm is the ranks of an MPI job, for package ranks. A call that fails ends the job, as MPI's own errors do.
type comm struct {
	*mpi
	rankNumber, ranks int

	requests []request
	pinner   runtime.Pinner
}

// A request is a handle of MPI, which has up to eight bytes.
type request [8]byte

// serialized is MPI's name for calls from any thread, one at a time: Go moves goroutines between threads.
const serialized = 2

// most is the most bytes of one message.
const most = 1 << 30

// start joins the job.
func start() (*comm, error) {
	m, err := open()
	if err != nil {
		return nil, err
	}
	var provided, rank, size int32
	if code := m.initThread(0, 0, serialized, &provided); code != 0 {
		return nil, fmt.Errorf("MPI cannot begin (code %d)", code)
	}
	if provided < serialized {
		return nil, errors.New("the MPI library wants all calls from one thread; use one that has MPI_THREAD_SERIALIZED")
	}
	c := &comm{mpi: m}
	c.check("MPI_Comm_rank", m.rank(m.world, &rank))
	c.check("MPI_Comm_size", m.size(m.world, &size))
	for _, name := range []string{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"} {
		if started, err := strconv.Atoi(os.Getenv(name)); err == nil && started > 1 && size == 1 {
			return nil, fmt.Errorf("%d processes were started, but the MPI library sees one: it is not that of this mpirun; name that one in ELMAN_MPI", started)
		}
	}
	c.rankNumber, c.ranks = int(rank), int(size)
	return c, nil
}

func (c *comm) end() { c.check("MPI_Finalize", c.finalize()) }

// abort ends all ranks.
func (c *comm) abort() {
	c.mpi.abort(c.world, 1)
	os.Exit(1)
}

func (c *comm) check(call string, code int32) {
	if code != 0 {
		fmt.Fprintf(os.Stderr, "elman-mpi: rank %d: %s failed (code %d)\n", c.rankNumber, call, code)
		c.abort()
	}
}

func (c *comm) Rank() int { return c.rankNumber }
func (c *comm) Size() int { return c.ranks }

func (c *comm) Broadcast(data []byte) {
	for len(data) > 0 {
		n := min(len(data), most)
		c.check("MPI_Bcast", c.broadcast(unsafe.Pointer(&data[0]), int32(n), c.bytes, 0, c.world))
		data = data[n:]
	}
}

func (c *comm) Exchange(send, receive [][]byte) {
	// What a rank sends itself is copied. MPI may read and write the rest until it says that it is done.
	copy(receive[c.rankNumber], send[c.rankNumber])
	c.requests = c.requests[:0]
	count := func(data []byte) int { return (len(data) + most - 1) / most }
	messages := 0
	for r := range c.ranks {
		if r != c.rankNumber {
			messages += count(send[r]) + count(receive[r])
		}
	}
	if cap(c.requests) < messages {
		c.requests = make([]request, 0, messages)
	}
	begin := func(name string, call func(unsafe.Pointer, int32, uintptr, int32, int32, uintptr, unsafe.Pointer) int32, r int, data []byte) {
		for len(data) > 0 {
			n := min(len(data), most)
			c.pinner.Pin(&data[0])
			c.requests = append(c.requests, request{})
			c.check(name, call(unsafe.Pointer(&data[0]), int32(n), c.bytes, int32(r), 0, c.world, unsafe.Pointer(&c.requests[len(c.requests)-1])))
			data = data[n:]
		}
	}
	for i := 1; i < c.ranks; i++ { // not all to the same rank first
		begin("MPI_Irecv", c.receive, (c.rankNumber+c.ranks-i)%c.ranks, receive[(c.rankNumber+c.ranks-i)%c.ranks])
	}
	for i := 1; i < c.ranks; i++ {
		begin("MPI_Isend", c.send, (c.rankNumber+i)%c.ranks, send[(c.rankNumber+i)%c.ranks])
	}
	for i := range c.requests {
		c.check("MPI_Wait", c.wait(unsafe.Pointer(&c.requests[i]), c.noStatuses))
	}
	c.pinner.Unpin()
}
