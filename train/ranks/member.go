package ranks

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/memory"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A job is what rank 0 asks of all.
type job struct {
	Op    op
	Steps int32 // of a window; or bytes of a plan
	Step  uint64
	Scale float32
}

type op int32

const (
	opEnd op = iota
	opPlan
	opGradient
	opReset
	opState
	opSetState
)

// A Plan describes the window of a training, and the program that rank 0 runs.
type Plan struct {
	Network rnn.Config
	Window  rnn.WindowUse // Shards included
	Program string
	Order   uint16 // 1, in the byte order of rank 0
}

// protocol is raised when ranks say other things to each other, or compute other bits.
const protocol = 2

// thisProgram names the version of this program, as far as it was told when it was built.
func thisProgram() string {
	name := fmt.Sprintf("protocol %d", protocol)
	if info, ok := debug.ReadBuildInfo(); ok {
		name += ", version " + info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" || s.Key == "vcs.modified" {
				name += ", " + s.Value
			}
		}
	}
	return name
}

// ownOrder is 1 in the byte order of this processor, as all ranks write it in the same order.
func ownOrder() uint16 {
	var b [2]byte
	binary.NativeEndian.PutUint16(b[:], 1)
	return binary.LittleEndian.Uint16(b[:])
}

// check returns an error if rank 0 is of another version, or another byte order.
func (p Plan) check() error {
	switch own := thisProgram(); {
	case p.Program != own:
		return fmt.Errorf("rank 0 runs another version of the program (%s) than this rank (%s)", p.Program, own)
	case p.Order != ownOrder():
		return errors.New("the processor of rank 0 has another byte order")
	}
	return nil
}

// A member is what a rank has of a training.
type member struct {
	Plan
	comm  Comm
	pool  *f32.Pool
	net   *rnn.Network
	parts []*part  // of this rank
	all   [][]node // of each rank

	size          int       // numbers of the gradient
	values        []float32 // all weights
	out           []float32 // what rank 0 gets of a training step
	send, receive [][]byte
	staged        [][]float32 // for each rank, what it gets of the gradient
	got           [][]float32 // from each rank, its nodes' slices
	tree          tree
}

// A part is the streams of one node, in a window of their own.
type part struct {
	node
	window  *rnn.Window
	streams int
	x, y    []int32
	starts  []bool
}

func newMember(c Comm, pool *f32.Pool, plan Plan, net *rnn.Network) (*member, error) {
	use := plan.Window
	if use.Shards < c.Size() {
		return nil, setting.Errorf("%v is %d, fewer than the %d ranks; start fewer, or choose more", setting.Name("shards"), use.Shards, c.Size())
	}
	m := &member{Plan: plan, comm: c, pool: pool, net: net}
	for r := range c.Size() {
		m.all = append(m.all, nodesOf(shardsOf(r, c.Size(), use.Shards)))
	}
	if err := m.checkMemory(); err != nil {
		return nil, err
	}
	if net == nil {
		var err error
		if m.net, err = rnn.New(plan.Network); err != nil {
			return nil, err
		}
	}
	each := use.B / use.Shards
	for _, n := range m.all[c.Rank()] {
		p := &part{node: n, streams: n.count * each}
		p.window = m.net.NewWindow(use.T, p.streams, pool)
		p.window.Shards, p.window.Place, p.window.Dropout = n.count, rnn.Place{First: n.first * each, Streams: use.B}, use.Dropout
		if use.Starts {
			p.starts = p.window.Starts()
		}
		p.x, p.y = make([]int32, use.T*p.streams), make([]int32, use.T*p.streams)
		m.parts = append(m.parts, p)
	}
	weights := 0
	for _, p := range m.net.Params() {
		weights += p.Len()
		if !p.Frozen {
			m.size += p.Len()
		}
	}
	m.values = make([]float32, weights)
	m.send, m.receive = make([][]byte, c.Size()), make([][]byte, c.Size())
	lo, hi := slice(c.Rank(), c.Size(), m.size)
	for r := range c.Size() {
		from, to := slice(r, c.Size(), m.size)
		m.staged = append(m.staged, make([]float32, len(m.parts)*(to-from)))
		m.got = append(m.got, make([]float32, len(m.all[r])*(hi-lo)))
	}
	m.tree.sums = map[node][]float32{}
	return m, nil
}

// checkMemory returns an error if there is not enough for the windows of this rank, and for what it sends and receives.
func (m *member) checkMemory() error {
	weights := int64(0)
	for _, p := range m.Network.Params() {
		weights += int64(p.Len())
	}
	own := m.all[m.comm.Rank()]
	need := 4 * weights * int64(3*len(own)+4)
	each := m.Window.B / m.Window.Shards
	for _, n := range own {
		use := m.Window
		use.B, use.Shards = n.count*each, n.count
		need += m.Network.WindowMemory(use).Total()
	}
	return memory.Check("a rank's share of this training", need)
}

// exchange sends and receives, and forgets what.
func (m *member) exchange() {
	m.comm.Exchange(m.send, m.receive)
	clear(m.send)
	clear(m.receive)
}

// weights takes in those of rank 0. It sends each of the others a part, which they exchange: so rank 0 sends all weights once, not
// once to each, and can go on.
func (m *member) weights() {
	own, others := m.comm.Rank(), m.comm.Size()-1
	if others == 0 {
		return
	}
	part := func(rank int) []byte {
		lo, hi := slice(rank-1, others, len(m.values))
		return bytesOf(m.values[lo:hi])
	}
	if own == 0 {
		to := m.values
		for _, p := range m.net.Params() {
			to = to[copy(to, p.Value):]
		}
		for r := 1; r <= others; r++ {
			m.send[r] = part(r)
		}
		m.exchange()
		return
	}
	m.receive[0] = part(own)
	m.exchange()
	for r := 1; r <= others; r++ {
		if r != own {
			m.send[r], m.receive[r] = part(own), part(r)
		}
	}
	m.exchange()
	from := m.values
	for _, p := range m.net.Params() {
		from = from[copy(p.Value, from):]
	}
	m.net.Updated()
}

// numbersOf returns how many numbers a rank gets of a window, or returns: two for each row, three where streams restart.
func (m *member) numbersOf(rank, steps int) int {
	n, each := 2, m.Window.B/m.Window.Shards
	if m.Window.Starts {
		n = 3
	}
	lo, hi := shardsOf(rank, m.comm.Size(), m.Window.Shards)
	return n * steps * (hi - lo) * each
}

// take takes in the symbols of the streams of this rank, as rank 0 lays them out.
func (m *member) take(symbols []int32, steps int) {
	next := func(n int) []int32 {
		x := symbols[:n]
		symbols = symbols[n:]
		return x
	}
	for _, p := range m.parts {
		n := steps * p.streams
		copy(p.x, next(n))
		copy(p.y, next(n))
		if m.Window.Starts {
			for i, start := range next(n) {
				p.starts[i] = start != 0
			}
		}
	}
}

// sum computes the gradient of the streams of this rank, and returns the slice of the sum of all that this rank adds, followed by
// the losses of its rows, part after part.
func (m *member) sum(j job) []float32 {
	for i, p := range m.parts {
		n := int(j.Steps) * p.streams
		p.window.Dropout.Step = j.Step
		p.window.Gradient(p.x[:n], p.y[:n], j.Scale, nil)
		m.stage(i)
	}
	m.out = append(m.out[:0], m.add()...)
	for _, p := range m.parts {
		m.out = append(m.out, p.window.Losses()...)
	}
	return m.out
}

// stage puts the gradient of a part, slice by slice, into what each rank gets.
func (m *member) stage(part int) {
	rank, at := 0, 0
	for _, p := range m.net.Params() {
		if p.Frozen {
			continue
		}
		for g := p.Grad; len(g) > 0; {
			lo, hi := slice(rank, m.comm.Size(), m.size)
			if at == hi {
				rank++
				continue
			}
			n := copy(m.staged[rank][part*(hi-lo):][at-lo:hi-lo], g)
			at, g = at+n, g[n:]
		}
	}
}

// add exchanges slices and adds them.
func (m *member) add() []float32 {
	size := m.comm.Size()
	for r := range size {
		m.send[r], m.receive[r] = bytesOf(m.staged[r]), bytesOf(m.got[r])
	}
	m.exchange()
	lo, hi := slice(m.comm.Rank(), size, m.size)
	for r, nodes := range m.all {
		for i, n := range nodes {
			m.tree.sums[n] = m.got[r][i*(hi-lo):][:hi-lo]
		}
	}
	return m.tree.sum(node{0, m.Window.Shards})
}

// state returns that of the streams of this rank, stream after stream.
func (m *member) state() (all []float32) {
	for _, p := range m.parts {
		n := p.window.StateLen() / p.streams
		for b := range p.streams {
			all = append(all, make([]float32, n)...)
			p.window.StreamState(b, all[len(all)-n:])
		}
	}
	return all
}

func (m *member) setState(all []float32) {
	for _, p := range m.parts {
		n := p.window.StateLen() / p.streams
		for b := range p.streams {
			p.window.SetStreamState(b, all[:n])
			all = all[n:]
		}
	}
}

// stateLen returns the length of the state of the streams of a rank.
func (m *member) stateLen(rank int) int {
	p := m.parts[0]
	lo, hi := shardsOf(rank, m.comm.Size(), m.Window.Shards)
	return (hi - lo) * m.Window.B / m.Window.Shards * (p.window.StateLen() / p.streams)
}

// Serve does what rank 0 asks until it ends (End), with as many workers as rank 0 has, at most one for each processor. It is what ranks above 0 do.
func Serve(c Comm) error {
	var m *member
	var pool *f32.Pool
	defer func() { pool.Close() }()
	for {
		j := tell(c, job{})
		switch j.Op {
		case opEnd:
			return nil
		case opPlan:
			text := make([]byte, j.Steps)
			c.Broadcast(text)
			var plan Plan
			d := json.NewDecoder(bytes.NewReader(text))
			d.DisallowUnknownFields()
			err := d.Decode(&plan)
			if err == nil {
				err = plan.check()
			}
			if err == nil {
				m = nil // its memory is free
				pool.Close()
				pool = f32.NewPool(min(plan.Window.Workers, runtime.NumCPU()))
				m, err = newMember(c, pool, plan, nil)
			}
			if err != nil {
				return err
			}
		case opGradient:
			m.weights()
			symbols := make([]int32, m.numbersOf(c.Rank(), int(j.Steps)))
			m.receive[0] = bytesOf(symbols)
			m.exchange()
			m.take(symbols, int(j.Steps))
			m.answer(m.sum(j))
		case opReset:
			for _, p := range m.parts {
				p.window.Reset()
			}
		case opState:
			m.answer(m.state())
		case opSetState:
			state := make([]float32, m.stateLen(c.Rank()))
			m.receive[0] = bytesOf(state)
			m.exchange()
			m.setState(state)
		default:
			return fmt.Errorf("rank 0 asks for job %d; is it another version of the program?", j.Op)
		}
	}
}

// answer sends numbers to rank 0.
func (m *member) answer(x []float32) {
	m.send[0] = bytesOf(x)
	m.exchange()
}

// tell broadcasts rank 0's job, and returns it.
func tell(c Comm, j job) job {
	data := make([]byte, binary.Size(j))
	binary.Encode(data, binary.LittleEndian, j) // a struct of fixed size fits
	c.Broadcast(data)
	binary.Decode(data, binary.LittleEndian, &j)
	return j
}
